import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { AddressIndex, AddressIndexBuilder } from './address-index.ts';
import { loadAddressIndex, saveAddressIndex } from './address-index-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'haetae-index-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const hexAddress = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`);
const anyText = fc.oneof(
  hexAddress,
  fc.stringMatching(/^[\x21-\x7e]{1,90}$/),
  // Close to one another and to the 0x form, and longer than any scratch space.
  fc.constantFrom(
    '0x',
    `0x${'0'.repeat(40)}`,
    `0X${'0'.repeat(40)}`,
    `0x${'0'.repeat(39)}g`,
    `script:${'ab'.repeat(3000)}`,
    'ä€😀',
  ),
);

function evm(number: number): string {
  return `0x${createHash('sha256').update(String(number)).digest('hex').slice(0, 40)}`;
}

test('answers as a Map does, however it is kept', () => {
  fc.assert(
    fc.property(fc.array(anyText, { maxLength: 200 }), fc.array(anyText, { maxLength: 50 }), (added, asked) => {
      const map = new Map<string, number>();
      const builder = new AddressIndexBuilder();
      for (const text of added) {
        if (!map.has(text)) map.set(text, map.size);
        assert.equal(builder.add(text), map.get(text));
      }
      const path = join(folder, 'property.index');
      const index = builder.finish();
      saveAddressIndex(index, path);
      const kept = [index, loadAddressIndex(path, { confirm: 'memory' }), loadAddressIndex(path, { confirm: 'file' })];
      for (const one of kept) {
        assert.equal(one.size, map.size);
        for (const text of [...added, ...asked]) assert.equal(one.find(text), map.get(text) ?? -1);
        one.close();
      }
    }),
    { numRuns: 60 },
  );
});

test('grows from nothing to many, and is 15.4 bytes an address beside the 20 that confirm', () => {
  const builder = new AddressIndexBuilder();
  const size = 200_000;
  for (let number = 0; number < size; number += 1) builder.add(evm(number));
  const index = builder.finish();
  for (let number = 0; number < size; number += 1) assert.equal(index.find(evm(number)), number);
  for (let number = size; number < size + 20_000; number += 1) assert.equal(index.find(evm(number)), -1);
  // 12 bytes a slot at 0.78 of them taken, and the slack at the end.
  assert.ok(index.tableBytes / size < 15.5, String(index.tableBytes / size));
  assert.ok(index.parts.slots.buffer instanceof SharedArrayBuffer);
  const elsewhere = new AddressIndex(index.parts);
  assert.equal(elsewhere.find(evm(7)), 7);
});

test('addresses that differ in one bit, or that are each other’s confirming bytes, are kept apart', () => {
  const builder = new AddressIndexBuilder();
  const close = Array.from({ length: 160 }, (_, bit) => {
    const bytes = new Uint8Array(20);
    bytes[bit >> 3] = 1 << (bit & 7);
    return `0x${Buffer.from(bytes).toString('hex')}`;
  });
  const text = '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa';
  const digest = createHash('sha256').update(Uint8Array.of(2)).update(text).digest('hex').slice(0, 40);
  builder.add(text);
  for (const address of close) builder.add(address);
  const index = builder.finish();
  assert.equal(index.find(`0x${digest}`), -1);
  close.forEach((address, at) => {
    assert.equal(index.find(address), at + 1);
  });
  assert.equal(index.findBytes(Buffer.from(close[9]!.slice(2), 'hex'), 0), 10);
});

test('who knows the form but not the key cannot fill one place: runs stay as short as by chance', () => {
  // Addresses that all fall together under one key are spread by another.
  const known = new Uint8Array(16).fill(7);
  const lows = ({ parts }: AddressIndex): Uint32Array => parts.slots.filter((_, word) => word % 3 === 0);
  const away = (index: AddressIndex): number[] =>
    Array.from(lows(index), (low, slot) => (low === 0 ? 0 : slot - Math.trunc(low * (index.parts.homes / 2 ** 32))));
  const chosen: string[] = [];
  for (let number = 0; chosen.length < 600; number += 1) {
    const single = new AddressIndexBuilder(1, known);
    single.add(evm(number));
    if (lows(single.finish()).findIndex((low) => low !== 0) === 3) chosen.push(evm(number));
  }
  const farthest = (secret?: Uint8Array): number => {
    const builder = new AddressIndexBuilder(chosen.length, secret);
    for (const address of chosen) builder.add(address);
    return Math.max(...away(builder.finish()));
  };
  assert.ok(farthest(known) > 400);
  assert.ok(farthest() < 100);
});

test('a file that is damaged anywhere, cut short, or something else is told', () => {
  const builder = new AddressIndexBuilder();
  for (let number = 0; number < 30_000; number += 1) builder.add(evm(number));
  const path = join(folder, 'damaged.index');
  saveAddressIndex(builder.finish(), path);
  const good = readFileSync(path);
  const tableAt =
    good.length - (Math.ceil(((Math.ceil(30_000 / 0.78) + 1024) * 12) / 65_536) + Math.ceil(600_000 / 65_536)) * 4;
  for (const at of [9, 30, 45, 65_536, 70_000, 400_000, tableAt - 65_537, tableAt + 3, good.length - 1]) {
    const bad = Buffer.from(good);
    bad[at]! ^= 0x10;
    writeFileSync(path, bad);
    assert.throws(() => loadAddressIndex(path, { confirm: 'memory' }), { code: 'E_INDEX_CORRUPT' }, `byte ${at}`);
  }
  writeFileSync(path, good);
  truncateSync(path, good.length - 1);
  assert.throws(() => loadAddressIndex(path, { confirm: 'memory' }), { code: 'E_INDEX_CORRUPT' });
  truncateSync(path, 0);
  assert.throws(() => loadAddressIndex(path, { confirm: 'file' }), { code: 'E_INDEX_CORRUPT' });
  assert.throws(() => loadAddressIndex(join(folder, 'none'), { confirm: 'file' }), { code: 'E_INDEX_CORRUPT' });
  const newer = Buffer.from(good);
  newer[4] = 9;
  writeFileSync(path, newer);
  assert.throws(() => loadAddressIndex(path, { confirm: 'file' }), { code: 'E_INDEX_VERSION' });
});

test('a damaged byte of the column is told at the look-up that meets it, where the column stays in the file', () => {
  const builder = new AddressIndexBuilder();
  for (let number = 0; number < 5000; number += 1) builder.add(evm(number));
  const path = join(folder, 'column.index');
  saveAddressIndex(builder.finish(), path);
  const bytes = readFileSync(path);
  const at = bytes.indexOf(Buffer.from(evm(77).slice(2), 'hex'));
  bytes[at + 4]! ^= 1;
  writeFileSync(path, bytes);
  const index = loadAddressIndex(path, { confirm: 'file' });
  assert.equal(index.find(evm(78)), 78);
  assert.equal(index.find(evm(999_999)), -1);
  assert.throws(() => index.find(evm(77)), { code: 'E_INDEX_CORRUPT' });
  index.close();
  assert.throws(() => loadAddressIndex(path, { confirm: 'memory' }), { code: 'E_INDEX_CORRUPT' });
});
