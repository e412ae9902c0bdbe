import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAmount } from '../base/money.ts';
import { requireTime } from '../base/time.ts';
import { arrangeColumns } from './flow-columns.ts';
import { buildFlow } from './flow-graph.ts';
import { layOut } from './flow-layout.ts';
import { mergeFlow } from './flow-merge.ts';
import { reportHtml } from './html.ts';
import { sampleTrace } from './sample.ts';

const datasets = process.env.HAETAE_DATASETS;
const skip = datasets === undefined ? 'HAETAE_DATASETS is not set: the Ronin rows are not at hand' : false;
const EXPLOITER = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';

test('the picture of Ronin: each listed address has a bar of its own, and no transfer is lost', { skip }, () => {
  const folder = join(datasets!, 'ronin');
  const lines = readFileSync(join(folder, 'transfers.csv'), 'utf8').trim().split('\n').slice(1);
  const hex = (text: string): string => text.replace('\\x', '0x').toLowerCase();
  const movements = lines
    .map((line) => line.trim().split(','))
    .map(([time, from, to, amount]) => {
      const units = parseAmount(amount!, 18);
      assert.equal(typeof units, 'bigint');
      return { time: requireTime(time!, 'time'), from: hex(from!), to: hex(to!), amount: units as bigint };
    })
    .sort((a, b) => a.time - b.time);
  const time = requireTime('2022-03-23T13:29:00Z', 'time');
  const seed = { from: '', to: EXPLOITER, amount: 173_600n * 10n ** 18n, time };
  const { result, touched } = sampleTrace({ seed, movements, stops: new Map() });
  const rows = touched.filter((row) => row.method === 'haircut');
  const flow = buildFlow(result.theft, result.methods.haircut!, rows);
  const picture = mergeFlow(flow, arrangeColumns(flow));

  const listed = readFileSync(join(folder, 'ofac-addresses.txt'), 'utf8').match(/x[0-9a-f]{40}/gi)!;
  const alone = picture.nodes.filter((node) => node.form === 'one').map((node) => node.lead.address);
  const missing = new Set(listed.map((text) => `0${text.toLowerCase()}`).filter((address) => !alone.includes(address)));
  assert.deepEqual([...missing], []);
  const drawn = picture.edges.reduce((sum, edge) => sum + edge.transfers, 0);
  assert.equal(drawn + picture.inner.transfers + picture.thin.transfers + flow.selfTransfers, rows.length + 1);
  assert.ok(picture.merged.members < 10, 'nearly every address is drawn by itself');
  assert.ok(layOut(picture).height < 1100);
  assert.ok(reportHtml(result, touched).includes(EXPLOITER));
});
