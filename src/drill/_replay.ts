/** Reads a drill's files back from their text, for the tests: knows the layouts, and nothing of how they were made. */
import type { Drill } from './drill.ts';

export interface ReadRow {
  readonly time: number;
  readonly block: number;
  readonly txIndex: number;
  readonly leg: number;
  readonly tx: string;
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly asset: string;
  readonly amount: bigint;
}

export interface ReadEnd {
  readonly value: bigint;
  readonly script: string;
}

export interface ReadTx {
  readonly tx: string;
  readonly index: number;
  readonly time: number;
  readonly inputs: readonly (ReadEnd & { readonly outpoint: string })[];
  readonly outputs: readonly ReadEnd[];
}

/** A whole file as text. */
export function fileText(drill: Drill, name: string): string {
  const file = [...drill.files()].find((candidate) => candidate.name === name);
  if (file === undefined) throw new Error(`no file ${name}`);
  return [...file.chunks].map((chunk) => new TextDecoder().decode(chunk)).join('');
}

/** Lines of a file without its last line break, chunk by chunk. */
export function* fileLines(drill: Drill, name: string): Generator<string> {
  let rest = '';
  for (const file of drill.files()) {
    if (file.name !== name) continue;
    for (const chunk of file.chunks) {
      const lines = (rest + new TextDecoder().decode(chunk)).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  }
}

export function* readRows(drill: Drill): Generator<ReadRow> {
  let header = true;
  for (const line of fileLines(drill, 'transfers.csv')) {
    if (!header) yield readRow(line);
    header = false;
  }
}

function readRow(line: string): ReadRow {
  const fields = line.split(',');
  if (fields.length !== 11) throw new Error(`not a row of eleven fields: ${line}`);
  const [, time, block, txIndex, leg, tx, kind, from, to, asset, amount] = fields as [string, ...string[]];
  return {
    time: Number(time),
    block: Number(block),
    txIndex: Number(txIndex),
    leg: Number(leg),
    tx: tx!,
    kind: kind!,
    from: from!,
    to: to!,
    asset: asset!,
    amount: BigInt(amount!),
  };
}

export function* readUtxo(drill: Drill): Generator<ReadTx> {
  for (const line of fileLines(drill, 'bitcoin.txt')) {
    const [tx, , index, time, inputs, outputs] = line.split(':::') as [string, string, string, string, string, string];
    yield {
      tx,
      index: Number(index),
      time: Number(time),
      inputs: inputs.split('}{').map((entry) => {
        const [outpoint, script] = entry.split('+') as [string, string];
        const [from, at, value] = outpoint.split('-') as [string, string, string];
        return { outpoint: `${from}:${at}`, value: BigInt(value), script };
      }),
      outputs: outputs.split('}{').map((entry) => {
        const [value, script] = entry.split('+') as [string, string];
        return { value: BigInt(value), script };
      }),
    };
  }
}

/** Balances by `address asset` while rows pass; throws on the first that would fall below zero. */
export class Balances {
  readonly held = new Map<string, bigint>();

  apply(row: ReadRow): void {
    if (row.from !== '') {
      const left = this.of(row.from, row.asset) - row.amount;
      if (left < 0n) throw new Error(`${row.from} spends more ${row.asset} than it has in ${row.tx}`);
      this.held.set(`${row.from} ${row.asset}`, left);
    }
    if (row.to !== '') this.held.set(`${row.to} ${row.asset}`, this.of(row.to, row.asset) + row.amount);
  }

  of(address: string, asset: string): bigint {
    return this.held.get(`${address} ${asset}`) ?? 0n;
  }
}

/** Unspent outputs while transactions pass; throws on a spend that does not match, or happens twice. */
export class Unspent {
  readonly coins = new Map<string, ReadEnd>();
  /** Spends of outpoints from before the data. */
  outside = 0;
  private readonly seen = new Set<string>();

  apply(tx: ReadTx): void {
    if (this.seen.has(tx.tx)) throw new Error(`${tx.tx} comes twice`);
    for (const input of tx.inputs) this.spend(input);
    const fee = sum(tx.inputs) - sum(tx.outputs);
    if (fee < 0n) throw new Error(`${tx.tx} pays more than it spends`);
    this.seen.add(tx.tx);
    for (const [index, output] of tx.outputs.entries()) this.coins.set(`${tx.tx}:${index}`, output);
  }

  private spend({ outpoint, value, script }: ReadTx['inputs'][number]): void {
    const coin = this.coins.get(outpoint);
    if (coin === undefined && this.seen.has(outpoint.split(':')[0] ?? ''))
      throw new Error(`${outpoint} is spent twice`);
    if (coin === undefined) {
      this.outside++;
      return;
    }
    if (coin.value !== value || coin.script !== script) throw new Error(`${outpoint} does not match its output`);
    this.coins.delete(outpoint);
  }
}

export function sum(ends: readonly ReadEnd[]): bigint {
  return ends.reduce((total, end) => total + end.value, 0n);
}
