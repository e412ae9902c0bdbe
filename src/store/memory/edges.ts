import { FEE_KINDS, type Transfer, type UtxoTransaction } from '../../model/transfer.ts';
import type { EdgeChunk, EdgeQuery, UtxoEdgeChunk } from '../port.ts';
import type { Fingerprints } from './fingerprint.ts';

const CHUNK_ROWS = 4096;
const LOW_BITS = 2n ** 64n - 1n;
const LARGEST = 2n ** 128n - 1n;

export function inRange(time: number, query: EdgeQuery): boolean {
  return time >= query.from && (query.until === null || time <= query.until);
}

export function* edgeChunks(rows: readonly Transfer[], query: EdgeQuery, prints: Fingerprints): Generator<EdgeChunk> {
  const moved = rows.filter((row) => row.amount > 0n && !FEE_KINDS.has(row.kind) && inRange(row.time, query));
  for (let start = 0; start < moved.length; start += CHUNK_ROWS) {
    yield edgeChunk(moved.slice(start, start + CHUNK_ROWS), prints);
  }
}

function edgeChunk(rows: readonly Transfer[], prints: Fingerprints): EdgeChunk {
  const owner = (row: Transfer, address: string | null): bigint =>
    address === null ? 0n : prints.of(row.chain, address);
  const place = (row: Transfer, address: string | null): bigint =>
    address === null ? 0n : prints.of(row.chain, address, row.asset);
  const amount = (row: Transfer): bigint => (row.amount > LARGEST ? LARGEST : row.amount);
  const column = (value: (row: Transfer) => bigint): BigUint64Array => BigUint64Array.from(rows, value);
  return {
    count: rows.length,
    tx: column((row) => (row.tx === null ? 0n : prints.of('tx', row.chain, row.tx))),
    from: column((row) => place(row, row.from)),
    to: column((row) => place(row, row.to)),
    fromOwner: column((row) => owner(row, row.from)),
    toOwner: column((row) => owner(row, row.to)),
    asset: column((row) => prints.of(row.asset)),
    time: Float64Array.from(rows, (row) => row.time),
    amountLow: column((row) => amount(row) & LOW_BITS),
    amountHigh: column((row) => amount(row) >> 64n),
  };
}

interface End {
  readonly tx: bigint;
  readonly outpoint: bigint;
  readonly spends: 0 | 1;
  readonly time: number;
  readonly owner: bigint;
}

export function* utxoEdgeChunks(
  rows: readonly UtxoTransaction[],
  query: EdgeQuery,
  prints: Fingerprints,
): Generator<UtxoEdgeChunk> {
  const ends = rows.filter((tx) => inRange(tx.time, query)).flatMap((tx) => endsOf(tx, prints));
  for (let start = 0; start < ends.length; start += CHUNK_ROWS) {
    const part = ends.slice(start, start + CHUNK_ROWS);
    yield {
      count: part.length,
      tx: BigUint64Array.from(part, (end) => end.tx),
      outpoint: BigUint64Array.from(part, (end) => end.outpoint),
      spends: Uint8Array.from(part, (end) => end.spends),
      time: Float64Array.from(part, (end) => end.time),
      owner: BigUint64Array.from(part, (end) => end.owner),
    };
  }
}

function endsOf(tx: UtxoTransaction, prints: Fingerprints): End[] {
  const shared = { tx: txPrint(prints, tx), time: tx.time };
  const owner = (address: string): bigint => prints.of(tx.chain, address);
  const inputs = tx.inputs.flatMap(({ outpoint, address }): End[] =>
    outpoint === null
      ? []
      : [
          {
            ...shared,
            outpoint: outpointPrint(prints, { chain: tx.chain, ...outpoint }),
            spends: 1,
            owner: owner(address),
          },
        ],
  );
  const outputs = tx.outputs.map(({ address }, index): End => {
    const outpoint = outpointPrint(prints, { chain: tx.chain, tx: tx.tx, index });
    return { ...shared, outpoint, spends: 0, owner: owner(address) };
  });
  return [...inputs, ...outputs];
}

export function txPrint(prints: Fingerprints, { chain, tx }: { readonly chain: string; readonly tx: string }): bigint {
  return prints.of('tx', chain, tx);
}

export function outpointPrint(
  prints: Fingerprints,
  { chain, tx, index }: { readonly chain: string; readonly tx: string; readonly index: number },
): bigint {
  return prints.of('outpoint', chain, tx, index);
}
