/**
 * Blocks of real TRON networks, as published: headers and transactions in TRON's and gateways' documentation (developers.tron.network,
 * tronprotocol/documentation-en, tronprotocol/tron-docker, docs of getblock.io and drpc.org), and a block of a private network of
 * java-tron 4.8.2 in the tests of github.com/sxwebdev/gotron. Facts of public ledgers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTron } from '../../model/address-base58.ts';
import { requireChain } from '../../model/chain.ts';
import { mainNetworkGenesis, stringify } from './_fixture.ts';
import { addressOfHex, hexOfAddress } from './address.ts';
import { readBlock } from './block.ts';
import { blockId, leafHash, merkleRoot, sha256 } from './block-id.ts';
import { parseExact } from './exact-json.ts';
import { blockSchema, infoSchema } from './schema.ts';

const HEADERS: readonly (readonly [
  id: string,
  number: number,
  time: number,
  root: string,
  parent: string,
  witness: string,
  version: number,
])[] = [
  [
    '0000000000000a611841e6cd79f99249d7e974e41c0f5b016eb3c64e43fcb01c',
    2657,
    1529899509000,
    '0'.repeat(64),
    '0000000000000a6023d563b1a2e1e0eb49cb40226eb553e6dc006e723395d588',
    '411661f25387370c9cd3a9a5d97e60ca90f4844e7e',
    0,
  ],
  [
    '00000000000d429759175a43cb3e112d0761ecabf06ef0c253affe1420977651',
    869015,
    1532499960000,
    '3a51b325df4783649723a8c5d6f09bdfddd2c186a3586f242989c464ae534490',
    '00000000000d429679bea6d12e9ea903189094d68d7ccd106304d518c08968ef',
    '41e40de6895c142ade8b86194063bcdbaa6c9360b6',
    0,
  ],
  [
    '0000000001d6f4a09f60c27befccff6fe3cc593b2d6c46cdc79d3fd4f55db859',
    30864544,
    1623055923000,
    'cc12586dc14ca32175ff230931dfad4e2f57b71850948edae7ef1c7a7de08881',
    '0000000001d6f49f615231bdeeddd8b563c746188d5e270a58afc87b059f29de',
    '41c81107148e5fa4b4a2edf3d5354db6c6be5b5549',
    21,
  ],
  [
    '0000000003fe262d52bfa4b2814f816fd2e57af5b98a33d60d8630a03a908e0e',
    66987565,
    1777445121000,
    'faf8fe3858339ead25cc892461c82a59b84dca4a51c45b026676bf3f45a352a2',
    '0000000003fe262c85cd6b02033f4c3e5c1efa35de256a17bd906dc61fb1aeed',
    '41b2f713d57dbcec679d93a8849fa0cd0e4db594ba',
    34,
  ],
  [
    '00000000051014e80dbf5923643f955ca7b09253e84c13b59f19e347fb9ea95e',
    84940008,
    1785490773000,
    '5360b488069bf1f3643c8d0504052aea2e5f7a71a51901cf69ebe57e950336fa',
    '00000000051014e793a715af1fa52f8e4dfd1bed8aea07f41e11c9e831ef5022',
    '4114f2c09d3de3fe82a71960da65d4935a30b24e1f',
    36,
  ],
];

test('ids of real blocks are rebuilt from their headers (main network and Nile, 2018 to 2026)', () => {
  for (const [id, number, timestamp, txTrieRoot, parentHash, witness_address, version] of HEADERS) {
    const { block_header: header } = blockSchema.parse({
      blockID: id,
      block_header: { raw_data: { number, timestamp, txTrieRoot, parentHash, witness_address, version } },
    });
    assert.equal(blockId(header), id);
  }
});

test('the root of a real block (Shasta 33801077, one contract call) is rebuilt from the JSON of its transaction', () => {
  const raw =
    '0a02c36222084ddf60f936a910d940f0add4a483315a8e01081f1289010a31747970652e676f6f676c65617069732e636f6d2f70726f746f636f6c2e54726967676572536d617274436f6e747261637412540a1541fcf7ab2a2fb29362babd41647a22b223f7fbedec121541c3c5115bd3f5cfe5559c634eeb250f339ae3e29c222437383d0e00000000000000000000000000000000000000000000000000000188349354c970b8e0d0a48331900180a3c347';
  const signature =
    '95874b4774ba56125dfd7bf2a99a0652d4abda98c6977e3f417852b7ea6f2b81ff2f260df473d186be9586b6bbeb74b5382d7f058593fd72fb60da5d0f77f77100';
  const { block_header: header, transactions } = blockSchema.parse({
    blockID: '000000000203c375c7521ef953106e9a112e1902664a91becc5f40371a7397d7',
    block_header: { raw_data: {} },
    transactions: [
      {
        txID: '31370141e3345421bdb92eff72f0d69aba8d04e636317ed52745d3f97e9faabb',
        raw_data: {},
        raw_data_hex: raw,
        signature: [signature],
        ret: [{ contractRet: 'SUCCESS' }],
      },
    ],
  });
  assert.equal(header.raw_data.number, 0n);
  const [tx] = transactions;
  const rawData = Buffer.from(raw, 'hex');
  assert.equal(sha256(rawData).toString('hex'), tx!.txID);
  const leaf = leafHash({ rawData, signatures: [Buffer.from(signature, 'hex')], results: tx!.ret });
  assert.equal(merkleRoot([leaf]), '30fe6502e11e110fa389d5c17e1cf53fa8df93f26297d9f27cd8c07d3558d722');
});

const RAW_165 =
  '0a0200a42208b0ef6ad98a02403e40b8e1e8d38f345a57083b12530a38747970652e676f6f676c65617069732e636f6d2f70726f746f636f6c2e43616e63656c416c6c556e667265657a655632436f6e747261637412170a1541dcf2957055e8fcde477a077ecfeddf5ab235754770a1899cbf8f34';
const TX_165 = 'db8667ffea27109131fd5c113abcadd535c896590814a50dbf9eda253a8d19da';

test('a whole block of a real java-tron node passes every check: id, root, transaction, record, witness, signer', () => {
  const owner = '41dcf2957055e8fcde477a077ecfeddf5ab2357547';
  const block = blockSchema.parse({
    blockID: '00000000000000a568a725352ccd7fbad4e65f56ed11d420a505c21f2230145d',
    block_header: {
      raw_data: {
        timestamp: 1790865510000,
        txTrieRoot: 'c85f5050cb4a05c58222017f823191d5ae1ca07b7bd7f090f493a35c10f03491',
        parentHash: '00000000000000a4b0ef6ad98a02403ebb86833716c2350b6338a6ee79df2dfc',
        number: 165,
        witness_address: '417e5f4552091a69125d5dfcb7b8c2659029395bdf',
        version: 38,
      },
      witness_signature:
        '9a36b7a129a3a673d326e9cb5c6974a332cca68b4c1a5ab531327da89849239147d032ebfead62d75ceadb9d8482eba53507392658bde4b8aea902ca543101cf00',
    },
    transactions: [
      {
        raw_data: {
          ref_block_bytes: '00a4',
          ref_block_hash: 'b0ef6ad98a02403e',
          expiration: 1790908707000,
          contract: [
            {
              parameter: {
                value: { owner_address: owner },
                type_url: 'type.googleapis.com/protocol.CancelAllUnfreezeV2Contract',
              },
              type: 'CancelAllUnfreezeV2Contract',
            },
          ],
          timestamp: 1790865507489,
        },
        signature: [
          '755e1552868a1734c90c28dacb66e58f85eaa5fc2845593280e3b6ee1cf1b7af793cc378d8c3ad144542502270ab852095665abfffdea306200a9942a67e161401',
        ],
        ret: [{ contractRet: 'SUCCESS' }],
        raw_data_hex: RAW_165,
        txID: TX_165,
      },
    ],
  });
  const info = infoSchema.parse({
    id: TX_165,
    blockNumber: 165,
    blockTimeStamp: 1790865510000,
    contractResult: [''],
    receipt: { net_usage: 250 },
    cancel_unfreezeV2_amount: [
      { key: 'ENERGY', value: 10000000 },
      { key: 'TRON_POWER', value: 0 },
      { key: 'BANDWIDTH', value: 0 },
    ],
  });
  const context = { endpoint: { name: 'tron vector' }, chain: requireChain('tron'), keepsInternal: () => true };
  const read = readBlock(context, 165n, block, [info]);
  read.confirm(new Set([TX_165]));
  assert.deepEqual(read.transfers, []);
  assert.deepEqual(read.unchecked, ['logs, fees and moves inside contracts: a TRON block commits to none of them']);
  assert.equal(read.ref.time, 1790865510);
});

test('the genesis block of the main network, built from its configuration, has the id whose end names the chain', () => {
  const chain = requireChain('tron');
  const block = blockSchema.parse(parseExact(stringify(mainNetworkGenesis().json)));
  const read = readBlock({ endpoint: { name: 'tron vector' }, chain, keepsInternal: () => false }, 0n, block, []);
  assert.deepEqual(
    read.transfers.map(({ kind, from, to, amount }) => [kind, from, to, amount]),
    [['mint', null, 'TLLM21wteSPs4hKjbxgmH1L6poyMjeTbHm', 99_000_000_000_000_000n]],
  );
  assert.equal(`tron:0x${read.ref.hash.slice(-8)}`, chain.id);
});

test('addresses: Tether’s contract, and back', () => {
  const usdt = '41a614f803b6fd780986a42c78ec9c7f77e6ded13c';
  assert.equal(addressOfHex(usdt), 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t');
  assert.equal(hexOfAddress('TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t'), usdt);
  assert.deepEqual(parseTron('TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t'), {
    ok: true,
    address: 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t',
  });
});
