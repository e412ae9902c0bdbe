import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { requireTime } from '../base/time.ts';
import type { Price } from '../model/price.ts';
import { MemoryStore } from './memory/store.ts';
import { contradictionsOf, findPrices } from './prices.ts';

const ETHER = 'eip155:1/slip44:60';
const TETHER = 'eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7';

let files = 0;
async function put(store: MemoryStore, source: string, prices: readonly Price[]): Promise<void> {
  files += 1;
  const list = {
    source,
    fileName: `${source}.csv`,
    sha256: String(files).padStart(64, '0'),
    importedAt: 1,
    empty: 0,
    refused: 0,
  };
  assert.deepEqual(await store.savePrices(list, prices), { added: true });
}

const price = (day: string, usd: string, asset = ETHER): Price => ({ asset, day, usd });
const at = (time: string, asset = ETHER) => ({ asset, time: requireTime(time, 'time') });

suite('the price of a day', () => {
  test('is that of the day in UTC, or of up to three days before, and names its day', async () => {
    const store = new MemoryStore();
    await put(store, 'a', [price('2022-03-20', '2'), price('2022-03-23', '5')]);
    const found = await findPrices(store, [
      at('2022-03-23T23:59:59Z'),
      at('2022-03-22T23:59:59Z'),
      at('2022-03-26T00:00:00Z'),
      at('2022-03-27T00:00:00Z'),
      at('2022-03-19T23:59:59Z'),
      at('2022-03-23T00:30:00+09:00'),
      at('2022-03-23', TETHER),
      at('2022-03-23', 'eip155:8453/slip44:60'),
    ]);
    assert.deepEqual(
      found.map((item) => item && [item.day, item.usd, item.source]),
      [
        ['2022-03-23', '5', 'a'],
        ['2022-03-20', '2', 'a'],
        ['2022-03-23', '5', 'a'],
        null,
        null,
        ['2022-03-20', '2', 'a'],
        null,
        ['2022-03-23', '5', 'a'],
      ],
    );
  });

  test('of two sources that whose name comes first, whatever came first; of one source the file imported last', async () => {
    const orders = [
      ['a', 'b'],
      ['b', 'a'],
    ];
    for (const order of orders) {
      const store = new MemoryStore();
      for (const source of order) await put(store, source, [price('2022-03-23', source === 'a' ? '1' : '2')]);
      const [found] = await findPrices(store, [at('2022-03-23')]);
      assert.deepEqual([found?.source, found?.usd], ['a', '1']);
      await put(store, 'a', [price('2022-03-23', '3')]);
      const [corrected] = await findPrices(store, [at('2022-03-23')]);
      assert.deepEqual([corrected?.source, corrected?.usd], ['a', '3']);
      // A price of the day itself goes before an older one of a source that comes first.
      await put(store, '0', [price('2022-03-22', '9')]);
      assert.equal((await findPrices(store, [at('2022-03-23')]))[0]?.usd, '3');
      assert.equal((await store.pricesOf(ETHER, '2022-03-23', '2022-03-23')).length, 3, 'all are kept');
    }
  });

  test('asked together or alone, the answers are the same', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ day: fc.nat({ max: 20 }), usd: fc.integer({ min: 1, max: 9 }), source: fc.nat({ max: 2 }) }),
        ),
        fc.array(fc.record({ hour: fc.nat({ max: 30 * 24 }), token: fc.boolean() }), { maxLength: 8 }),
        async (stored, asked) => {
          const store = new MemoryStore();
          const dayName = (day: number): string => `2022-03-${String(day + 1).padStart(2, '0')}`;
          for (const { day, usd, source } of stored) await put(store, `s${source}`, [price(dayName(day), String(usd))]);
          const start = requireTime('2022-03-01', 'time');
          const questions = asked.map(({ hour, token }) => ({
            asset: token ? TETHER : ETHER,
            time: start + hour * 3600,
          }));
          const together = await findPrices(store, questions);
          for (const [index, question] of questions.entries()) {
            assert.deepEqual(await findPrices(store, [question]), [together[index]]);
            const wanted = Math.floor((question.time - start) / 86_400);
            const days = stored.map(({ day }) => day).filter((day) => day <= wanted && day >= wanted - 3);
            const expected = question.asset === TETHER || days.length === 0 ? null : dayName(Math.max(...days));
            assert.equal(together[index]?.day ?? null, expected);
          }
        },
      ),
      { numRuns: 60 },
    ));
});

suite('contradictory sources', () => {
  test('a difference over 5 % of the lower price is told, once a day, with the one furthest off', async () => {
    const store = new MemoryStore();
    await put(store, 'a', [price('2022-01-01', '100'), price('2022-01-02', '100'), price('2022-01-03', '100')]);
    await put(store, 'b', [price('2022-01-03', '50')]);
    const fresh = [
      price('2022-01-01', '105'),
      price('2022-01-02', '105.0000000001'),
      price('2022-01-03', '94'),
      price('2022-01-04', '1'),
      price('2022-01-02', '1', TETHER),
    ];
    const found = await contradictionsOf(store, fresh);
    assert.deepEqual(
      found.map(({ price: { day, usd }, other, apart }) => [day, usd, other.source, other.usd, apart]),
      [
        ['2022-01-02', '105.0000000001', 'a', '100', 500n],
        ['2022-01-03', '94', 'b', '50', 8800n],
      ],
    );
  });
});
