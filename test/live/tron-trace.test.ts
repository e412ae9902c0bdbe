/**
 * A theft of Tether on the main network's chain id: the real genesis block, then blocks the test made, told by a server of the public
 * HTTP API. Traced from nothing by the real program, with TronGrid's lists and without.
 */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import {
  account,
  call,
  internalEntry,
  type Json,
  mainNetworkGenesis,
  type Request,
  send,
  TestChain,
  TestServer,
  transferLog,
  word,
} from '../../src/source/tron/_fixture.ts';
import { hexOfAddress } from '../../src/source/tron/address.ts';
import type { MethodResult } from '../../src/trace/result.ts';
import { Workplace } from '../e2e/_cli.ts';
import { findings, labelService, traceJson } from './_command.ts';
import { METHODS, theftsOf } from './_truth.ts';

const CHAIN = 'tron:0x2b6653dc';
const USDT = hexOfAddress('TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t');
const [VICTIM, THIEF, FIRST, SECOND, EXCHANGE] = [11, 12, 13, 14, 15].map(account) as [
  ReturnType<typeof account>,
  ReturnType<typeof account>,
  ReturnType<typeof account>,
  ReturnType<typeof account>,
  ReturnType<typeof account>,
];
const USD = 1_000_000n;

type Party = ReturnType<typeof account>;

function pay(from: Party, to: Party, amount: bigint) {
  const log = [transferLog(USDT, from.hex, to.hex, amount)];
  const info = { log, fee: 13_000n, receipt: { energy_fee: 13_000n, result: 'SUCCESS' } };
  return call(from, USDT, `a9059cbb${word(to.hex)}${word(amount)}`, { info });
}

function pull(spender: Party, from: Party, to: Party, amount: bigint) {
  const info = { log: [transferLog(USDT, from.hex, to.hex, amount)], receipt: { result: 'SUCCESS' } };
  return call(spender, USDT, `23b872dd${word(from.hex)}${word(to.hex)}${word(amount)}`, { info });
}

/** TronGrid's lists for every address: its own transactions with their block, token transfers without. */
function serveLists(server: TestServer, chain: TestChain): void {
  for (const { hex, address } of [VICTIM, THIEF, FIRST, SECOND, EXCHANGE]) {
    const list =
      (named: (tx: Json, info: Json) => boolean, row: (id: string, block: bigint) => Json) =>
      ({ query }: Request) => {
        const [from, to] = [BigInt(query.get('min_timestamp') ?? 0), BigInt(query.get('max_timestamp') ?? 0)];
        const data = chain.blocks
          .filter(({ timestamp }) => timestamp >= from && timestamp <= to)
          .flatMap(({ txs, number, timestamp }) =>
            txs
              .filter(({ json, info }) => named(json, info))
              .map(({ id }) => ({ ...row(id, number), block_timestamp: timestamp })),
          );
        return { success: true, data, meta: {} };
      };
    const owns = (tx: Json): boolean =>
      JSON.stringify(tx.raw_data, (_, v) => (typeof v === 'bigint' ? `${v}` : v)).includes(hex);
    const logged = (_: Json, info: Json): boolean => JSON.stringify(info.log ?? []).includes(hex.slice(2));
    server.methods.set(
      `v1/accounts/${address}/transactions`,
      list(owns, (txID, blockNumber) => ({ txID, blockNumber })),
    );
    server.methods.set(
      `v1/accounts/${address}/transactions/trc20`,
      list(logged, (id) => ({ transaction_id: id })),
    );
  }
}

function assertPlaces({ places, services, buckets }: MethodResult, name: string): void {
  const held = new Map(places.map(({ address, amount }) => [address, BigInt(amount)]));
  assert.equal(held.get(THIEF.address), 200n * USD + 7n, name);
  assert.equal(held.get(FIRST.address), 300n * USD, name);
  assert.equal(held.get(SECOND.address), 50n * USD - 1n, name);
  const absorbed = [[EXCHANGE.address, String(450n * USD + 1n)]];
  assert.deepEqual(
    services.map(({ address, amount }) => [address, amount]),
    absorbed,
    name,
  );
  const sum = Object.values(buckets ?? {}).reduce((total, each) => total + BigInt(each), 0n);
  assert.equal(sum, 1000n * USD + 7n, name);
}

suite('a theft on TRON, traced from its transaction alone', () => {
  const chain = new TestChain(mainNetworkGenesis());
  const server = new TestServer(chain);
  let drain: string;
  let url: string;

  before(async () => {
    const router = `41${'c0'.repeat(20)}`;
    chain.add([
      call(SECOND, router, 'aa', { info: { internal_transactions: [internalEntry('call', router, FIRST.hex, 1n)] } }),
    ]);
    chain.add([send(VICTIM, THIEF, 50n * USD)]);
    const theft = pull(THIEF, VICTIM, THIEF, 1000n * USD + 7n);
    drain = theft.id;
    chain.add([theft]);
    chain.add([pay(THIEF, FIRST, 300n * USD), pay(THIEF, SECOND, 500n * USD)]);
    chain.add([]);
    chain.add([pay(SECOND, EXCHANGE, 450n * USD + 1n)]);
    for (let i = 0; i < 3; i++) chain.add([]);
    const said: Record<string, string> = {
      'symbol()': word(32n) + word(4n) + Buffer.from('USDT').toString('hex').padEnd(64, '0'),
      'decimals()': word(6n),
    };
    server.methods.set('wallet/triggerconstantcontract', ({ body }) => ({
      result: { result: true },
      constant_result: [said[String(body.function_selector)] ?? word(0n)],
    }));
    server.methods.set('wallet/getaccount', () => ({}));
    await server.start();
    url = server.endpoint().url;
  });
  after(() => server.stop());

  const trace = async (twice: boolean) => {
    const work = new Workplace();
    try {
      await labelService(work, CHAIN, EXCHANGE.address);
      const result = await traceJson(work, drain, '--chain', 'tron', '--source', url);
      if (!twice) return result;
      const again = await traceJson(work, drain, '--chain', 'tron', '--source', url);
      assert.deepEqual(findings(again), findings(result));
      return result;
    } finally {
      work.remove();
    }
  };

  test('every unit is where the script put it, with lists and without', async () => {
    const scanned = await trace(false);
    serveLists(server, chain);
    const listed = await trace(true);
    assert.deepEqual(findings(listed), findings(scanned));
    const theft = theftsOf(listed).find(({ theft: { asset } }) => asset.endsWith('TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t'));
    assert.equal(theft?.theft.stolen, String(1000n * USD + 7n));
    for (const name of METHODS) assertPlaces(theft!.methods[name]!, name);
  });

  test('a server that hides the log of one payment is refused with block and field', async () => {
    server.corrupt = (request, answer) => {
      const infos = answer as Json[];
      if (request.path === 'wallet/gettransactioninfobyblocknum' && request.body.num === 4) delete infos[1]!.log;
      return answer;
    };
    const work = new Workplace();
    const said = await work.refused('E_SOURCE_LIES', 'trace', drain, '--chain', 'tron', '--source', url);
    assert.match(said, /block=4, field=log/);
    work.remove();
    server.corrupt = null;
  });
});
