import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, suite, test } from 'node:test';
import type { TraceResult } from '../../src/trace/result.ts';
import { CONSERVING, datasetPath, Workplace } from './_cli.ts';

const data = datasetPath('coinjoin');
const SETS = ['jm_202406', 'sw_202403', 'ww1_202405'].map((name) => `${data.path}/dumplings__${name}.zip`);

suite('CoinJoin set: a trace through real mixes conserves to the satoshi', { skip: data.skip }, () => {
  const work = new Workplace();
  after(() => work.remove());

  test('7,036 transactions are imported, each once', async () => {
    const printed = await work.ok('import', 'transfers', ...SETS, '--preset', 'dumplings');
    assert.match(printed, /7036 kept/);
    assert.match(await work.ok('status'), /7036 UTXO transactions/);
  });

  test('two thefts that enter one Whirlpool mix end in buckets that sum to what was stolen, by every method', async () => {
    // The first line of Scanner/SamouraiCoinJoins.txt spends these two outpoints, worth 5,000,000 and 5,003,932 satoshi.
    const outpoints: [string, bigint][] = [
      ['27a6d589aa2deed6034d49a48bcd9914ef36b4b407dcbaedcac4552bd5f197d3:0', 5_000_000n],
      ['76d184a5df97b5b38691b99e150c35985329456d758028f529964a894d659269:20', 5_003_932n],
    ];
    // Their own transactions are outside the set or inside it: a credit where outside, a mark where inside.
    const thefts = outpoints.map(
      ([outpoint, value], index) =>
        `  - { id: t${index}, chain: bitcoin, asset: BTC, seeds: [{ kind: KIND, outpoint: "${outpoint}", baseUnits: "${value}" }] }`,
    );
    const result = await traceEither(work, thefts);
    for (const theft of [result, ...result.furtherThefts]) {
      for (const method of CONSERVING) {
        const { stolen, buckets, places } = theft.methods[method]!;
        const sum = Object.values(buckets!).reduce((total, units) => total + BigInt(units), 0n);
        assert.equal(sum, BigInt(stolen), method);
        const held = places.reduce((total, place) => total + BigInt(place.sourceUnits), 0n);
        assert.equal(held, BigInt(buckets!.held!), method);
        assert.ok(places.every((place) => place.outpoint !== undefined));
      }
      assert.equal(theft.methods.poison?.buckets, null);
      assert.ok(theft.methods.poison!.places.length > 5, 'a mix of five reaches further');
    }
  });
});

/** Tries each seed as a mark, then as a credit: which one fits depends on whether its transaction is in the set. */
async function traceEither(work: Workplace, thefts: readonly string[]): Promise<TraceResult> {
  const kinds = ['mark', 'credit'];
  for (const first of kinds) {
    for (const second of kinds) {
      const lines = [thefts[0]!.replace('KIND', first), thefts[1]!.replace('KIND', second)];
      writeFileSync(work.path('theft.yaml'), `title: CoinJoin\nthefts:\n${lines.join('\n')}\n`);
      const { code, out, err } = await work.run('trace', work.path('theft.yaml'), '--all', '--json');
      if (code === 0) return JSON.parse(out) as TraceResult;
      assert.match(err, /^E_SEED/m);
    }
  }
  return assert.fail('no kind of seed fits');
}
