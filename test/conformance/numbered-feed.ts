import type { ChainId } from '../../src/model/chain.ts';
import type { NumberedChunk, NumberedQuery, NumberedUtxoChunk } from '../../src/store/numbered.ts';
import type { Store } from '../../src/store/port.ts';

const FEE = 0xffff_fffe;

/** A row of numbers with the names put back; the transaction as which of those met so far it is. */
export interface NamedRow {
  readonly from: string | null;
  readonly to: string | null;
  readonly fee: boolean;
  readonly asset: string;
  readonly amount: bigint;
  readonly time: number;
  readonly block: number;
  readonly tx: number | null;
}

export interface NamedEnd {
  readonly begins: boolean;
  readonly spends: boolean;
  readonly owner: string;
  readonly value: bigint;
  readonly time: number;
  readonly block: number;
  readonly tx: number;
  readonly outpoint: number;
}

/** All address texts, whichever of its two forms the store gives them in. */
export async function addressesOf(store: Store, chain: ChainId, from = 0): Promise<string[]> {
  const texts: string[] = [];
  for await (const chunk of store.addressTexts(chain, from)) {
    if (!('bytes' in chunk)) {
      texts.push(...chunk);
      continue;
    }
    const bytes = Buffer.from(chunk.bytes);
    for (let index = 0; index < chunk.count; index += 1) {
      texts.push(bytes.toString('utf8', chunk.starts[index]!, chunk.starts[index + 1]!));
    }
  }
  return texts;
}

/** Numbers prints in the order in which they are met; 0 is none. */
class Turns {
  private readonly met = new Map<bigint, number>();

  of(print: bigint): number {
    if (!this.met.has(print)) this.met.set(print, this.met.size);
    return this.met.get(print)!;
  }
}

export async function namedRows(store: Store, query: NumberedQuery): Promise<NamedRow[]> {
  const names = { addresses: await addressesOf(store, query.chain), assets: await store.numberedAssets(query.chain) };
  const turns = new Turns();
  const rows: NamedRow[] = [];
  for await (const chunk of store.numberedTransfers(query)) {
    for (let row = 0; row < chunk.count; row += 1) rows.push(namedRow(chunk, row, names, turns));
  }
  return rows;
}

function namedRow(
  chunk: NumberedChunk,
  row: number,
  names: { readonly addresses: readonly string[]; readonly assets: readonly string[] },
  turns: Turns,
): NamedRow {
  const name = (id: number): string | null => (id >= FEE ? null : names.addresses[id]!);
  const large = chunk.large.find((item) => item.row === row);
  const plain = chunk.low[row]! + (chunk.high[row]! << 64n);
  return {
    from: name(chunk.from[row]!),
    to: name(chunk.to[row]!),
    fee: chunk.to[row] === FEE,
    asset: names.assets[chunk.asset[row]!]!,
    amount: large?.amount ?? plain,
    time: chunk.time[row]!,
    block: chunk.block[row]!,
    tx: chunk.tx[row] === 0n ? null : turns.of(chunk.tx[row]!),
  };
}

export async function namedEnds(store: Store, query: NumberedQuery): Promise<NamedEnd[]> {
  const addresses = await addressesOf(store, query.chain);
  const txs = new Turns();
  const outpoints = new Turns();
  const rows: NamedEnd[] = [];
  for await (const chunk of store.numberedUtxo(query)) {
    for (let row = 0; row < chunk.count; row += 1) rows.push(namedEnd(chunk, row, addresses, txs, outpoints));
  }
  return rows;
}

function namedEnd(
  chunk: NumberedUtxoChunk,
  row: number,
  addresses: readonly string[],
  txs: Turns,
  outpoints: Turns,
): NamedEnd {
  return {
    begins: chunk.begins[row] === 1,
    spends: chunk.spends[row] === 1,
    owner: addresses[chunk.owner[row]!]!,
    value: chunk.value[row]!,
    time: chunk.time[row]!,
    block: chunk.block[row]!,
    tx: txs.of(chunk.tx[row]!),
    outpoint: outpoints.of(chunk.outpoint[row]!),
  };
}
