import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeError, HaetaeError } from '../../src/base/errors.ts';
import { requireChain } from '../../src/model/chain.ts';
import { type Endpoint, parseEndpoint } from '../../src/source/endpoint.ts';
import { readSourceFile } from '../../src/source/source-file.ts';

const ETHEREUM = requireChain('ethereum');
const BITCOIN = requireChain('bitcoin');
const TRON = requireChain('tron');

function parse(word: string, chain = ETHEREUM as typeof ETHEREUM | null, env = {}): Endpoint {
  return parseEndpoint(word, chain, env);
}

function fault(run: () => unknown): HaetaeError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof HaetaeError, String(error));
    assert.doesNotMatch(`${describeError(error)}${error.stack}`, /s3cret/);
    return error;
  }
  throw new Error('no error was thrown');
}

describe('an endpoint in one word', () => {
  test('kind by the chain and the path', () => {
    const cases: [string, typeof ETHEREUM, string, string][] = [
      ['http://127.0.0.1:8545', ETHEREUM, 'evm', 'evm 127.0.0.1:8545'],
      ['https://api.trongrid.io', TRON, 'tron', 'tron api.trongrid.io'],
      ['http://127.0.0.1:8332', BITCOIN, 'bitcoin-rpc', 'bitcoin-rpc 127.0.0.1:8332'],
      ['https://blockstream.info/api', BITCOIN, 'esplora', 'esplora blockstream.info'],
      ['https://blockstream.info/api/', BITCOIN, 'esplora', 'esplora blockstream.info'],
      ['blockscout:https://eth.blockscout.com', ETHEREUM, 'blockscout', 'blockscout eth.blockscout.com'],
      ['evm:wss://node.example.org/s3cret', ETHEREUM, 'evm', 'evm node.example.org'],
    ];
    for (const [word, chain, kind, name] of cases) {
      const endpoint = parse(word, chain);
      assert.equal(endpoint.kind, kind);
      assert.equal(endpoint.name, name);
    }
  });

  test('the chain before it, by id or name, with a kind or without', () => {
    assert.equal(parse('eip155:10=https://a.example', null).chain.id, 'eip155:10');
    assert.equal(parse('eip155:777=https://a.example', null).chain.id, 'eip155:777');
    assert.equal(parse('bitcoin=esplora:https://a.example', null).kind, 'esplora');
    assert.equal(parse('https://a.example/?x=y=z').url, 'https://a.example/?x=y=z');
    assert.equal(fault(() => parse('https://a.example', null)).code, 'E_SOURCE');
    assert.equal(fault(() => parse('eip155:10=https://a.example')).code, 'E_SOURCE');
    assert.equal(fault(() => parse('nochain=https://a.example', null)).code, 'E_ASSET');
  });

  test('user and password become a header and leave the address', () => {
    const endpoint = parse('bitcoin-rpc:http://us%40er:s3cret%3A@127.0.0.1:8332/wallet/x', BITCOIN);
    assert.equal(endpoint.headers.authorization, `Basic ${Buffer.from('us@er:s3cret:').toString('base64')}`);
    assert.equal(endpoint.url, 'http://127.0.0.1:8332/wallet/x');
    assert.ok(!endpoint.name.includes('us'));
  });

  test('a variable of the environment in the address', () => {
    const endpoint = parse(`https://a.example/v3/\${KEY}`, ETHEREUM, { KEY: 's3cret' });
    assert.equal(endpoint.url, 'https://a.example/v3/s3cret');
    assert.equal(fault(() => parse(`https://a.example/\${KEY}`)).context.variable, 'KEY');
  });

  test('public endpoints are asked slowly, this machine is not', () => {
    assert.equal(parse('etherscan:https://api.etherscan.io/v2/api').requestsPerSecond, 3);
    assert.equal(parse('etherscan:http://127.0.0.1:1/api').requestsPerSecond, null);
  });

  test('what is no endpoint is refused without quoting it', () => {
    const words = [
      '',
      'a.example/s3cret',
      'ftp://a.example/s3cret',
      'geth:https://a.example/s3cret',
      'https://',
      'http://a b/s3cret',
      'https://a.example:99999/s3cret',
      'esplora:https://a.example/s3cret',
      'tron:https://a.example/s3cret',
      'blockscout:wss://a.example/s3cret',
    ];
    for (const word of words) assert.equal(fault(() => parse(word)).code, 'E_SOURCE', word);
    assert.match(fault(() => parse('geth:https://a.example')).remedy ?? '', /bitcoin-rest/);
  });
});

describe('a file of sources', () => {
  test('every field', () => {
    const text = `
- chain: ethereum
  url: https://node.example/\${PART}
  headers: { X-Trace: "on \${PART}" }
  requestsPerSecond: 2.5
  concurrency: 3
  batch: 10
  timeoutSeconds: 5
- { chain: "eip155:1", kind: etherscan, url: "https://api.etherscan.io/v2/api?chainid=1", keyEnv: KEY }
- { chain: tron, url: "https://api.trongrid.io", keyEnv: KEY }
- { chain: bitcoin, url: "http://127.0.0.1:8332", keyEnv: RPC }
- { chain: ethereum, url: "https://b.example", keyEnv: KEY }
`;
    const [node, explorer, tron, bitcoin, bearer] = readSourceFile(text, 'sources.yaml', {
      PART: 'p',
      KEY: 's3cret',
      RPC: 'u:p',
    });
    assert.equal(node?.url, 'https://node.example/p');
    assert.deepEqual(node?.headers, { 'x-trace': 'on p' });
    assert.deepEqual([node?.requestsPerSecond, node?.concurrency, node?.batch, node?.timeoutMs], [2.5, 3, 10, 5000]);
    assert.equal(explorer?.url, 'https://api.etherscan.io/v2/api?chainid=1&apikey=s3cret');
    assert.deepEqual(tron?.headers, { 'tron-pro-api-key': 's3cret' });
    assert.deepEqual(bitcoin?.headers, { authorization: 'Basic dTpw' });
    assert.deepEqual(bearer?.headers, { authorization: 'Bearer s3cret' });
  });

  test('faults name file and field, and quote nothing', () => {
    const cases: [string, string][] = [
      ['', 'file'],
      ['[]', 'file'],
      ['- { chain: ethereum }', '0.url'],
      ['- { chain: ethereum, url: "https://a.example/s3cret", speed: 3 }', '0'],
      ['- { chain: ethereum, url: "https://a.example/s3cret", batch: 0 }', '0.batch'],
      ['- { chain: ethereum, url: "https://a.example/s3cret", kind: s3cret }', '0.kind'],
      ['- { chain: ethereum, url: "https://a.example", headers: { "a b": "s3cret" } }', '0.headers.a b'],
      ['- { chain: ethereum, url: "https://a.example", headers: { a: "s3cret\\n" } }', '0.headers.a'],
    ];
    for (const [text, field] of cases) {
      const error = fault(() => readSourceFile(text, 'sources.yaml', {}));
      assert.equal(error.code, 'E_SOURCE');
      assert.equal(error.context.file, 'sources.yaml');
      if (field !== 'file') assert.equal(error.context.field, field);
    }
    for (const text of ['- url: *s3cret', '- {s3cret', '- chain: moon\n  url: https://a.example/s3cret']) {
      assert.equal(fault(() => readSourceFile(text, 'sources.yaml', {})).code, 'E_SOURCE');
    }
    const unset = fault(() =>
      readSourceFile('- { chain: ethereum, url: "https://a.example", keyEnv: KEY }', 'sources.yaml', {}),
    );
    assert.equal(unset.context.variable, 'KEY');
    assert.equal(unset.context.entry, 0);
  });
});
