import fc from 'fast-check';
import { MAX_AMOUNT } from '../../src/base/money.ts';
import type { LabelEntry } from '../../src/model/label.ts';
import { CATEGORIES } from '../../src/model/label.ts';
import type { Transfer, UtxoTransaction } from '../../src/model/transfer.ts';
import { BITCOIN, ETHEREUM, NOON } from './feed.ts';

/** Text that breaks careless code: quotes, SQL, unicode, very long; never a lone surrogate or a NUL, which no chain's text has. */
export const oddText = fc.oneof(
  fc.constantFrom(
    "'; DROP TABLE transfer; --",
    '"quoted"',
    "it's",
    'ΑΒΓ',
    '🧊 ice',
    '\\x00',
    '$1',
    '%',
    '',
    ' ',
    'a'.repeat(300),
    'null',
  ),
  fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\0')),
);

const nameless = fc.option(oddText, { nil: null });

/** Records as our own code makes them, with a prototype. */
function plain<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(fields, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

/** Amounts near every border that a store could trip over. */
export const anyAmount = fc.oneof(
  fc.constantFrom(
    0n,
    1n,
    2n ** 53n,
    2n ** 63n,
    2n ** 64n - 1n,
    2n ** 64n,
    2n ** 127n,
    2n ** 128n - 1n,
    2n ** 128n,
    MAX_AMOUNT,
  ),
  fc.bigInt({ min: 0n, max: MAX_AMOUNT }),
);

const anyBlock = fc.option(fc.bigInt({ min: 0n, max: 2n ** 40n }), { nil: null });
const anyKind = fc.constantFrom('transfer', 'internal', 'token', 'mint', 'gas', 'burn', 'tip', 'adjust' as const);

/** Transfers of one chain over few seconds; legs are all different, so no two share an order key. */
export const anyTransfers: fc.Arbitrary<Transfer[]> = fc
  .array(
    plain({
      time: fc.integer({ min: NOON, max: NOON + 5 }),
      block: anyBlock,
      txIndex: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
      tx: nameless,
      kind: anyKind,
      from: nameless,
      to: nameless,
      asset: fc.constantFrom(`${ETHEREUM}/slip44:60`, `${ETHEREUM}/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7`),
      amount: anyAmount,
      rounded: fc.boolean(),
    }),
    { maxLength: 30 },
  )
  .map((rows) =>
    rows.map((row, index): Transfer => {
      const source = { batch: 0, file: index % 2, row: index + 1 };
      return { ...row, chain: ETHEREUM, leg: index, source };
    }),
  );

const anyValue = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const anyOutpoint = fc.option(plain({ tx: oddText, index: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }), {
  nil: null,
});

export const anyUtxo: fc.Arbitrary<UtxoTransaction[]> = fc
  .array(
    plain({
      time: fc.integer({ min: NOON, max: NOON + 3 }),
      block: anyBlock,
      txIndex: fc.integer({ min: 0, max: 5000 }),
      inputs: fc.array(plain({ outpoint: anyOutpoint, value: anyValue, address: oddText }), { maxLength: 4 }),
      outputs: fc.array(plain({ value: anyValue, address: oddText }), { minLength: 1, maxLength: 4 }),
    }),
    { maxLength: 12 },
  )
  .map((rows) =>
    rows.map((row, index): UtxoTransaction => {
      const tx = `tx-${index}`;
      return { ...row, chain: BITCOIN, tx, source: { batch: 0, file: 0, row: index + 1 } };
    }),
  );

const anyTime = fc.option(fc.integer({ min: 0, max: 4_000_000_000 }), { nil: null });

export const anyLabels: fc.Arbitrary<LabelEntry[]> = fc.array(
  plain({
    address: oddText,
    chain: nameless,
    currency: nameless,
    label: oddText,
    category: fc.constantFrom(...CATEGORIES),
    actor: nameless,
    abuse: nameless,
    programmes: fc.array(oddText, { maxLength: 3 }),
    confidence: oddText,
    url: nameless,
    caseLost: fc.boolean(),
    validFrom: anyTime,
    validTo: anyTime,
  }),
  { maxLength: 20 },
);
