import type { AuthorityChange } from '../../model/authority.ts';
import type { Chain } from '../../model/chain.ts';
import type { Transfer } from '../../model/transfer.ts';
import type { AccountBlock } from '../chain-source.ts';
import type { Named } from '../net/fault.ts';
import { addressOfHex } from './address.ts';
import { headerBytes, hexBytes, leafHash, merkleRoot } from './block-id.ts';
import { confirmer } from './confirm.ts';
import { CONTRACTS } from './contract.ts';
import { lie, malformed } from './fault.ts';
import { checkHeader } from './header.ts';
import { matchInfos } from './info.ts';
import { internalLegs } from './internal.ts';
import { type Leg, toTransfer } from './leg.ts';
import { logSignals, tokenLegs } from './log.ts';
import { contractLegs, feeLegs, namesToken } from './movement.ts';
import { partiesOf } from './parties.ts';
import { permissionSignals } from './permission.ts';
import { ProtoFault } from './protobuf.ts';
import type { BlockAnswer, InfoAnswer } from './schema.ts';
import { signerOf } from './signature.ts';
import { tokenCall } from './token-call.ts';
import { readTransaction, type TronTransaction } from './transaction.ts';

export interface BlockContext {
  readonly endpoint: Named;
  readonly chain: Chain;
  /** Whether the endpoint is known to keep moves inside contracts at this height. */
  readonly keepsInternal: (block: bigint) => boolean;
}

/** One transaction with its record. */
interface Executed {
  readonly tx: TronTransaction;
  readonly info: InfoAnswer | null;
}

/** A block with everything about it that can be checked checked. Throws E_SOURCE_LIES and E_SOURCE_ANSWER. */
export function readBlock(
  context: BlockContext,
  number: bigint,
  answer: BlockAnswer,
  infos: readonly InfoAnswer[],
): AccountBlock {
  const { endpoint } = context;
  const ref = checkHeader(endpoint, number, answer);
  const transactions = answer.transactions.map((transaction, i) => readTransaction(endpoint, number, transaction, i));
  if (merkleRoot(transactions.map(leafHash)) !== rootOf(answer)) {
    throw lie(endpoint, 'the transactions do not hash to the root in the header', number, 'txTrieRoot');
  }
  const witness = witnessNote(endpoint, number, answer);
  const { timestamp } = answer.block_header.raw_data;
  const records = matchInfos(endpoint, { number, timestamp }, transactions, infos);
  const executed = transactions.map((tx, i) => ({ tx, info: records[i] ?? null }));
  const moved = readMovements(context, { number, time: ref.time }, executed);
  const unchecked = [...witness, ...moved.unchecked, ...permissionNote(transactions)];
  return {
    ref,
    transfers: moved.transfers,
    signals: moved.signals,
    internalMoves: moved.internalMoves,
    parties: partiesOf(executed),
    confirm: confirmer(endpoint, number, transactions, unchecked),
    unchecked,
  };
}

/** Where nothing is in a block the root may be left out. */
function rootOf({ block_header: { raw_data: raw } }: BlockAnswer): string {
  return raw.txTrieRoot === '' ? '0'.repeat(64) : raw.txTrieRoot;
}

/** The witness may sign with a key of its own, which only state could tell: then the signature proves nothing, and that is said. */
function witnessNote(endpoint: Named, number: bigint, { block_header: header }: BlockAnswer): readonly string[] {
  if (number === 0n) return [];
  const signer = signerOf(headerBytes(header), hexBytes(header.witness_signature));
  if (signer === null) throw lie(endpoint, 'a block is signed by no key', number, 'witness_signature');
  if (signer === addressOfHex(header.raw_data.witness_address)) return [];
  return ['the block is signed by another key than its witness’s own, which may have been given that right'];
}

interface Movements {
  readonly transfers: readonly Transfer[];
  readonly signals: readonly AuthorityChange[];
  readonly internalMoves: 'traced' | 'unseen';
  readonly unchecked: readonly string[];
}

function readMovements(
  context: BlockContext,
  { number, time }: { readonly number: bigint; readonly time: number },
  executed: readonly Executed[],
): Movements {
  const { chain, endpoint } = context;
  const transfers: Transfer[] = [];
  const signals: AuthorityChange[] = [];
  const gaps = new Gaps();
  let logsBefore = 0;
  for (const { tx, info } of executed) {
    const place = { chain, block: number, time, tx: tx.id, txIndex: tx.index };
    const own = ownMoves(context, number, tx, info);
    const inside = internalLegs(chain, tx.succeeded ? (info?.internal_transactions ?? []) : []);
    const logs = tx.succeeded ? (info?.log ?? []) : [];
    const tokens = tokenLegs(chain, logs);
    transfers.push(...[...own.legs, ...inside.legs, ...tokens.legs].map((leg) => toTransfer(place, leg)));
    if (tx.owner !== null) {
      const from = { chain, tx: tx.id, txIndex: tx.index, sender: tx.owner, logsBefore };
      signals.push(...own.signals, ...logSignals(from, logs));
    }
    const call = tokenCall(chain, tx, logs);
    if (call === 'differs')
      throw lie(endpoint, 'a token transfer that was signed is not what its logs say', number, 'log', tx.id);
    gaps.note(tx, { unknown: inside.unknown, unread: tokens.unread, absent: call === 'absent' });
    logsBefore += info?.log.length ?? 0;
  }
  const traced = tracesSeen(context, number, executed);
  return { transfers, signals, internalMoves: traced ? 'traced' : 'unseen', unchecked: gaps.notes(executed, traced) };
}

interface OwnMoves {
  readonly legs: readonly Leg[];
  readonly signals: readonly AuthorityChange[];
}

/** Fee and contract. What no node accepts (an amount below zero, an end that is no address) is refused, for it cannot be in a block. */
function ownMoves(
  { chain, endpoint }: BlockContext,
  number: bigint,
  tx: TronTransaction,
  info: InfoAnswer | null,
): OwnMoves {
  try {
    const all = [...feeLegs(chain, tx, info), ...contractLegs(chain, tx, info)];
    // The genesis block gives one account less than nothing, so that what is burnt there can be counted: that moves nothing.
    if (number === 0n) return { legs: all.filter(({ amount }) => amount > 0n), signals: [] };
    if (!all.every(isSound)) throw new ProtoFault('it moves less than nothing, or from or to no address');
    return { legs: all, signals: permissionSignals(tx) };
  } catch (error) {
    if (!(error instanceof ProtoFault)) throw error;
    throw malformed(endpoint, `a contract cannot be read: ${error.message}`, number, 'raw_data_hex', tx.id);
  }
}

function isSound({ kind, from, to, amount }: Leg): boolean {
  const paid = kind === 'transfer' || kind === 'internal';
  return amount > 0n && (paid ? from !== null && to !== null : from !== null || to !== null);
}

/** Nodes keep moves inside contracts only when told to, and do not say whether they do. */
function tracesSeen({ keepsInternal }: BlockContext, number: bigint, executed: readonly Executed[]): boolean {
  if (executed.some(({ info }) => (info?.internal_transactions.length ?? 0) > 0)) return true;
  return !executed.some(({ tx }) => tx.succeeded && CONTRACTS[tx.type]?.runsCode === true) || keepsInternal(number);
}

/** Gathers what of a block's movements could not be read or checked. Without counts, so that a thousand blocks say it once. */
class Gaps {
  readonly #said = new Set<string>();

  note(tx: TronTransaction, at: { readonly unknown: number; readonly unread: number; readonly absent: boolean }): void {
    const type = CONTRACTS[tx.type];
    const unseen = type === undefined ? `what contracts of the unknown type ${tx.type} move` : type.unseen;
    if (tx.succeeded && unseen !== undefined) this.#said.add(`only state tells: ${unseen}`);
    if (tx.succeeded && namesToken(tx))
      this.#said.add('TRC-10 tokens are named by a word, from before they had numbers');
    if (at.unknown > 0) this.#said.add('entries inside contracts of an unknown kind are left out');
    if (at.unread > 0) this.#said.add('Transfer logs of another form than TRC-20 are left out');
    if (at.absent) this.#said.add('token transfers were called with success of which no log tells');
  }

  notes(executed: readonly Executed[], traced: boolean): readonly string[] {
    const recorded = executed.some(({ info }) => info !== null);
    return [
      ...(recorded ? ['logs, fees and moves inside contracts: a TRON block commits to none of them'] : []),
      ...(traced ? [] : ['moves inside contracts: the endpoint has shown none so far, and may keep none']),
      ...this.#said,
    ];
  }
}

function permissionNote(transactions: readonly TronTransaction[]): readonly string[] {
  const shared = transactions.some((tx) => tx.permissionId !== 0 || tx.signatures.length > 1);
  return shared ? ['transactions signed under a permission or by several keys, whose right only state tells'] : [];
}
