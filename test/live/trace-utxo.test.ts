import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, afterEach, before, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { HaetaeError } from '../../src/base/errors.ts';
import { requireChain } from '../../src/model/chain.ts';
import { openBitcoinSource } from '../../src/source/bitcoin/open.ts';
import { makeEndpoint } from '../../src/source/endpoint.ts';
import type { TraceResult } from '../../src/trace/result.ts';
import type { Workplace } from '../e2e/_cli.ts';
import { Desk, filesWith, findings, labelService, Running, traceJson } from './_command.ts';
import { type Litecoind, noLitecoind, startLitecoind } from './_litecoind.ts';
import { type NodeProxy, otherThan, startProxy } from './_proxy.ts';
import { assertUtxoTruth, CHAIN, scriptUtxoTheft, type UtxoScript } from './_utxo-script.ts';

const COIN = 100_000_000n;
/** What must be asked to read a block or a transaction of one. */
const READS = /^(getblock|getrawtransaction|gettxout)$|^\/rest\/(block|tx)\//;

let node: Litecoind;
let proxy: NodeProxy;
let script: UtxoScript;
/** With user and password, through the proxy. */
let source: string;

async function begin(): Promise<void> {
  node = await startLitecoind();
  proxy = await startProxy(node.url);
  source = node.url.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${proxy.port}`);
  script = await scriptUtxoTheft(node);
}

async function inNewPlace<Result>(work: (place: Workplace) => Promise<Result>): Promise<Result> {
  const place = new Desk();
  try {
    await labelService(place, CHAIN, script.service);
    return await work(place);
  } finally {
    place.remove();
  }
}

suite('a theft on a living UTXO chain, from its id alone', { skip: noLitecoind }, () => {
  const work = new Desk();
  let result: TraceResult;
  before(async () => {
    await begin();
    await labelService(work, CHAIN, script.service);
  });
  afterEach(() => proxy.reset());
  after(() => work.remove());

  test('every method puts every litoshi where the script put it', async () => {
    const words = [script.theft, '--chain', CHAIN, '--source', source, '--theft-out', work.path('theft.yaml')];
    result = await traceJson(work, ...words);
    assertUtxoTruth(result, script);
    const hops = Math.max(...result.methods.haircut!.places.map((place) => place.hops));
    assert.ok(hops >= 32, `the peel chain is followed to its end: ${hops} hops`);
    const ends = new Set(result.methods.poison!.places.map((place) => place.outpoint));
    for (const coin of script.rest) assert.ok(ends.has(`${coin.tx}:${coin.index}`), 'the unspent rest is reached');
  });

  test('the same again reads nothing again; the theft file drawn up gives the same without any source', async () => {
    const again = await traceJson(work, work.path('theft.yaml'), '--source', source, '--chain', CHAIN);
    assert.deepEqual(findings(again), findings(result));
    assert.equal(proxy.count(READS), 0, JSON.stringify([...proxy.calls]));
    assert.deepEqual(findings(await traceJson(work, work.path('theft.yaml'))), findings(result));
    assert.ok(readFileSync(work.path('theft.yaml'), 'utf8').includes(script.theft));
  });

  test('the store alone gives the same, and so does a second transaction of the same loot beside it', async () => {
    assert.deepEqual(findings(await traceJson(work, script.theft, '--chain', CHAIN)), findings(result));
    const later = script.rest[0]!.tx;
    assert.notEqual(later, script.theft);
    const words = [script.theft, later, script.theft, '--chain', CHAIN, '--title', result.theft.title];
    for (const from of [['--stored'], ['--source', source]])
      assert.deepEqual(findings(await traceJson(work, ...words, ...from)), findings(result), from[0]);
  });

  test('the password of the node is nowhere', async () => {
    const password = new URL(node.url).password;
    assert.ok(password.length > 3);
    await work.ok('case', 'export', result.case, '--out', work.path('bundle'));
    assert.deepEqual(filesWith(work.folder, password), []);
    assert.ok(!JSON.stringify(result).includes(password));
    proxy.trouble = () => ({ kind: 'status', status: 401 });
    const { code, out, err } = await work.run('trace', script.theft, '--chain', CHAIN, '--source', source);
    assert.notEqual(code, 0);
    assert.ok(!`${out}${err}`.includes(password), err);
  });

  test('the REST interface of the same node gives the same', async () => {
    await inNewPlace(async (place) => {
      const file = place.path('sources.yaml');
      writeFileSync(file, `- chain: ${CHAIN}\n  kind: bitcoin-rest\n  url: ${node.restUrl}\n`);
      const found = await traceJson(place, script.theft, '--chain', CHAIN, '--sources', file);
      assert.deepEqual(findings(found), findings(result));
    });
  });
});

/** Whole transactions of a block, their inputs resolved, by a source that has seen nothing before; or the name of the refusal. */
async function read(block: bigint): Promise<string> {
  let opened: Awaited<ReturnType<typeof openBitcoinSource>> | null = null;
  try {
    opened = await openBitcoinSource(makeEndpoint(requireChain(CHAIN), 'bitcoin-rpc', source, {}));
    const { ref, transactions } = await opened.block(block);
    return shown({ ref, transactions: await opened.resolve(transactions) });
  } catch (error) {
    if (!(error instanceof HaetaeError)) throw error;
    const { code, context } = error;
    const where = context.block ?? context.tx ?? context.outpoint;
    if (/^E_SOURCE_(LIES|ANSWER)$/.test(code) && where !== undefined && context.field !== undefined) return 'refused';
    return `${code}: ${error.message} ${shown(context)}`;
  } finally {
    await opened?.close();
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
}

/** A copy of a hex text in which the low half of one byte is another. */
function flipped(hex: string, byte: number): string {
  const at = byte * 2 + 1;
  return hex.slice(0, at) + (hex[at] === '0' ? '1' : '0') + hex.slice(at + 1);
}

async function blockOf(tx: string): Promise<bigint> {
  const { blockhash } = (await node.rpc('getrawtransaction', tx, true)) as { blockhash: string };
  const { height } = (await node.rpc('getblockheader', blockhash)) as { height: number };
  return BigInt(height);
}

/** Every byte that was not refused, by its number; `same`: it changed nothing of what was read. */
async function unrefused(
  block: bigint,
  method: string,
  bytes: (length: number) => readonly number[],
): Promise<string[]> {
  const right = await read(block);
  let length = 0;
  proxy.tamper = (call, result) => {
    if (call.method === method && typeof result === 'string') length = Math.max(length, result.length / 2);
    return result;
  };
  await read(block);
  const wrong: string[] = [];
  for (const byte of bytes(length)) {
    proxy.tamper = (call, result) =>
      call.method === method && typeof result === 'string' && result.length > byte * 2 + 1
        ? flipped(result, byte)
        : result;
    const got = await read(block);
    if (got !== 'refused') wrong.push(`byte ${byte} of ${length}: ${got === right ? 'same' : got.slice(0, 200)}`);
  }
  proxy.tamper = null;
  return wrong;
}

function every(step: number, from = 0): (length: number) => readonly number[] {
  return (length) =>
    Array.from({ length: Math.max(0, Math.ceil((length - from) / step)) }, (_, index) => from + index * step);
}

suite('a UTXO node that lies in one byte', { skip: noLitecoind }, () => {
  afterEach(() => proxy.reset());

  test('of the raw block of the theft: every byte of its header, every third of its transactions', async () => {
    const block = await blockOf(script.theft);
    const header = (length: number): readonly number[] => every(1)(Math.min(length, 80));
    assert.deepEqual(await unrefused(block, 'getblock', header), []);
    assert.deepEqual(await unrefused(block, 'getblock', every(3, 80)), []);
  });

  test('of the raw block of the mix, with witnesses', async () => {
    const mix = script.stage.spends.find((spend) => spend.inputs.length === 6)!;
    assert.deepEqual(await unrefused(await blockOf(mix.tx), 'getblock', every(11, 80)), []);
  });

  test('of a header, and of the transactions whose outputs are spent', async () => {
    const block = await blockOf(script.theft);
    const headers = await unrefused(block, 'getblockheader', (length) => every(1)(Math.min(length, 80)));
    assert.deepEqual(
      headers.filter((text) => !text.endsWith('same')),
      [],
    );
    // A witness is no part of what an id is made of, and nothing is taken from it.
    const spent = await unrefused(block, 'getrawtransaction', every(3));
    assert.deepEqual(
      spent.filter((text) => !text.endsWith('same')),
      [],
    );
  });

  test('through the command: nothing of it is kept, and the truth is found when the lie ends', async () => {
    const work = new Desk();
    try {
      await labelService(work, CHAIN, script.service);
      const words = [script.theft, '--chain', CHAIN, '--source', source];
      proxy.tamper = ({ method, params }, result) =>
        method === 'getblock' && params[1] === 0 && typeof result === 'string' ? flipped(result, 150) : result;
      const message = await work.refused('E_SOURCE_LIES', 'trace', ...words);
      assert.match(message, /block=\d+/);
      assert.match(message, /field=\w+/);
      proxy.tamper = ({ method }, result) => (method === 'getbestblockhash' ? otherThan(result) : result);
      const { code } = await work.run('trace', ...words);
      assert.notEqual(code, 0);
      proxy.tamper = null;
      assertUtxoTruth(await traceJson(work, ...words), script);
    } finally {
      work.remove();
    }
  });
});

/** The suites share one node; the last takes blocks away and ends it. */
suite('a living UTXO chain in trouble', { skip: noLitecoind }, () => {
  afterEach(() => proxy.reset());
  after(async () => {
    await proxy?.stop();
    // An end in good order takes seconds, and nothing of it is wanted again.
    await node?.kill();
    await node?.stop();
  });

  test('the node is killed in the middle and comes back: the command goes on, or does so when given again', async () => {
    await inNewPlace(async (work) => {
      const words = ['trace', script.theft, '--chain', CHAIN, '--source', source, '--json'];
      // Writes everything to disk: a killed node may otherwise come back without its last blocks.
      await node.rpc('gettxoutsetinfo');
      proxy.delayMs = 10;
      const running = new Running(work, words);
      await running.until('a fetch is under way', () => proxy.requests >= 12);
      await node.kill();
      await sleep(200);
      await node.restart();
      proxy.delayMs = 0;
      const { code, out, err } = await running.done;
      if (code !== 0) assert.match(err, /^E_SOURCE_UNREACHABLE: /m);
      assertUtxoTruth(JSON.parse(code === 0 ? out : await work.ok(...words)), script);
    });
  });

  test('Ctrl-C keeps what was read; half answers and broken lines are asked again', async () => {
    await inNewPlace(async (work) => {
      const words = ['trace', script.theft, '--chain', CHAIN, '--source', source, '--json'];
      proxy.delayMs = 20;
      const running = new Running(work, words);
      await running.until('a fetch is under way', () => proxy.requests >= 12);
      running.interrupt();
      const { code, out } = await running.done;
      assert.notEqual(code, 0);
      assert.equal(out, '');
      proxy.reset();
      const troubles = ['half', 'break', 'refuse'] as const;
      proxy.trouble = (request) => (request > 3 && request < 7 ? { kind: troubles[request - 4]! } : null);
      assertUtxoTruth(JSON.parse(await work.ok(...words)), script);
    });
  });

  test('words and nodes that do not fit', async () => {
    await inNewPlace(async (work) => {
      const words = ['--source', source];
      await work.refused('E_NOT_FOUND', 'trace', 'ab'.repeat(32), '--chain', CHAIN, ...words);
      await work.refused('E_SOURCE_CHAIN', 'trace', script.theft, '--chain', 'bitcoin', ...words);
      const { code, err } = await work.run('trace', `0x${'ab'.repeat(20)}`, '--chain', CHAIN, ...words);
      assert.notEqual(code, 0);
      assert.match(err, /^E_(NOT_FOUND|ADDRESS): /m);
    });
  });

  test('a reorganisation between two traces: the result is that of a new store, and the truth', async () => {
    await inNewPlace(async (work) => {
      const words = [script.theft, '--chain', CHAIN, '--source', source];
      assertUtxoTruth(await traceJson(work, ...words), script);
      const { stage, gathered, service } = script;
      await stage.reorganise(2);
      const sum = gathered.reduce((total, coin) => total + coin.value, 0n);
      const [kept] = await stage.spendInBlock(gathered, [
        { address: await stage.address('legacy'), value: sum - 3n * COIN - 9_000n },
        { address: service, value: 3n * COIN },
      ]);
      await stage.spendInBlock([kept!], [{ address: await stage.address(), value: kept!.value - 400n }]);
      const after = await traceJson(work, ...words);
      assertUtxoTruth(after, script);
      const fresh = await inNewPlace((other) => traceJson(other, ...words));
      assert.deepEqual(findings(after), findings(fresh));
    });
  });
});
