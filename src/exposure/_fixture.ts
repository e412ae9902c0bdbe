import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import { NO_CATEGORY } from './categories.ts';

export const CHAIN = 'eip155:1';
export const ETH = 'eip155:1/slip44:60';
export const USDC = 'eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48';
export const BITCOIN = 'bip122:000000000019d6689c085ae165831e93';

/** A movement as tests write it: `from` or `to` null for outside. Each is a transaction of its own unless `tx` says otherwise. */
export interface Move {
  readonly from: string | null;
  readonly to: string | null;
  readonly amount: bigint;
  readonly asset?: string;
  readonly tx?: string;
  readonly time?: number;
  readonly fee?: boolean;
}

export function transfersOf(moves: readonly Move[]): Transfer[] {
  return moves.map(({ from, to, amount, asset = ETH, tx, time, fee = false }, row) => ({
    chain: CHAIN,
    time: time ?? 1_600_000_000 + row,
    block: null,
    txIndex: 0,
    leg: row,
    tx: tx ?? `0x${row}`,
    kind: fee ? 'gas' : 'transfer',
    from,
    to: fee ? null : to,
    asset,
    amount,
    rounded: false,
    source: { batch: 0, file: 0, row },
  }));
}

/** A transaction as tests write it: inputs name outputs as tx:index. */
export interface Payment {
  readonly id: string;
  readonly spends: readonly string[];
  readonly pays: readonly { readonly to: string; readonly value: bigint }[];
}

export function utxoOf(payments: readonly Payment[]): UtxoTransaction[] {
  const made = new Map<string, { address: string; value: bigint }>();
  return payments.map(({ id, spends, pays }, at) => {
    pays.forEach(({ to, value }, index) => {
      made.set(`${id}:${index}`, { address: to, value });
    });
    return {
      chain: BITCOIN,
      tx: id,
      time: 1_600_000_000 + 600 * at,
      block: null,
      txIndex: 0,
      inputs: spends.map((outpoint) => {
        const [tx = '', index = '0'] = outpoint.split(':');
        return { outpoint: { tx, index: Number(index) }, ...made.get(outpoint)! };
      }),
      outputs: pays.map(({ to, value }) => ({ value, address: to })),
      source: { batch: 0, file: 0, row: at },
    };
  });
}

export interface Book {
  readonly size: number;
  text(id: number): string;
}

/** By address id, from categories by address. */
export function lanesOf(book: Book, categories: Readonly<Record<string, number>>): Uint8Array {
  return Uint8Array.from({ length: book.size }, (_, id) => categories[book.text(id)] ?? NO_CATEGORY);
}
