import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { addressForms, checksumEvm, parseAddress, requireAddress, scriptToAddress } from './address.ts';
import { requireChain } from './chain.ts';

const chain = requireChain;
const bitcoin = chain('bitcoin');
const ethereum = chain('ethereum');

function taken(name: string, text: string): string {
  const parsed = parseAddress(chain(name), text);
  assert.ok(parsed.ok, `${name} ${text}`);
  return parsed.address;
}

function fault(name: string, text: string): string {
  const parsed = parseAddress(chain(name), text);
  assert.ok(!parsed.ok, `${name} ${text}`);
  assert.notEqual(parsed.remedy, '');
  return parsed.fault;
}

/** https://eips.ethereum.org/EIPS/eip-55, section Test Cases. */
const EIP55 = [
  '0x52908400098527886E0F7030069857D2E4169EE7',
  '0x8617E340B3D01FA5F11F306F4090FD50E238070D',
  '0xde709f2102306220921060314715629080e2fb77',
  '0x27b1fdb04752bbc536007a920d24acb045561c26',
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
  '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
];

/** https://github.com/bitcoin/bips/blob/master/bip-0350.mediawiki, test vectors for v0–v16 segwit addresses, those of hrp bc. */
const SEGWIT = [
  ['BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4', '0014751e76e8199196d454941c45d1b3a323f1433bd6'],
  [
    'bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y',
    '5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6',
  ],
  ['BC1SW50QGDZ25J', '6002751e'],
  ['bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs', '5210751e76e8199196d454941c45d1b3a323'],
  [
    'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0',
    '512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
  ],
] as const;

/** The invalid ones there, of every hrp. */
const NOT_SEGWIT = [
  'tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut',
  'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd',
  'tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf',
  'BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL',
  'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh',
  'tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47',
  'bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4',
  'BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R',
  'bc1pw5dgrnzv',
  'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav',
  'BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P',
  'tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq',
  'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf',
  'tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j',
  'bc1gmk9yu',
];

/** https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/cashaddr.md, examples of address translation. */
const CASH = [
  ['1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu', 'bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a'],
  ['1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR', 'bitcoincash:qr95sy3j9xwd2ap32xkykttr4cvcu7as4y0qverfuy'],
  ['16w1D5WRVKJuZUsSRzdLp9w3YGcgoxDXb', 'bitcoincash:qqq3728yw0y47sqn6l2na30mcw6zm78dzqre909m2r'],
  ['3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC', 'bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq'],
  ['3LDsS579y7sruadqu11beEJoTjdFiFCdX4', 'bitcoincash:pr95sy3j9xwd2ap32xkykttr4cvcu7as4yc93ky28e'],
  ['31nwvkZwyPdgzjBJZXfDmSWsC4ZLKpYyUw', 'bitcoincash:pqq3728yw0y47sqn6l2na30mcw6zm78dzq5ucqzc37'],
] as const;

test('EIP-55 vectors are taken, spelled again, and refused with one letter’s case changed', () => {
  for (const text of EIP55) {
    assert.equal(taken('ethereum', text), text.toLowerCase());
    assert.equal(checksumEvm(text.toLowerCase()), text);
  }
  assert.equal(fault('ethereum', '0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed'), 'checksum');
});

test('an EVM address is taken in every spelling that exports use', () => {
  const canonical = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';
  for (const text of [
    canonical,
    '\\x098b716b8aaf21512996dc57eb0615e2383e2f96',
    '0X098B716B8AAF21512996DC57EB0615E2383E2F96',
  ]) {
    assert.equal(taken('ethereum', ` ${text} `), canonical);
  }
  assert.equal(taken('bsc', '0x098B716B8Aaf21512996dC57EB0615e2383E2f96'), canonical);
  assert.equal(fault('ethereum', canonical.slice(0, -1)), 'length');
  assert.equal(fault('ethereum', `${canonical.slice(0, -1)}g`), 'characters');
  assert.equal(fault('ethereum', ''), 'length');
});

test('the EIP-55 spelling agrees with a plain keccak-256 of the digits', () => {
  const digits = fc.uint8Array({ minLength: 20, maxLength: 20 });
  fc.assert(
    fc.property(digits, (bytes) => {
      const lower = Buffer.from(bytes).toString('hex');
      const hash = Buffer.from(keccak_256(Buffer.from(lower))).toString('hex');
      const want = [...lower]
        .map((digit, i) => (Number.parseInt(hash[i]!, 16) >= 8 ? digit.toUpperCase() : digit))
        .join('');
      assert.equal(checksumEvm(`0x${lower}`), `0x${want}`);
    }),
    { numRuns: 200 },
  );
});

test('BIP-350 vectors: address to canonical form, and script to address', () => {
  for (const [address, script] of SEGWIT) {
    assert.equal(taken('bitcoin', address), address.toLowerCase());
    assert.equal(scriptToAddress(bitcoin, script), address.toLowerCase());
  }
  for (const address of NOT_SEGWIT) assert.equal(parseAddress(bitcoin, address).ok, false, address);
});

test('CashAddr vectors: legacy and new spellings of one hash are one address', () => {
  for (const [legacy, cash] of CASH) {
    assert.equal(taken('bitcoincash', legacy), cash);
    assert.equal(taken('bitcoincash', cash.slice('bitcoincash:'.length)), cash);
    assert.equal(taken('bitcoincash', cash.toUpperCase()), cash);
    assert.equal(taken('bitcoin', legacy), legacy);
    assert.equal(fault('bitcoin', cash), 'other-chain');
    assert.equal(fault('bitcoincash', `${cash.slice(0, -1)}${cash.endsWith('q') ? 'p' : 'q'}`), 'checksum');
  }
});

test('real addresses of every chain, and none of them is taken for another chain', () => {
  // Genesis coinbase of Bitcoin; the others are OFAC-listed or exchange reserve addresses published by their owners.
  const real = [
    ['bitcoin', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'],
    ['litecoin', 'M8yFL6SFC6TreATegTyuSYkDfDRbisdpT3'],
    ['litecoin', 'LNwgtMxcKUQ51dw7bQL1yPQjBVZh6QEqsd'],
    ['dogecoin', 'DFCT8ZPq6MytZU3HSvbTJevxt4MLq2Xasu'],
    ['dash', 'XnPFsRWTaSgiVauosEwQ6dEitGYXgwznz2'],
    ['zcash', 't1MMXtBrSp1XG38Lx9cePcNUCJj5vdWfUWL'],
    ['tron', 'TBHTJqAy4DhHhmT3dNceJYNRz4SdLofLre'],
    ['ethereum', '0x098b716b8aaf21512996dc57eb0615e2383e2f96'],
  ] as const;
  for (const [name, address] of real) {
    assert.equal(taken(name, address), address);
    for (const other of ['bitcoin', 'dogecoin', 'dash', 'zcash', 'tron', 'ethereum']) {
      if (other !== name) assert.equal(fault(other, address), 'other-chain', `${address} on ${other}`);
    }
  }
});

test('TRON: the hex form of nodes is the same address (USDT contract, as TronScan prints both)', () => {
  const canonical = 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t';
  assert.equal(taken('tron', '41a614f803b6fd780986a42c78ec9c7f77e6ded13c'), canonical);
  assert.equal(taken('tron', canonical), canonical);
  assert.equal(fault('tron', `${canonical.slice(0, -1)}u`), 'checksum');
});

test('Litecoin P2SH is one address in its old and its new spelling', () => {
  const script = `a914${'5a'.repeat(20)}87`;
  const old = scriptToAddress(bitcoin, script);
  assert.equal(old[0], '3');
  assert.equal(taken('litecoin', old), scriptToAddress(chain('litecoin'), script));
  assert.equal(taken('litecoin', old)[0], 'M');
});

test('faults name what is wrong', () => {
  assert.equal(fault('bitcoin', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb'), 'checksum');
  assert.equal(fault('bitcoin', '1A1zP1eP5QGefi2DMPTfTL5SLmv7Div'), 'length');
  assert.equal(fault('bitcoin', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfN0'), 'characters');
  assert.equal(fault('bitcoin', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5'), 'checksum');
  assert.equal(fault('bitcoin', 'bc1QW508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'), 'characters');
  assert.equal(fault('zcash', `zs1${'q'.repeat(75)}`), 'unsupported');
  assert.throws(() => requireAddress(ethereum, 'xyz', 'seed.address'), {
    code: 'E_ADDRESS',
    context: { field: 'seed.address', value: 'xyz', fault: 'characters' },
  });
});

test('a chain without rules takes any word of bounded length', () => {
  const any = { ...ethereum, addressFormat: 'any' as const };
  assert.equal(parseAddress(any, 'rnXyVQzgxZe7TR1EPzTkGj2jxH4LMJYh66').ok, true);
  assert.equal(parseAddress(any, 'a b').ok, false);
  assert.equal(parseAddress(any, 'x'.repeat(201)).ok, false);
});

test('output scripts: standard kinds have addresses, the others stay scripts', () => {
  const hash = '62e907b15cbf27d5425399ebf6f0fb50ebb88f18';
  // The key hash of the genesis coinbase.
  assert.equal(scriptToAddress(bitcoin, `76a914${hash}88ac`), '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa');
  // Pay-to-anchor (BIP-433): bc1pfeessrawgf.
  assert.equal(scriptToAddress(bitcoin, '51024e73'), 'bc1pfeessrawgf');
  const key = `21${'02'.repeat(33)}ac`;
  for (const script of [
    key,
    '6a0548656c6c6f',
    `5121${'03'.repeat(33)}51ae`,
    '',
    `0015${'00'.repeat(21)}`,
    `5220${'00'.repeat(31)}`,
  ]) {
    assert.equal(scriptToAddress(bitcoin, script), `script:${script}`);
    assert.equal(taken('bitcoin', `script:${script}`), `script:${script}`);
  }
  assert.equal(scriptToAddress(chain('dogecoin'), `0014${hash}`), `script:0014${hash}`);
  assert.equal(scriptToAddress(chain('bitcoin-regtest'), `0014${hash}`).slice(0, 6), 'bcrt1q');
  assert.throws(() => scriptToAddress(bitcoin, '76a9xx'), { code: 'E_ADDRESS' });
});

test('every address that a script gives is canonical on its chain', () => {
  const script = fc
    .tuple(
      fc.constantFrom('76a914@88ac', 'a914@87', '0014@', '5114@', '6014@'),
      fc.uint8Array({ minLength: 20, maxLength: 20 }),
    )
    .map(([shape, hash]) => shape.replace('@', Buffer.from(hash).toString('hex')));
  const names = fc.constantFrom('bitcoin', 'litecoin', 'dogecoin', 'bitcoincash', 'dash', 'zcash', 'bitcoin-regtest');
  fc.assert(
    fc.property(names, script, (name, hex) => {
      const address = scriptToAddress(chain(name), hex);
      assert.equal(taken(name, address), address);
    }),
    { numRuns: 200 },
  );
});

test('one mistyped character is never taken for another address', () => {
  const texts = [
    'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4',
    '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa',
    'TBHTJqAy4DhHhmT3dNceJYNRz4SdLofLre',
  ];
  const letters = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.nat(41), fc.constantFrom(...letters), (text, place, letter) => {
      const at = place % text.length;
      fc.pre(text[at] !== letter);
      assert.deepEqual(addressForms(text.slice(0, at) + letter + text.slice(at + 1)), []);
    }),
    { numRuns: 300 },
  );
});
