import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { newTestFolder } from './_account-fixture.ts';
import { type BookFacts, SegmentedBook, writeBook } from './address-book.ts';
import { SegmentReader, SegmentWriter } from './column-file.ts';

const KEY = Uint8Array.from({ length: 16 }, (_, index) => index * 7);
let root = '';
before(() => {
  root = newTestFolder();
});
after(() => {
  rmSync(root, { recursive: true });
});

function evm(number: number): string {
  return `0x${createHash('sha1').update(String(number)).digest('hex')}`;
}

/** Chunks as strings and as bytes, in turns. */
async function* chunked(
  texts: readonly string[],
): AsyncGenerator<readonly string[] | { count: number; bytes: Uint8Array; starts: Uint32Array }> {
  for (let at = 0, turn = 0; at < texts.length; at += 999, turn += 1) {
    const chunk = texts.slice(at, at + 999);
    if (turn % 2 === 0) yield chunk;
    else {
      const parts = chunk.map((text) => Buffer.from(text));
      const starts = new Uint32Array(parts.length + 1);
      parts.forEach((part, index) => {
        starts[index + 1] = starts[index]! + part.length;
      });
      yield { count: chunk.length, bytes: Buffer.concat(parts), starts };
    }
  }
}

async function bookOf(
  name: string,
  chain: string,
  parts: readonly (readonly string[])[],
): Promise<{ book: SegmentedBook; bytes: number; facts: BookFacts[] }> {
  const made: { reader: SegmentReader; facts: BookFacts }[] = [];
  let first = 0;
  let bytes = 0;
  for (const [index, texts] of parts.entries()) {
    const segment = new SegmentWriter(root, `${name}-${index}`);
    const facts = await writeBook(segment, chain, KEY, first, () => chunked(texts));
    const files = segment.finish();
    for (const file of files.files) if (file.name !== 'book.bytes') bytes += file.bytes;
    made.push({ reader: new SegmentReader(root, files), facts });
    first += texts.length;
  }
  return { book: new SegmentedBook(chain, KEY, made), bytes, facts: made.map(({ facts }) => facts) };
}

function assertFindsAll(book: SegmentedBook, texts: readonly string[]): void {
  assert.equal(book.size, texts.length);
  for (const [id, text] of texts.entries()) {
    assert.equal(book.text(id), text);
    assert.equal(book.find(text), id);
  }
}

describe('an address book', () => {
  test('finds every EVM address and no other, in 20 bytes and at most 16 beside them', async () => {
    const texts = Array.from({ length: 40_000 }, (_, number) => evm(number));
    const { book, bytes } = await bookOf('evm', 'eip155:1', [texts.slice(0, 30_000), [], texts.slice(30_000)]);
    assertFindsAll(book, texts);
    for (let number = 40_000; number < 45_000; number += 1) assert.equal(book.find(evm(number)), -1);
    for (const other of ['', '0x', evm(1).toUpperCase(), `${evm(1)}0`, evm(1).slice(0, 41), 'bc1q'])
      assert.equal(book.find(other), -1);
    assert.ok(bytes / texts.length <= 16, `${bytes / texts.length}`);
  });

  test('finds names of any length on any chain', async () => {
    const texts = Array.from(
      { length: 35_000 },
      (_, number) => `${'script:'.repeat(number % 3)}${'é'.repeat(number % 2)}${number}`,
    );
    const { book, bytes } = await bookOf('text', 'bip122:000000000019d6689c085ae165831e93', [
      texts.slice(0, 16_384),
      texts.slice(16_384),
    ]);
    assertFindsAll(book, texts);
    assert.equal(book.find('35000'), -1);
    assert.ok(bytes / texts.length <= 16, `${bytes / texts.length}`);
  });

  test('takes an EVM chain whose data hold other names as text', async () => {
    const texts = [evm(1), evm(2), 'burned', evm(3)];
    const { book, facts } = await bookOf('odd', 'eip155:1', [texts, [evm(4)]]);
    assertFindsAll(book, [...texts, evm(4)]);
    assert.deepEqual(
      facts.map(({ form }) => form),
      ['text', 'evm'],
    );
  });
});
