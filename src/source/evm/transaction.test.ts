import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import * as Secp256k1 from 'ox/Secp256k1';
import * as TxEnvelopeEip1559 from 'ox/TxEnvelopeEip1559';
import * as TxEnvelopeEip2930 from 'ox/TxEnvelopeEip2930';
import * as TxEnvelopeEip4844 from 'ox/TxEnvelopeEip4844';
import * as TxEnvelopeEip7702 from 'ox/TxEnvelopeEip7702';
import * as TxEnvelopeLegacy from 'ox/TxEnvelopeLegacy';
import { keccakHex } from './keccak.ts';
import type { RawTransaction } from './raw.ts';
import { bytesHex } from './rlp.ts';
import { encodeTransaction, recoverSender, transactionHash } from './transaction.ts';
import { orderedTrieRoot } from './trie.ts';

type Hex = `0x${string}`;

const BASE: RawTransaction = {
  type: 0,
  hash: `0x${'00'.repeat(32)}`,
  index: 0,
  blockHash: `0x${'00'.repeat(32)}`,
  blockNumber: '0x1',
  blockTimestamp: null,
  from: `0x${'00'.repeat(20)}`,
  to: null,
  nonce: '0x0',
  gas: '0x5208',
  value: '0x0',
  input: '0x',
  gasPrice: null,
  maxFeePerGas: null,
  maxPriorityFeePerGas: null,
  maxFeePerBlobGas: null,
  chainId: null,
  accessList: [],
  blobVersionedHashes: [],
  authorizationList: [],
  v: null,
  r: null,
  s: null,
  yParity: null,
  deposit: null,
};

suite('transactions of Ethereum itself', () => {
  test('the first of all (block 46,147), before EIP-155', () => {
    const tx: RawTransaction = {
      ...BASE,
      to: '0x5df9b87991262f6ba471f09758cde1c0fc1de734',
      value: '0x7a69',
      gasPrice: '0x2d79883d2000',
      v: '0x1c',
      r: '0x88ff6cf0fefd94db46111149ae4bfc179e9b94721fffd821d38d16464b3f71d0',
      s: '0x45e0aff800961cfce805daef7016b9b675c137a6a41a548f7b60a3484c06a33a',
    };
    assert.equal(transactionHash(tx), '0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060');
    assert.equal(recoverSender(tx, 46147n), '0xa1e4380a3b1f749673e270229993ee55f35663b4');
    const root = orderedTrieRoot([encodeTransaction(tx)]);
    assert.equal(root, '0x4513310fcb9f6f616972a3b948dc5d547f280849a87ebb5af0191f98b87be598');
  });

  test('the example of EIP-155', () => {
    const tx: RawTransaction = {
      ...BASE,
      to: '0x3535353535353535353535353535353535353535',
      nonce: '0x9',
      value: '0xde0b6b3a7640000',
      gasPrice: '0x4a817c800',
      v: '0x25',
      r: '0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276',
      s: '0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83',
    };
    assert.equal(
      bytesHex(encodeTransaction(tx)),
      '0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83',
    );
    assert.equal(recoverSender(tx, 1n), '0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f');
  });

  test('a changed field is signed by somebody else, or by nobody', () => {
    const tx = { ...BASE, gasPrice: '0x1', v: '0x1b', r: '0x0', s: '0x0' };
    assert.throws(() => recoverSender(tx, 1n), { code: 'E_SOURCE_LIES' });
  });
});

const hexOf = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((b) => bytesHex(b) as Hex);
const quantity = fc.bigInt({ min: 0n, max: 2n ** 96n }).map((value) => `0x${value.toString(16)}` as Hex);
const shared = fc.record({
  to: fc.option(hexOf(20)),
  nonce: fc.nat(),
  gas: fc.nat(),
  value: quantity,
  input: fc.uint8Array({ maxLength: 80 }).map((b) => bytesHex(b) as Hex),
  tip: fc.bigInt({ min: 0n, max: 2n ** 40n }),
  most: fc.bigInt({ min: 2n ** 40n, max: 2n ** 41n }),
  chainId: fc.integer({ min: 1, max: 2 ** 40 }),
  accessList: fc.array(fc.record({ address: hexOf(20), storageKeys: fc.array(hexOf(32), { maxLength: 2 }) }), {
    maxLength: 2,
  }),
  hashes: fc.array(
    hexOf(31).map((hex) => `0x01${hex.slice(2)}` as Hex),
    { minLength: 1, maxLength: 3 },
  ),
  authorization: fc.record({ address: hexOf(20), nonce: fc.bigInt({ min: 0n, max: 2n ** 40n }), chainId: fc.nat() }),
  key: fc.bigInt({ min: 1n, max: 2n ** 255n }),
});
type Shared = typeof shared extends fc.Arbitrary<infer T> ? T : never;

const numberHex = (value: number | bigint): Hex => `0x${value.toString(16)}`;

/** What ox signs and serialises, and the same as a node would give it. */
interface Signed {
  readonly raw: RawTransaction;
  readonly serialized: Hex;
  readonly key: Hex;
}

interface Envelope {
  // biome-ignore lint/suspicious/noExplicitAny: ox types each kind of envelope apart; the test handles all of them alike
  readonly module: any;
  readonly type: number;
  readonly extra: object;
  readonly rawExtra: Partial<RawTransaction>;
}

function envelopes(given: Shared): Envelope[] {
  const legacy = { gasPrice: given.most };
  const fees = { maxFeePerGas: given.most, maxPriorityFeePerGas: given.tip };
  const rawFees = { maxFeePerGas: numberHex(given.most), maxPriorityFeePerGas: numberHex(given.tip) };
  const lists = { accessList: given.accessList };
  const key = `0x${'22'.repeat(32)}` as Hex;
  const { r, s, yParity } = Secp256k1.sign({ payload: `0x${'33'.repeat(32)}`, privateKey: key });
  const authorization = { ...given.authorization, r, s, yParity };
  const rawAuthorization = {
    chainId: numberHex(authorization.chainId),
    address: authorization.address,
    nonce: numberHex(authorization.nonce),
    yParity: numberHex(yParity ?? 0),
    r,
    s,
  };
  const blob = { blobVersionedHashes: given.hashes, maxFeePerBlobGas: 7n };
  const rawBlob = { blobVersionedHashes: given.hashes, maxFeePerBlobGas: '0x7' };
  const receiver = given.to ?? (`0x${'44'.repeat(20)}` as Hex);
  return [
    { module: TxEnvelopeLegacy, type: 0, extra: legacy, rawExtra: { gasPrice: numberHex(given.most) } },
    {
      module: TxEnvelopeEip2930,
      type: 1,
      extra: { ...legacy, ...lists },
      rawExtra: { ...lists, gasPrice: numberHex(given.most) },
    },
    { module: TxEnvelopeEip1559, type: 2, extra: { ...fees, ...lists }, rawExtra: { ...rawFees, ...lists } },
    {
      module: TxEnvelopeEip4844,
      type: 3,
      extra: { ...fees, ...lists, ...blob, to: receiver },
      rawExtra: { ...rawFees, ...lists, ...rawBlob, to: receiver },
    },
    {
      module: TxEnvelopeEip7702,
      type: 4,
      extra: { ...fees, ...lists, authorizationList: [authorization], to: receiver },
      rawExtra: { ...rawFees, ...lists, authorizationList: [rawAuthorization], to: receiver },
    },
  ];
}

function signed(given: Shared, { module, type, extra, rawExtra }: Envelope): Signed {
  const { to, nonce, gas, value, input, chainId } = given;
  const key = `0x${given.key.toString(16).padStart(64, '0')}` as Hex;
  const envelope = module.from({
    chainId,
    nonce: BigInt(nonce),
    gas: BigInt(gas),
    value: BigInt(value),
    data: input,
    ...(to === null ? {} : { to }),
    ...extra,
  });
  const signature = Secp256k1.sign({ payload: module.getSignPayload(envelope), privateKey: key });
  const serialized = module.serialize(envelope, { signature }) as Hex;
  const yParity = BigInt(signature.yParity ?? 0);
  const raw: RawTransaction = {
    ...BASE,
    type,
    to,
    nonce: numberHex(nonce),
    gas: numberHex(gas),
    value,
    input,
    chainId: numberHex(chainId),
    v: numberHex(type === 0 ? 35n + 2n * BigInt(chainId) + yParity : yParity),
    // As nodes print them: numbers, without leading zeros.
    r: numberHex(BigInt(signature.r)),
    s: numberHex(BigInt(signature.s)),
    yParity: type === 0 ? null : numberHex(yParity),
    ...rawExtra,
  };
  return { raw, serialized, key };
}

suite('transactions of every type, against ox', () => {
  test('serialised, hashed and recovered the same', () => {
    fc.assert(
      fc.property(shared, (given) => {
        for (const envelope of envelopes(given)) {
          const { raw, serialized, key } = signed(given, envelope);
          assert.equal(bytesHex(encodeTransaction(raw)), serialized, `type ${raw.type}`);
          assert.equal(transactionHash(raw), keccakHex(Buffer.from(serialized.slice(2), 'hex')));
          const sender = recoverSender(raw, 1n);
          const publicKey = Secp256k1.getPublicKey({ privateKey: key });
          const expected = keccakHex(Buffer.from(publicKeyHex(publicKey), 'hex')).slice(-40);
          assert.equal(sender, `0x${expected}`);
        }
      }),
      { numRuns: 12 },
    );
  });
});

function publicKeyHex(publicKey: { readonly x: unknown; readonly y: unknown }): string {
  return [publicKey.x, publicKey.y]
    .map((part) =>
      BigInt(part as string)
        .toString(16)
        .padStart(64, '0'),
    )
    .join('');
}
