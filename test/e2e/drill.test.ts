import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import type { DrillTruth } from '../../src/drill/truth.ts';
import type { TraceResult } from '../../src/trace/result.ts';
import { CONSERVING, Workplace } from './_cli.ts';

suite('a drill, from nothing to a case that is checked against its truth', () => {
  const work = new Workplace();
  let result: TraceResult;
  let truth: DrillTruth;
  after(() => work.remove());

  before(async () => {
    await work.ok('drill', '--seed', '7', '--scale', '2000', '--out', work.path('drill'));
    truth = JSON.parse(readFileSync(work.path('drill', 'truth.json'), 'utf8')) as DrillTruth;
    await work.ok('import', 'transfers', work.path('drill', 'transfers.csv'), '--preset', 'haetae', '--complete');
    const bitcoin = ['--preset', 'dumplings', '--chain', 'bitcoin-regtest', '--complete'];
    await work.ok('import', 'transfers', work.path('drill', 'bitcoin.txt'), ...bitcoin);
    await work.ok('import', 'labels', work.path('drill', 'labels.csv'));
    result = JSON.parse(await work.ok('trace', work.path('drill', 'theft.yaml'), '--all', '--json')) as TraceResult;
  });

  test('every theft of the file conserves by every method', () => {
    const stolen = truth.thefts[0]!.stolen;
    const thefts = [result, ...result.furtherThefts];
    assert.deepEqual(
      thefts.map((theft) => [theft.theft.id, theft.theft.stolen]),
      stolen.map((item) => [item.id, item.amount]),
    );
    for (const theft of thefts) {
      for (const method of CONSERVING) {
        const { buckets } = theft.methods[method]!;
        const sum = Object.values(buckets!).reduce((total, units) => total + BigInt(units), 0n);
        assert.equal(sum.toString(), theft.theft.stolen, `${theft.theft.id} ${method}`);
      }
    }
  });

  test('poison reaches every address through which the thieves moved the loot', () => {
    const reached = new Set(
      [result, ...result.furtherThefts].flatMap((theft) => theft.methods.poison!.places.map((place) => place.address)),
    );
    const stages = ['S2', 'S3', 'S6', 'S7', 'S8'];
    const path = truth.thefts[0]!.hops.filter(
      (hop) => stages.includes(hop.stage) && hop.flow === 'own' && hop.amount !== '0',
    );
    assert.ok(path.length > 20);
    assert.deepEqual([...new Set(path.filter((hop) => !reached.has(hop.to)).map((hop) => hop.to))], []);
  });

  test('every exchange that got loot is among the services, and all is marked as simulated', () => {
    const named = new Set(
      [result, ...result.furtherThefts].flatMap((theft) =>
        theft.methods.haircut!.services.map((service) => service.name ?? ''),
      ),
    );
    for (const exchange of truth.thefts[0]!.exchanges) {
      const brand = exchange.name.replace(' (simulated)', '');
      assert.ok(
        [...named].some((name) => name.startsWith(brand)),
        `${brand} is not in ${[...named].join(', ')}`,
      );
    }
    assert.ok(result.context.simulated);
    assert.deepEqual(result.context.signatures.map((item) => item.id).filter((id) => id === 'S1').length > 0, true);
  });

  test('places of a complete import that kept still are not at the edge of the data', () => {
    assert.ok(result.methods.haircut!.places.some((place) => !place.edgeOfData));
  });

  test('a backup restores to a store that says the same', async () => {
    await work.ok('backup', work.path('backup'));
    const restored = work.path('restored.duckdb');
    await work.ok('restore', work.path('backup'), '--db', restored);
    const shown = await work.ok('case', 'show', result.case, '--json', '--db', restored);
    assert.deepEqual(JSON.parse(shown), result);
    const lines = (text: string): string[] => text.split('\n').slice(1);
    assert.deepEqual(lines(await work.ok('status', '--db', restored)), lines(await work.ok('status')));
    assert.match(await work.refused('E_BACKUP', 'restore', work.path('backup'), '--db', restored), /replace/);
  });

  test('start without data runs the whole job on a drill and ends by itself', async () => {
    const env = process.env.HAETAE_DATASETS;
    delete process.env.HAETAE_DATASETS;
    try {
      const printed = await work.ok('start', '--once', '--out', work.path('out'), '--quiet');
      assert.match(printed, /SIMULATED/);
      assert.ok(existsSync(work.path('out', 'drill.report.html')));
    } finally {
      if (env !== undefined) process.env.HAETAE_DATASETS = env;
    }
  });
});
