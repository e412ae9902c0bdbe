import type { AuthorityChange } from '../../model/authority.ts';
import type { Chain } from '../../model/chain.ts';
import { addressOfHex, addressOfWord, ZERO_ADDRESS_HEX } from './address.ts';
import { trc20 } from './asset.ts';
import { type Leg, LOG_LEG } from './leg.ts';
import type { LogAnswer } from './schema.ts';

/** Keccak-256 of the events' signatures: Transfer(address,address,uint256) and so on. */
const TRANSFER = 'ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';
const APPROVAL = '8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925';
const APPROVAL_FOR_ALL = '17307eab39ab6107e8899845ad3d59bd9653f200f220920489ca2b5937696c31';
const OWNERSHIP_TRANSFERRED = '8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0';

export interface LogMoves {
  readonly legs: readonly Leg[];
  /** Transfer events of another form than TRC-20's: too few topics, or a single thing (TRC-721). */
  readonly unread: number;
}

/** TRC-20 transfers in the order of the logs. From the zero address: `mint`. */
export function tokenLegs(chain: Chain, logs: readonly LogAnswer[]): LogMoves {
  const legs: Leg[] = [];
  let unread = 0;
  logs.forEach((log, i) => {
    if (log.topics[0] !== TRANSFER) return;
    const event = transferOf(log);
    if (event === null) unread++;
    else if (event.amount > 0n) {
      const minted = event.from === addressOfHex(ZERO_ADDRESS_HEX);
      const ends = minted
        ? ({ kind: 'mint', from: null, to: event.to } as const)
        : ({ kind: 'token', from: event.from, to: event.to } as const);
      legs.push({ leg: LOG_LEG + i, ...ends, asset: trc20(chain, event.contract), amount: event.amount });
    }
  });
  return { legs, unread };
}

export interface TransferEvent {
  readonly contract: string;
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
}

/** null where the log is no Transfer of TRC-20's form: two indexed addresses, one number. */
export function transferOf({ address, topics, data }: LogAnswer): TransferEvent | null {
  const contract = contractOf(address);
  const from = addressOfWord(topics[1] ?? '');
  const to = addressOfWord(topics[2] ?? '');
  if (topics[0] !== TRANSFER || topics.length !== 3 || data.length !== 64) return null;
  if (contract === null || from === null || to === null) return null;
  return { contract, from, to, amount: BigInt(`0x${data}`) };
}

/** A log's address has 20 bytes; some gateways write 21. */
function contractOf(address: string): string | null {
  return addressOfHex(address.length === 40 ? `41${address}` : address);
}

interface SignalPlace {
  readonly chain: Chain;
  readonly tx: string;
  readonly txIndex: number;
  readonly sender: string;
  /** Logs of the block before this transaction's. */
  readonly logsBefore: number;
}

/** Approvals and changes of owner. Logs of another form are none. */
export function logSignals(place: SignalPlace, logs: readonly LogAnswer[]): readonly AuthorityChange[] {
  const { tx, txIndex, sender } = place;
  return logs.flatMap((log, i) => {
    const right = rightOf(place.chain, log);
    return right === null ? [] : [{ ...right, tx, txIndex, sender, logIndex: place.logsBefore + i }];
  });
}

type Right = Pick<AuthorityChange, 'kind' | 'account' | 'grantee' | 'asset' | 'amount'>;

function rightOf(chain: Chain, { address, topics, data }: LogAnswer): Right | null {
  const contract = contractOf(address);
  const first = addressOfWord(topics[1] ?? '');
  const second = addressOfWord(topics[2] ?? '');
  if (contract === null || first === null || second === null || topics.length !== 3) return null;
  if (topics[0] === OWNERSHIP_TRANSFERRED) {
    return { kind: 'ownershipTransferred', account: contract, grantee: second, asset: null, amount: null };
  }
  if (data.length !== 64) return null;
  const granted = { account: first, grantee: second, asset: trc20(chain, contract), amount: BigInt(`0x${data}`) };
  if (topics[0] === APPROVAL) return { kind: 'approval', ...granted };
  return topics[0] === APPROVAL_FOR_ALL ? { kind: 'approvalForAll', ...granted } : null;
}
