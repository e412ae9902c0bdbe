import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkWebhookUrl, isPublicAddress } from './webhook-address.ts';
import { addressesOf } from './webhook-post.ts';
import { signWebhook, verifyWebhook } from './webhook-signature.ts';

const refused = (fault: { code?: string }) => fault.code === 'E_WEBHOOK';

test('addresses of the IANA special-purpose registries are not public, also wrapped in IPv6', () => {
  const inner = [
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '100.127.255.255', '127.0.0.1', '169.254.169.254', '172.16.0.1'],
    ...['172.31.255.255', '192.0.0.8', '192.0.2.1', '192.168.1.1', '198.18.0.1', '198.51.100.7', '203.0.113.9'],
    ...['224.0.0.1', '240.0.0.1', '255.255.255.255'],
  ];
  const hex = (v4: string): string => {
    const [a, b, c, d] = v4.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
    return `${a}${b}:${c}${d}`;
  };
  for (const v4 of inner) {
    const wrapped = [
      `::ffff:${v4}`,
      `::ffff:${hex(v4)}`,
      `64:ff9b::${v4}`,
      `2002:${hex(v4)}::1`,
      `::${v4}`,
      `fe80::5efe:${v4}`,
    ];
    for (const address of [v4, ...wrapped]) assert.equal(isPublicAddress(address), false, address);
  }
  const six = ['::', '::1', 'fe80::1', 'fe80::1%eth0', 'febf::1', 'fec0::1', 'fc00::1', 'fd12:3456::1', 'ff02::1'];
  const more = ['2001:db8::1', '2001::1', '2001:20::1', '64:ff9b:1::1', '100::1', '3fff::1', '5f00::1'];
  for (const address of [...six, ...more, 'no address', '']) assert.equal(isPublicAddress(address), false, address);
});

test('addresses next to those are public', () => {
  const v4 = [
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '169.253.0.1',
    '223.255.255.255',
  ];
  const v6 = [
    '2606:4700::1111',
    '2a00:1450::1',
    '2001:4860:4860::8888',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '2002:808:808::1',
  ];
  for (const address of [...v4, ...v6]) assert.equal(isPublicAddress(address), true, address);
});

test('a URL is https to a public place, without credentials', () => {
  for (const text of [
    'http://example.com/',
    'https://user:pw@example.com/',
    'https://example.com/#x',
    'ftp://example.com/',
    'https://127.0.0.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://017700000001/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://169.254.169.254/latest/meta-data',
    'not a url',
    `https://example.com/${'x'.repeat(2000)}`,
  ]) {
    assert.throws(() => checkWebhookUrl(text, false), refused, text);
  }
  assert.equal(checkWebhookUrl('https://example.com:8443/x?y=1', false).host, 'example.com:8443');
  assert.equal(checkWebhookUrl('http://127.0.0.1:1/', true).hostname, '127.0.0.1');
  assert.throws(() => checkWebhookUrl('http://a:b@127.0.0.1/', true), refused);
});

test('a name is refused where any of its addresses is private', async () => {
  const named = (...addresses: string[]) => ({ allowPrivate: false, resolve: async () => addresses });
  await assert.rejects(addressesOf('a.example', named('8.8.8.8', '10.0.0.1')), refused);
  await assert.rejects(addressesOf('a.example', named('::ffff:127.0.0.1')), refused);
  await assert.rejects(addressesOf('a.example', named()), refused);
  assert.deepEqual(await addressesOf('a.example', named('8.8.8.8')), ['8.8.8.8']);
});

test('HMAC-SHA-256 over time and body', () => {
  // printf '1700000000.{}' | openssl dgst -sha256 -hmac secret
  const expected = 'b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163';
  assert.equal(signWebhook(['secret'], '{}', 1_700_000_000), `t=1700000000,v1=${expected}`);
});

test('verifies with either secret of a rotation; refuses another body, secret, time or form', () => {
  const header = signWebhook(['new', 'old'], '{"a":1}', 1000);
  assert.equal(verifyWebhook('new', header, '{"a":1}', 1300), 'valid');
  assert.equal(verifyWebhook('old', header, Buffer.from('{"a":1}'), 1000), 'valid');
  assert.equal(verifyWebhook('new', header, '{"a":1}', 1301), 'outside-window');
  assert.equal(verifyWebhook('new', header, '{"a":1}', 699), 'outside-window');
  assert.equal(verifyWebhook('other', header, '{"a":1}', 1000), 'wrong-signature');
  assert.equal(verifyWebhook('new', header, '{"a":2}', 1000), 'wrong-signature');
  assert.equal(verifyWebhook('new', header.replace('t=1000', 't=1001'), '{"a":1}', 1000), 'wrong-signature');
  for (const bad of ['', 't=1', 'v1=00', `${header},t=1000`, `t=1000,${'v1='.repeat(500)}`]) {
    assert.equal(verifyWebhook('new', bad, '{"a":1}', 1000), 'malformed');
  }
});
