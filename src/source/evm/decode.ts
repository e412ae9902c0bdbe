import { assert } from '../../base/assert.ts';
import { nativeAsset } from '../../model/asset.ts';
import type { ChainId } from '../../model/chain.ts';
import type { Transfer } from '../../model/transfer.ts';
import type { AccountBlock } from '../chain-source.ts';
import { ROOT_LEG } from '../file/layout.ts';
import { type Draft, newDraft, pushRow } from './decode-draft.ts';
import { FeeIncome, pushDeposit, pushFees, pushL1Fee } from './decode-fees.ts';
import { pushInternal } from './decode-internal.ts';
import { pushLogs } from './decode-logs.ts';
import { pushRewards, pushWithdrawals } from './decode-outside.ts';
import { partiesOf } from './decode-parties.ts';
import type { RawBundle, RawTransaction } from './raw.ts';
import { bigOf } from './raw-field.ts';
import type { RawReceipt } from './raw-receipt.ts';
import { decodeSignals } from './signals.ts';
import { recoverSender } from './transaction.ts';
import { chainShape, isForeign } from './verify-chains.ts';
import { lie } from './verify-lie.ts';
import { baseFeeOf } from './verify-price.ts';
import { seesAllNative, uncheckedOf } from './verify-unchecked.ts';

/**
 * Movements and changes of authority of one block that was checked (verify.ts). Legs inside a transaction are those of file imports
 * (source/file/layout.ts): burn 0, tip 1, the transaction's value 2, calls after it in the order they began, the fee for data of the
 * parent chain just before 1,000,000, logs at 1,000,000 plus their index in the block, ERC-1155 from 1,000,000,000. What belongs to
 * no transaction has `tx` null: fee income of the block's maker (decode-fees.ts), rewards and withdrawals (decode-outside.ts).
 * Native movements of nothing are left out; a token's log of nothing is kept, as it was logged.
 */
export function decodeBlock(raw: RawBundle, chain: ChainId): AccountBlock {
  const { block, receipts, traces } = raw;
  const draft = newDraft(block, chain, nativeAsset(chain).id);
  const income = new FeeIncome(raw, draft, chainShape(chain));
  const base = baseFeeOf(block);
  for (let index = 0; index < block.transactions.length; index += 1) {
    const tx = block.transactions[index]!;
    const receipt = receipts[index]!;
    income.before(tx, index);
    draft.tx = tx.hash;
    draft.txIndex = index;
    if (tx.deposit === null) pushFees(draft, income, base, tx, receipt);
    else pushDeposit(draft, tx);
    const frames = traces?.transactions[index];
    const failed = receipt.status === null ? (frames?.[0]?.failed ?? false) : receipt.status === 0;
    if (!failed) {
      pushValue(draft, tx, receipt);
      if (frames !== undefined) pushInternal(draft, block, frames);
    }
    if (tx.deposit === null) pushL1Fee(draft, income, receipt);
    if (receipt.logs.length > 0) pushLogs(draft, receipt.logs);
  }
  pushRewards(draft, traces?.rewards ?? []);
  income.finish();
  pushWithdrawals(draft, block);
  return finished(raw, chain, draft.rows, draft.oddLogs);
}

/** The transaction's own value; a creation pays the new contract. */
function pushValue(draft: Draft, tx: RawTransaction, receipt: RawReceipt): void {
  if (tx.value === '0x0') return;
  pushRow(draft, ROOT_LEG, 'transfer', tx.from, tx.to ?? receipt.contractAddress, draft.native, bigOf(tx.value));
}

function finished(raw: RawBundle, chain: ChainId, transfers: readonly Transfer[], oddLogs: number): AccountBlock {
  const { block } = raw;
  const odd = oddLogs === 0 ? [] : [`${oddLogs} logs named as transfers that are not of a transfer’s form`];
  return {
    ref: { number: block.number, hash: block.hash, parent: block.parentHash, time: block.time },
    transfers,
    signals: decodeSignals(raw, chain),
    internalMoves: seesAllNative(raw, chain) ? 'traced' : 'unseen',
    parties: (tx) => partiesOf(raw, tx),
    confirm: (txs) => confirm(raw, chain, txs),
    unchecked: [...uncheckedOf(raw, chain), ...odd],
  };
}

/** Throws E_SOURCE_LIES, field `from`, where a sender's key did not sign. */
function confirm({ block }: RawBundle, chain: ChainId, txs: ReadonlySet<string>): void {
  const shape = chainShape(chain);
  let met = 0;
  for (const tx of block.transactions) {
    if (!txs.has(tx.hash)) continue;
    met += 1;
    // A deposit's sender is covered by its hash; what is foreign is named in `unchecked`.
    if (tx.deposit !== null || isForeign(tx, shape)) continue;
    if (recoverSender(tx, block.number) !== tx.from)
      throw lie(block, 'from', 'a transaction was not signed by its sender', tx.hash);
  }
  assert(met === txs.size, 'only transactions of the block can be confirmed');
}
