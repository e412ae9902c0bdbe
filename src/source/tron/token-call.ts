import type { Chain } from '../../model/chain.ts';
import { addressOfHex, addressOfWord } from './address.ts';
import { FIELDS, TYPE } from './contract.ts';
import { transferOf } from './log.ts';
import type { LogAnswer } from './schema.ts';
import type { TronTransaction } from './transaction.ts';

/** transfer(address,uint256) and transferFrom(address,address,uint256). */
const TRANSFER_CALL = 'a9059cbb';
const TRANSFER_FROM_CALL = '23b872dd';

/** Tether's contract on the main network, whose code is known: the logs of a transfer sum to what the call asks for. */
const EXACT = new Set(['tron:0x2b6653dc/TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t']);

/**
 * A block commits to no logs, but a caller's signed bytes say what a plain token transfer must have moved. `shown`: its logs fit, or
 * the token keeps part of it; `absent`: no log of the token pays from that account; `differs`: a token whose code is known logs
 * another sum, so that logs were left out or changed. null where the call is no token transfer, moves nothing, or failed.
 */
export function tokenCall(
  chain: Chain,
  tx: TronTransaction,
  logs: readonly LogAnswer[],
): 'shown' | 'absent' | 'differs' | null {
  const asked = tx.succeeded && tx.type === TYPE.trigger ? askedOf(tx) : null;
  if (asked === null || asked.amount === 0n) return null;
  const paid = logs.flatMap((log) => {
    const event = transferOf(log);
    return event !== null && event.contract === asked.contract && event.from === asked.from ? [event.amount] : [];
  });
  const sum = paid.reduce((total, amount) => total + amount, 0n);
  if (EXACT.has(`${chain.id}/${asked.contract}`)) return sum === asked.amount ? 'shown' : 'differs';
  return paid.length === 0 ? 'absent' : 'shown';
}

interface Asked {
  readonly contract: string;
  readonly from: string;
  readonly amount: bigint;
}

function askedOf(tx: TronTransaction): Asked | null {
  const fields = FIELDS[TYPE.trigger]!;
  const contract = addressOfHex(tx.value.hex(fields.contract_address!));
  const data = tx.value.hex(fields.data!);
  const word = (i: number): string => data.slice(8 + 64 * i, 72 + 64 * i);
  const pulled = data.startsWith(TRANSFER_FROM_CALL);
  if (contract === null || !(pulled || data.startsWith(TRANSFER_CALL))) return null;
  const from = pulled ? addressOfWord(word(0)) : tx.owner;
  const amount = word(pulled ? 2 : 1);
  return from === null || amount.length !== 64 ? null : { contract, from, amount: BigInt(`0x${amount}`) };
}
