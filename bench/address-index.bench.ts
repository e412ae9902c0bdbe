/**
 * The index of addresses: size, load, look-ups in memory and confirmed from a warm file, beside a Map of the same addresses where one can hold
 * them, else beside a plain read of the same bytes. HAETAE_BENCH_ROWS gives another number of addresses, such as 100000000.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AddressIndex, AddressIndexBuilder } from '../src/screen/address-index.ts';
import { loadAddressIndex, saveAddressIndex } from '../src/screen/address-index-file.ts';
import { count, fastest, printFigure, printPeakMemory } from './_print.ts';

const ASKED = 1_000_000;
const TIMED = 200_000;

const given = process.env.HAETAE_BENCH_ROWS;
const folder = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'haetae-bench-'));
try {
  for (const size of given === undefined ? [1_000_000, 20_000_000] : [Number(given)]) bench(size);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
printPeakMemory();

function bench(rows: number): void {
  const size = `${count(rows)} addresses`;
  const path = join(folder, `${rows}.index`);
  const built = fastest(1, () => build(rows));
  const { tableBytes } = built.result;
  printFigure({ name: 'build', value: rows / built.seconds / 1e6, unit: 'M addresses/s', size });
  printFigure({ name: 'table', value: tableBytes / rows, unit: 'B an address', size, limit: { atMost: 16 } });
  saveAddressIndex(built.result, path);
  const plain = fastest(2, () => readWhole(path));
  const loaded = fastest(2, () => loadAddressIndex(path, { confirm: 'memory' }));
  const bytes = statSync(path).size;
  printFigure({
    name: 'load, every page checked',
    value: bytes / loaded.seconds / 1e9,
    unit: 'GB/s',
    size,
    limit: { atLeast: 1 },
    ratio: { to: 'plain read', value: plain.seconds / loaded.seconds },
  });
  const asked = questions(rows);
  const rate = speed(loaded.result, asked);
  lookUps('in memory', loaded.result, asked, { size, limit: 2 });
  const map = rows <= 1_000_000 ? mapSpeed(rows, asked) : null;
  printFigure({
    name: 'look-ups, one core',
    value: rate / 1e6,
    unit: 'M/s',
    size: `${size}, half of them there`,
    limit: { atLeast: 1 },
    ...(map === null ? {} : { ratio: { to: 'Map', value: rate / map } }),
  });
  const warm = loadAddressIndex(path, { confirm: 'file' });
  speed(warm, asked);
  lookUps('confirmed from a warm file', warm, asked, { size, limit: 10 });
  warm.close();
  rmSync(path);
}

/** The n-th address: the first 20 bytes of four words that any of them gives back. */
function writeAddress(number: number, into: Uint8Array): void {
  let state = (number * 2654435761 + 12345) >>> 0;
  for (let at = 0; at < 20; at += 1) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + number) >>> 0;
    into[at] = state >>> 11;
  }
  new DataView(into.buffer).setUint32(0, number);
}

function build(rows: number): AddressIndex {
  const builder = new AddressIndexBuilder(rows);
  const bytes = new Uint8Array(20);
  for (let number = 0; number < rows; number += 1) {
    writeAddress(number, bytes);
    builder.addBytes(bytes, 0);
  }
  return builder.finish();
}

/** Texts, as a request brings them: every second one is there. */
function questions(rows: number): string[] {
  const bytes = new Uint8Array(20);
  return Array.from({ length: ASKED }, (_, at) => {
    const random = createHash('md5').update(String(at)).digest().readUInt32LE(0);
    writeAddress(at % 2 === 0 ? random % rows : rows + (random % 2 ** 31), bytes);
    return `0x${Buffer.from(bytes).toString('hex')}`;
  });
}

function speed(index: AddressIndex, asked: readonly string[]): number {
  const { seconds, result } = fastest(3, () => {
    let found = 0;
    for (const address of asked) if (index.find(address) >= 0) found += 1;
    return found;
  });
  if (result !== asked.length / 2) throw new Error(`${result} found`);
  return asked.length / seconds;
}

function mapSpeed(rows: number, asked: readonly string[]): number {
  const map = new Map<string, number>();
  const bytes = new Uint8Array(20);
  for (let number = 0; number < rows; number += 1) {
    writeAddress(number, bytes);
    map.set(`0x${Buffer.from(bytes).toString('hex')}`, number);
  }
  const { seconds } = fastest(3, () => {
    let found = 0;
    for (const address of asked) if (map.has(address)) found += 1;
    return found;
  });
  return asked.length / seconds;
}

/** Look-ups one by one, each of an address that is there. */
function lookUps(
  name: string,
  index: AddressIndex,
  asked: readonly string[],
  { size, limit }: { readonly size: string; readonly limit: number },
): void {
  const times = new Float64Array(TIMED);
  for (let at = 0; at < TIMED; at += 1) {
    const address = asked[(2 * at) % asked.length]!;
    const start = performance.now();
    index.find(address);
    times[at] = (performance.now() - start) * 1000;
  }
  times.sort();
  printFigure({ name: `p50 ${name}`, value: times[TIMED >> 1]!, unit: 'µs', size });
  printFigure({
    name: `p99 ${name}`,
    value: times[Math.trunc(TIMED * 0.99)]!,
    unit: 'µs',
    size,
    limit: { atMost: limit },
  });
}

function readWhole(path: string): number {
  const file = openSync(path, 'r');
  const slab = new Uint8Array(4 << 20);
  let all = 0;
  for (let read = readSync(file, slab); read > 0; read = readSync(file, slab)) all += read;
  return all;
}
