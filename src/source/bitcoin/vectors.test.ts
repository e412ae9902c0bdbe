import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { requireChain } from '../../model/chain.ts';
import { decodeBlock } from './block.ts';
import { ByteReader } from './bytes.ts';
import { hashBytes } from './hash.ts';
import { checkHeader, parseHeader, targetFollows, unpackTarget } from './header.ts';
import { rebuildHeader } from './rebuild.ts';
import { decodeTransaction } from './resolve.ts';
import { rulesOf } from './rules.ts';
import { parseTransaction, writeWtxid } from './transaction.ts';

const SOURCE = { name: 'test' };
const BITCOIN = rulesOf(requireChain('bitcoin'));
const LITECOIN = rulesOf(requireChain('litecoin'));

/** The first block of Bitcoin, 285 bytes, as every node ships it. */
const GENESIS =
  '0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c' +
  '0101000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000';
const GENESIS_HASH = '000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f';

suite('public blocks and transactions', () => {
  test('the first block of Bitcoin', () => {
    const bytes = Buffer.from(GENESIS, 'hex');
    const { block } = decodeBlock(bytes, { hash: GENESIS_HASH, number: 0n }, BITCOIN, SOURCE);
    assert.equal(block.ref.time, BITCOIN.chain.genesis);
    const [coinbase] = block.transactions;
    assert.equal(coinbase?.tx, '4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b');
    assert.deepEqual(coinbase.inputs, [null]);
    assert.equal(coinbase.outputs[0]?.value, 50_0000_0000n);
    // A bare key has no address.
    assert.match(coinbase.outputs[0].address, /^script:4104678afdb0[0-9a-f]+ac$/);
  });

  test('the first payment, from Satoshi Nakamoto to Hal Finney in block 170', () => {
    const raw =
      '0100000001c997a5e56e104102fa209c6a852dd90660a20b2d9c352423edce25857fcd3704000000004847304402204e45e16932b8af514961a1d3a1a25fdf3f4f7732e9d624c6c61548ab5fb8cd410220181522ec8eca07de4860a4acdd12909d831cc56cbbac4622082221a8768d1d0901ffffffff0200ca9a3b00000000434104ae1a62fe09c5f51b13905f07f06b99a2f7159b2225f374cd378d71302fa28414e7aab37397f554a7df5f142c21c1b7303b8a0626f1baded5c72a704f7e6cd84cac00286bee0000000043410411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1482ecad7b148a6909a5cb2e0eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3ac00000000';
    const tx = 'f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16';
    const { inputs, outputs } = decodeTransaction(Buffer.from(raw, 'hex'), tx, BITCOIN, SOURCE);
    const coinbase9 = '0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9';
    assert.deepEqual(inputs, [{ tx: coinbase9, index: 0 }]);
    assert.deepEqual(
      outputs.map(({ value }) => value),
      [10_0000_0000n, 40_0000_0000n],
    );
  });

  test('the signed P2WPKH example of BIP143', () => {
    // https://github.com/bitcoin/bips/blob/master/bip-0143.mediawiki#native-p2wpkh
    const raw =
      '01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f00000000494830450221008b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f9281a99f2b1c0a19c0489bc22ede944ccf4ecbab4cc618ef3ed01eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac000247304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee635711000000';
    const reader = new ByteReader(Buffer.from(raw, 'hex'));
    const parsed = parseTransaction(reader, BITCOIN);
    assert.equal(reader.left, 0);
    assert.equal(parsed.hasWitness, true);
    assert.deepEqual(
      parsed.outputs.map(({ value }) => value),
      [112340000n, 223450000n],
    );
    assert.deepEqual(
      parsed.inputs.map((input) => input?.tx),
      [
        '9f96ade4b41d5433f4eda31e1738ec2b36f6e7d1420d94a6af99801a88f7f7ff',
        '8ac60eb9575db5b2d987e29f301b5b819ea83a5c6579d282d189cc04b8e151ef',
      ],
    );
  });

  test('the last transaction of Litecoin block 2,383,206, which carries the extension block', () => {
    const raw =
      '02000000000801978aacc6a181255f9f00ae4976a343d6f819e248d1c04d921869325d29d09a9f0000000000ffffffff012e975baeb8000000225820c05abd141ca8c2163e6444c7706df8985ef4d4ca0ad1ceb1f7dea34704f566400000000000';
    const tx = '7c6751eb8c83391975d815342510a9950670b6cf694cd7f5feda08222c44cb87';
    const bytes = Buffer.from(raw, 'hex');
    const parsed = decodeTransaction(bytes, tx, LITECOIN, SOURCE);
    assert.equal(parsed.hogEx, true);
    assert.deepEqual(parsed.inputs, [
      { tx: '9f9ad0295d326918924dc0d148e219f8d643a37649ae009f5f2581a1c6ac8a97', index: 0 },
    ]);
    assert.equal(parsed.outputs[0]?.value, 793199220526n);
    const wtxid = Buffer.alloc(32);
    writeWtxid(bytes, parsed, wtxid, 0);
    assert.deepEqual(wtxid, hashBytes(tx));
    assert.throws(() => decodeTransaction(bytes, tx, BITCOIN, SOURCE), { code: 'E_SOURCE_LIES' });
  });
});

suite('public headers', () => {
  const headers = [
    {
      chain: 'litecoin',
      number: 0n,
      hash: '12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2',
      version: 1,
      parent: undefined,
      root: '97ddfbbae6be97fd6cdf3e7ca13232a3afff2353e29badfab7f73011edd4ced9',
      time: 1317972665,
      bits: 0x1e0ffff0,
      nonce: 2084524493,
    },
    {
      chain: 'litecoin',
      number: 2_383_206n,
      hash: '7b3479a720700cbff29abf0da5d14842dcae9ac18c0f9942504af07f2b8910b9',
      version: 0x20000000,
      parent: '199f760372ecaba8adf4a7bfb1532d931960dcb641c68bf485d05bd0afd627e0',
      root: '756489721d1d372b574dd45a3a8449b9d21006d35950cdf35a825d0a62d41548',
      time: 1670551528,
      bits: 0x1a00d3d8,
      nonce: 791771829,
    },
    {
      chain: 'dogecoin',
      number: 0n,
      hash: '1a91e3dace36e2be3bf030a65679fe821aa1d6ef92e7c9902eb318182c355691',
      version: 1,
      parent: undefined,
      root: '5b2a3f53f605d62c53e62932dac6925e3d74afa5a4b459745c36d42d0ed26a69',
      time: 1386325540,
      bits: 0x1e0ffff0,
      nonce: 99943,
    },
  ];

  for (const { chain, number, hash, ...fields } of headers) {
    test(`${chain} ${number} proves its work by scrypt`, () => {
      const rules = rulesOf(requireChain(chain));
      const bytes = rebuildHeader(fields, SOURCE);
      checkHeader(parseHeader(new ByteReader(bytes), rules), hash, number, rules, SOURCE);
      // The same header by Bitcoin's hash does not.
      const other = { ...BITCOIN, easiest: rules.easiest, floor: null };
      assert.throws(() => checkHeader(parseHeader(new ByteReader(bytes), other), hash, number, other, SOURCE), {
        code: 'E_SOURCE_LIES',
      });
    });
  }

  test('packed targets, as arith_uint256_tests.cpp of Bitcoin Core has them', () => {
    assert.equal(unpackTarget(0x1d00ffff), 0xffffn << 208n);
    assert.equal(unpackTarget(0x207fffff), 0x7fffffn << 232n);
    assert.equal(unpackTarget(0x01123456), 0x12n);
    assert.equal(unpackTarget(0x02123456), 0x1234n);
    assert.equal(unpackTarget(0x04123456), 0x12345600n);
    assert.equal(unpackTarget(0x01fedcba), null);
    assert.equal(unpackTarget(0x00923456), null);
    assert.equal(unpackTarget(0xff123456), null);
  });

  test('a target changes only where the chain lets it, by four times at most', () => {
    const [from, harder, toHard, easier] = [0x1a00d3d8, 0x1a00c3d8, 0x19350000, 0x1a034f61];
    assert.equal(targetFollows(from, harder, 2016n * 1182n, LITECOIN), true);
    assert.equal(targetFollows(from, harder, 2016n * 1182n + 1n, LITECOIN), false);
    assert.equal(targetFollows(from, 0x19100000, 2016n * 1182n, LITECOIN), false);
    assert.equal(targetFollows(from, toHard, 2016n * 1182n, LITECOIN), true);
    assert.equal(targetFollows(from, easier, 2016n * 1182n, LITECOIN), false);
    assert.equal(targetFollows(0x207fffff, 0x207ffffe, 2016n, rulesOf(requireChain('bitcoin-regtest'))), false);
    assert.equal(targetFollows(from, toHard, 7n, rulesOf(requireChain('dogecoin'))), true);
  });
});
