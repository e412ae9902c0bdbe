import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { scriptToAddress } from '../../model/address.ts';
import { requireChain } from '../../model/chain.ts';
import {
  little,
  type MadeInput,
  type MadeOutput,
  type MadeTransaction,
  makeBlock,
  makeCoinbase,
  rootOf,
  serialize,
  txidOf,
} from './_fixture.ts';
import { decodeBlock } from './block.ts';
import { rulesOf } from './rules.ts';

const SOURCE = { name: 'bitcoin-rpc test' };
const CHAIN = requireChain('bitcoin-regtest');
const RULES = rulesOf(CHAIN);
const HEIGHT = 700;
const P2WPKH = `0014${'11'.repeat(20)}`;

const hex = (least: number, most: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: least, maxLength: most }).map((bytes) => Buffer.from(bytes).toString('hex'));
const input: fc.Arbitrary<MadeInput> = fc.record({
  tx: hex(32, 32),
  index: fc.nat(0xfffffffe),
  script: hex(0, 300),
  witness: fc.array(hex(0, 300), { maxLength: 3 }),
});
const output: fc.Arbitrary<MadeOutput> = fc.record({
  value: fc.bigInt({ min: 0n, max: 0x7fff_ffff_ffff_ffffn }),
  script: fc.oneof(
    hex(20, 20).map((hash) => `76a914${hash}88ac`),
    hex(32, 32).map((key) => `5120${key}`),
    hex(0, 300),
  ),
});
const transaction: fc.Arbitrary<MadeTransaction> = fc.record({
  version: fc.constantFrom(1, 2, 0xffffffff),
  inputs: fc.array(input, { minLength: 1, maxLength: 4 }),
  outputs: fc.array(output, { minLength: 1, maxLength: 4 }),
  lockTime: fc.nat(0xffffffff),
});

function blockOf(others: readonly MadeTransaction[], plan: Partial<Parameters<typeof makeBlock>[0]> = {}) {
  return makeBlock({ transactions: [makeCoinbase(HEIGHT, P2WPKH, others), ...others], ...plan });
}

function decode(made: { readonly bytes: Buffer; readonly hash: string }, number = HEIGHT) {
  return decodeBlock(made.bytes, { hash: made.hash, number: BigInt(number) }, RULES, SOURCE);
}

function refused(field: string, work: () => unknown): void {
  assert.throws(work, (error: { code?: string; context?: Record<string, string> }) => {
    assert.equal(error.code, 'E_SOURCE_LIES', String(error));
    assert.equal(error.context?.field, field, String(error));
    assert.equal(error.context?.endpoint, SOURCE.name);
    return true;
  });
}

const PAYMENT: MadeTransaction = {
  inputs: [{ tx: 'ab'.repeat(32), index: 1, witness: ['30'.repeat(71), '02'.repeat(33)] }],
  outputs: [
    { value: 7n, script: P2WPKH },
    { value: 8n, script: `76a914${'22'.repeat(20)}88ac` },
  ],
};
const OLD: MadeTransaction = { ...PAYMENT, inputs: [{ tx: 'cd'.repeat(32), index: 0, script: '51' }] };

suite('a raw block', () => {
  test('any transactions come out as an independent writer put them in', () => {
    fc.assert(
      fc.property(fc.array(transaction, { maxLength: 6 }), (others) => {
        const made = blockOf(others);
        const { block } = decode(made);
        assert.equal(block.ref.hash, made.hash);
        assert.deepEqual(block.unchecked, []);
        assert.deepEqual(
          block.transactions.slice(1).map(({ tx, inputs, outputs }) => ({ tx, inputs, outputs })),
          others.map((tx) => ({
            tx: txidOf(tx),
            inputs: tx.inputs.map((each) => ({ tx: each.tx, index: each.index })),
            outputs: tx.outputs.map(({ value, script }) => ({ value, address: scriptToAddress(CHAIN, script) })),
          })),
        );
        assert.deepEqual(block.transactions[0]?.inputs, [null]);
      }),
      { numRuns: 200 },
    );
  });

  test('a transaction too large for the scratch buffer has the right ids', () => {
    const large = { ...PAYMENT, outputs: [{ value: 1n, script: '6a'.repeat(70_000) }] };
    assert.equal(decode(blockOf([large])).block.transactions[1]?.tx, txidOf(large));
  });

  test('heights are read as BIP34 writes them', () => {
    for (const height of [1, 16, 17, 127, 128, 255, 256, 32_767, 32_768, 8_388_608]) {
      const made = makeBlock({ transactions: [makeCoinbase(height, P2WPKH, [])] });
      assert.equal(decode(made, height).block.ref.number, BigInt(height));
      refused('height', () => decode(made, height + 1));
    }
  });
});

const made = blockOf([PAYMENT, OLD]);
/** Behind the header and the count of transactions. */
const bodyAt = 81;

suite('a raw block with a byte changed', () => {
  test('any one byte changed anywhere is refused, by the name of what no longer fits', () => {
    const seen = new Set<string>();
    for (let at = 0; at < made.bytes.length; at++) {
      const bytes = Buffer.from(made.bytes);
      bytes[at]! ^= 1 << (at % 8);
      assert.throws(
        () => decode({ bytes, hash: made.hash }),
        (error: { code?: string; context?: Record<string, string> }) => {
          assert.equal(error.code, 'E_SOURCE_LIES');
          const field = error.context?.field ?? '';
          seen.add(field);
          if (at < 80) assert.equal(field, 'hash');
          else assert.ok(['transactions', 'merkleRoot', 'witnessCommitment'].includes(field), field);
          return true;
        },
        `byte ${at}`,
      );
    }
    assert.deepEqual([...seen].sort(), ['hash', 'merkleRoot', 'transactions', 'witnessCommitment']);
  });

  test('every cut, and every byte too many, is refused', () => {
    for (let length = 0; length < made.bytes.length; length++) {
      assert.throws(() => decode({ bytes: made.bytes.subarray(0, length), hash: made.hash }), {
        code: 'E_SOURCE_LIES',
      });
    }
    refused('transactions', () => decode({ bytes: Buffer.concat([made.bytes, Buffer.alloc(1)]), hash: made.hash }));
  });
});

suite('a raw block whose witnesses lie', () => {
  test('a witness changed, and witnesses left out', () => {
    const bytes = Buffer.from(made.bytes);
    bytes[bytes.indexOf(Buffer.from('30'.repeat(71), 'hex')) + 5]! ^= 1;
    refused('witnessCommitment', () => decode({ bytes, hash: made.hash }));
    const coinbase = makeCoinbase(HEIGHT, P2WPKH, [PAYMENT]);
    const bare = [coinbase, PAYMENT].map((tx) => serialize(tx, false));
    const { bytes: whole, hash } = blockOf([PAYMENT]);
    const stripped = Buffer.concat([whole.subarray(0, bodyAt), ...bare]);
    refused('witnessCommitment', () => decode({ bytes: stripped, hash }));
  });

  test('witnesses without a commitment', () => {
    const transactions = [makeCoinbase(HEIGHT, P2WPKH, []), PAYMENT];
    refused('witnessCommitment', () => decode(makeBlock({ transactions })));
  });
});

suite('a raw block without the work, or with another body', () => {
  test('work not done, a target too easy, a target that is none', () => {
    refused('proofOfWork', () => decode(blockOf([], { proved: false })));
    const bitcoin = { ...RULES, ...rulesOf(requireChain('bitcoin')), heightFrom: 0 };
    const easy = blockOf([]);
    refused('bits', () => decodeBlock(easy.bytes, { hash: easy.hash, number: BigInt(HEIGHT) }, bitcoin, SOURCE));
    for (const bits of [0, 0x01003456, 0x20ffffff, 0x217fffff, 0xff7fffff]) {
      refused('bits', () => decode(blockOf([], { bits })));
    }
  });

  test('on the real chain a late block is not as easy as an early one', () => {
    const bitcoin = rulesOf(requireChain('bitcoin'));
    const first = makeBlock({ transactions: [makeCoinbase(600_000, P2WPKH, [])], bits: 0x1d00ffff });
    refused('bits', () => decodeBlock(first.bytes, { hash: first.hash, number: 600_000n }, bitcoin, SOURCE));
  });

  test('a block asked for by another hash', () => {
    refused('hash', () => decode({ bytes: made.bytes, hash: '00'.repeat(32) }));
  });

  test('transactions doubled at the end, which leaves the root as it was (CVE-2012-2459)', () => {
    const others = [PAYMENT, OLD];
    const transactions = [makeCoinbase(HEIGHT, P2WPKH, others), ...others];
    const root = rootOf(transactions.map(txidOf));
    const doubled = [...transactions, OLD];
    assert.deepEqual(rootOf(doubled.map(txidOf)), root);
    refused('merkleRoot', () => decode(makeBlock({ transactions: doubled })));
  });

  test('no transactions, no coinbase, two coinbases', () => {
    const coinbase = makeCoinbase(HEIGHT, P2WPKH, []);
    refused('transactions', () => decode(makeBlock({ transactions: [], root: Buffer.alloc(32) })));
    refused('transactions', () => decode(makeBlock({ transactions: [OLD] })));
    refused('transactions', () => decode(makeBlock({ transactions: [coinbase, coinbase] })));
  });

  test('a negative value, a size not in its shortest form, a witness of nothing', () => {
    const negative = { ...OLD, outputs: [{ value: 1n << 63n, script: '' }] };
    refused('transactions', () => decode(blockOf([negative])));
    const { bytes, hash } = blockOf([OLD]);
    const long = Buffer.concat([bytes.subarray(0, 80), Buffer.from('fd0200', 'hex'), bytes.subarray(bodyAt)]);
    refused('transactions', () => decode({ bytes: long, hash }));
    const old = serialize(OLD);
    const empty = Buffer.concat([
      old.subarray(0, 4),
      Buffer.from([0, 1]),
      old.subarray(4, -4),
      Buffer.from([0]),
      old.subarray(-4),
    ]);
    const at = bytes.indexOf(old);
    refused('transactions', () => decode({ bytes: Buffer.concat([bytes.subarray(0, at), empty]), hash }));
  });

  test('a count of more than there can be is refused at once', () => {
    const { bytes, hash } = blockOf([]);
    const many = Buffer.concat([
      bytes.subarray(0, 80),
      Buffer.from([0xfe]),
      little(0x0200_0000, 4),
      bytes.subarray(bodyAt),
    ]);
    refused('transactions', () => decode({ bytes: many, hash }));
  });
});
