import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAmount } from '../base/money.ts';
import { requireTime } from '../base/time.ts';
import { accountFlowOf } from '../flow/memory.ts';
import { createKernels } from '../kernel/kernel.ts';
import { CHAIN, lanesOf, type Move, transfersOf } from './_fixture.ts';
import { buildExposure } from './build.ts';
import { DEFAULT_CATEGORIES } from './categories.ts';
import { exactExposure } from './exact.ts';

const datasets = process.env.HAETAE_DATASETS;
const skip = datasets === undefined ? 'HAETAE_DATASETS is not set: the Ronin rows are not at hand' : false;
const EXPLOITER = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';
const STOLEN = DEFAULT_CATEGORIES.names.indexOf('stolen');
const DUST = 1e14;

function roninMoves(folder: string): Move[] {
  const hex = (text: string): string => text.replace('\\x', '0x').toLowerCase();
  return readFileSync(join(folder, 'transfers.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(','))
    .map(([time, from, to, amount]) => ({
      time: requireTime(time!, 'time'),
      from: hex(from!),
      to: hex(to!),
      amount: parseAmount(amount!, 18) as bigint,
    }))
    .sort((a, b) => a.time - b.time);
}

/** Ether of the exploiter by holder, pro rata, in the plainest way: what is received in payments above the dust limit. */
function stolenReceived(moves: readonly Move[]): Map<string, number> {
  const balance = new Map<string, number>();
  const stolen = new Map<string, number>();
  const received = new Map<string, number>();
  for (const { from, to, amount } of moves) {
    const x = Number(amount);
    if (x === 0 || from === to) continue;
    const before = Math.max(balance.get(from!) ?? 0, x);
    const part = from === EXPLOITER ? x : ((stolen.get(from!) ?? 0) * x) / before;
    balance.set(from!, before - x);
    stolen.set(from!, (stolen.get(from!) ?? 0) - part);
    balance.set(to!, (balance.get(to!) ?? 0) + x);
    stolen.set(to!, (stolen.get(to!) ?? 0) + part);
    if (x > DUST) received.set(to!, (received.get(to!) ?? 0) + part);
  }
  return received;
}

test('Ronin: what stands below the exploiter is his, as a plain computation finds it too', { skip }, () => {
  const folder = join(datasets!, 'ronin');
  const moves = roninMoves(folder);
  const flow = accountFlowOf(CHAIN, transfersOf(moves));
  const lanes = lanesOf(flow.addresses, { [EXPLOITER]: STOLEN });
  const kernels = createKernels(null);
  const table = buildExposure({ flow, table: { lanes, set: DEFAULT_CATEGORIES }, dust: [DUST], kernels });
  const truth = stolenReceived(moves);
  let below = 0;
  for (let address = 0; address < flow.addresses.size; address += 1) {
    const text = flow.addresses.text(address);
    const query = {
      flow,
      lanes,
      categories: 16,
      asset: 0,
      address,
      dust: [DUST],
      until: flow.steps.count,
      paths: 1,
      kernels,
    };
    const { figures, paths } = exactExposure(query)!;
    const expected = truth.get(text) ?? 0;
    assert.ok(Math.abs(figures.large.all[STOLEN]! - expected) <= 1e-9 * expected + 1, text);
    const place = flow.assets[0]!.placeOf(address);
    assert.ok(Math.abs(table.received.lanes[0]!.all[16 * place + STOLEN]! - expected) <= 1e-5 * expected + 1, text);
    if (expected > 1e18 && text !== EXPLOITER) {
      below += 1;
      assert.ok(paths[0]!.amount > 0 && paths[0]!.amount <= expected * (1 + 1e-9));
    }
  }
  assert.ok(below > 20, 'the exploiter’s ether reached dozens of addresses');
  const listed = readFileSync(join(folder, 'ofac-addresses.txt'), 'utf8').match(/x[0-9a-f]{40}/gi)!;
  for (const address of new Set(listed.map((text) => `0${text.toLowerCase()}`))) {
    if (address === EXPLOITER) continue;
    const id = flow.addresses.find(address);
    const query = {
      flow,
      lanes,
      categories: 16,
      asset: 0,
      address: id,
      dust: [DUST],
      until: flow.steps.count,
      paths: 0,
      kernels,
    };
    const { large } = exactExposure(query)!.figures;
    assert.ok(large.all[STOLEN]! > 0.99 * Number(large.total), `${address}, listed by OFAC, holds his ether`);
  }
});
