import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { HaetaeError } from '../../base/errors.ts';
import type { AccountSource } from '../chain-source.ts';
import {
  account,
  base58,
  call,
  type Json,
  type Request,
  send,
  TestChain,
  TestServer,
  transferLog,
  word,
} from './_fixture.ts';
import { openTronSource } from './open.ts';

const [ANN, BOB, EVE] = [account(1), account(2), account(3)] as const;
const TOKEN = `41${'7e'.repeat(20)}`;
const PAGE = 3;

/** TronGrid's lists, paged by fingerprint: rows of ANN's own transactions with their block, TRC-20 rows without one. */
function serveLists(server: TestServer, chain: TestChain): void {
  const list = (trc20: boolean) => (request: Request) => {
    const from = BigInt(request.query.get('min_timestamp') ?? 0);
    const to = BigInt(request.query.get('max_timestamp') ?? 0);
    const rows = chain.blocks
      .filter(({ timestamp }) => timestamp >= from && timestamp <= to)
      .flatMap(({ txs, number, timestamp }) =>
        txs
          .filter(({ info }) => (info.log !== undefined) === trc20)
          .map(
            ({ id }): Json =>
              trc20
                ? { transaction_id: id, block_timestamp: timestamp, type: 'Transfer', value: '1' }
                : { txID: id, blockNumber: number, block_timestamp: timestamp },
          ),
      );
    const start = Number(request.query.get('fingerprint') ?? 0);
    const more = start + PAGE < rows.length;
    return {
      data: rows.slice(start, start + PAGE),
      success: true,
      meta: { page_size: PAGE, ...(more ? { fingerprint: String(start + PAGE) } : {}) },
    };
  };
  server.methods.set(`v1/accounts/${ANN.address}/transactions`, list(false));
  server.methods.set(`v1/accounts/${ANN.address}/transactions/trc20`, list(true));
}

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => 'nothing was thrown',
    (error: unknown) => (error instanceof HaetaeError ? error.code : String(error)),
  );
}

describe('what TronGrid lists of an account', () => {
  const chain = new TestChain();
  const server = new TestServer(chain);
  let source: AccountSource;
  before(async () => {
    const token = () => call(BOB, TOKEN, '00', { info: { log: [transferLog(TOKEN, BOB.hex, ANN.hex, 1n)] } });
    for (let i = 1; i <= 20; i++)
      chain.add(i % 3 === 0 ? [token()] : i % 3 === 1 ? [send(ANN, BOB, 1n), send(ANN, EVE, 1n)] : []);
    serveLists(server, chain);
    await server.start();
    source = await openTronSource(server.endpoint());
  });
  after(async () => {
    await source.close();
    await server.stop();
  });

  test('the blocks of both lists, ascending, within the range', async () => {
    const found = await source.activity(ANN.address, 2n, 16n, 100);
    assert.deepEqual(found?.blocks, [3n, 4n, 6n, 7n, 9n, 10n, 12n, 13n, 15n, 16n]);
    assert.equal(found?.truncated, false);
    assert.equal(found?.gaps.length, 1);
    assert.deepEqual((await source.activity(ANN.address, 15n, 99n, 100))?.blocks, [15n, 16n, 18n, 19n]);
    assert.deepEqual((await source.activity(ANN.address, 99n, 100n, 100))?.blocks, []);
  });

  test('more blocks than the limit: the first of them without a hole, and said', async () => {
    for (const limit of [1, 2, 3, 5, 8, 13]) {
      const found = await source.activity(ANN.address, 1n, 20n, limit);
      const all = [1n, 3n, 4n, 6n, 7n, 9n, 10n, 12n, 13n, 15n, 16n, 18n, 19n];
      assert.deepEqual(found?.blocks, all.slice(0, found?.blocks.length));
      assert.equal(found?.truncated, limit < all.length);
      assert.ok(found !== null && found.blocks.length <= limit);
    }
  });

  test('an address of another kind, a list that runs in circles, a block of another time, a plain node', async () => {
    assert.equal(await codeOf(source.activity('0xnone', 1n, 20n, 5)), 'E_ADDRESS');
    const path = `v1/accounts/${ANN.address}/transactions`;
    const rows = (block: bigint) => ({
      data: [{ txID: 'aa'.repeat(32), blockNumber: block, block_timestamp: 1_700_000_006_000n }],
      success: true,
    });
    server.methods.set(path, () => ({ ...rows(2n), meta: { fingerprint: 'again' } }));
    assert.equal(await codeOf(source.activity(ANN.address, 1n, 20n, 5)), 'E_SOURCE_ANSWER');
    server.methods.set(path, () => ({ ...rows(999n), meta: {} }));
    assert.equal(await codeOf(source.activity(ANN.address, 1n, 20n, 5)), 'E_SOURCE_LIES');
    assert.equal(await source.activity(BOB.address, 1n, 20n, 5), null);
  });
});

describe('present state', () => {
  const chain = new TestChain();
  const server = new TestServer(chain);
  let source: AccountSource;
  const id = (rest: string): string => `${chain.chain.id}/${rest}`;
  before(async () => {
    chain.add([]);
    const text = Buffer.from('USDT').toString('hex');
    const answers: Record<string, string> = {
      'balanceOf(address)': word(2n ** 100n),
      'symbol()': word(32n) + word(4n) + text.padEnd(64, '0'),
      'decimals()': word(6n),
    };
    server.methods.set('wallet/getaccount', ({ body }) =>
      body.address === ANN.hex ? { balance: 2n ** 60n + 1n, assetV2: [{ key: '1000001', value: 5n }] } : {},
    );
    server.methods.set('wallet/triggerconstantcontract', ({ body }) =>
      body.contract_address === TOKEN
        ? { result: { result: true }, constant_result: [answers[String(body.function_selector)] ?? ''] }
        : { result: { code: 'CONTRACT_VALIDATE_ERROR', message: '00' } },
    );
    server.methods.set('wallet/getassetissuebyid', () => ({ id: '1000001', abbr: '5858', precision: 3 }));
    await server.start();
    source = await openTronSource(server.endpoint());
  });
  after(async () => {
    await source.close();
    await server.stop();
  });

  test('balances of the head, exact; of any other block none', async () => {
    const asset = { trx: id('slip44:195'), trc10: id('trc10:1000001'), token: id(`trc20:${base58(TOKEN)}`) };
    const places = [asset.trx, asset.trc10, asset.token, id('nft:1')].map((each) => ({
      address: ANN.address,
      asset: each,
    }));
    assert.deepEqual(await source.balances(places, 1n), [2n ** 60n + 1n, 5n, 2n ** 100n, null]);
    assert.deepEqual(await source.balances([{ address: BOB.address, asset: asset.trx }], 1n), [0n]);
    const asked = server.asked.length;
    assert.deepEqual(await source.balances(places, 0n), [null, null, null, null]);
    assert.equal(server.asked.length, asked);
    let grown = false;
    server.intercept = ({ path }) => {
      if (path === 'wallet/getaccount' && !grown) {
        grown = true;
        chain.add([]);
      }
      return false;
    };
    assert.deepEqual(await source.balances(places, 1n), [null, null, null, null]);
  });

  test('symbols and decimals as tokens say them, and none where they do not or cannot', async () => {
    const other = base58(`41${'99'.repeat(20)}`);
    const assets = [
      id('slip44:195'),
      id(`trc20:${base58(TOKEN)}`),
      id(`trc20:${other}`),
      id('trc10:1000001'),
      id('trc10:Name'),
    ];
    assert.deepEqual(
      (await source.tokens(assets)).map(({ symbol, decimals }) => [symbol, decimals]),
      [
        ['TRX', 6],
        ['USDT', 6],
        [other.slice(0, 10), null],
        ['XX', 3],
        ['Name', null],
      ],
    );
  });
});
