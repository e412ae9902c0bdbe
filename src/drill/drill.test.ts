import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { requireTime } from '../base/time.ts';
import { requireAddress } from '../model/address.ts';
import { requireChain } from '../model/chain.ts';
import { CATEGORIES, CONFIDENCES } from '../model/label.ts';
import { parseTheftFile } from '../model/theft.ts';
import { fileLines, fileText, readRows, readUtxo } from './_replay.ts';
import { createDrill, type Drill } from './drill.ts';

const drill = createDrill({ seed: 7, scale: 3_000 });

function digests(made: Drill): Record<string, string> {
  const result: Record<string, string> = {};
  for (const file of made.files()) {
    const hash = createHash('sha256');
    for (const chunk of file.chunks) hash.update(chunk);
    result[file.name] = hash.digest('hex');
  }
  return result;
}

describe('drill files', () => {
  test('same seed and scale, same bytes; also when a file is read twice', () => {
    const once = digests(createDrill({ seed: 7, scale: 3_000 }));
    assert.deepEqual(digests(drill), once);
    assert.deepEqual(digests(drill), once);
  });

  test('another seed is another economy: no address in common', () => {
    const other = createDrill({ seed: 8, scale: 3_000 });
    const addresses = new Set([...drill.transfers()].flatMap(({ from, to }) => [from, to]));
    const shared = [...other.transfers()].filter(({ from }) => from !== null && addresses.has(from));
    assert.equal(shared.length, 0);
  });

  test('order keys are unique and ascending, hashes belong to one place in a block', () => {
    let last = [0, 0, 0, 0];
    const places = new Map<string, string>();
    for (const { time, block, txIndex, leg, tx } of readRows(drill)) {
      const key = [time, block, txIndex, leg];
      const at = key.findIndex((value, index) => value !== last[index]);
      assert.ok(at >= 0 && key[at]! > last[at]!, `${key} after ${last}`);
      assert.match(tx, /^0x[0-9a-f]{64}$/);
      assert.equal(places.get(tx) ?? `${block} ${txIndex}`, `${block} ${txIndex}`);
      places.set(tx, `${block} ${txIndex}`);
      last = key;
    }
    const indexes = new Set<string>();
    for (const { tx, time, index } of readUtxo(drill)) {
      assert.match(tx, /^[0-9a-f]{64}$/);
      assert.ok(!indexes.has(`${time} ${index}`));
      indexes.add(`${time} ${index}`);
    }
  });

  test('rows are of the canonical layout: kinds, empty ends and addresses as they should be', () => {
    const kinds = new Set<string>();
    for (const { kind, from, to } of readRows(drill)) {
      kinds.add(kind);
      assert.equal(from === '', kind === 'mint');
      assert.equal(to === '', ['gas', 'burn', 'tip'].includes(kind));
      for (const address of [from, to]) assert.match(address, /^(0x[0-9a-f]{40})?$/);
    }
    assert.deepEqual([...kinds].sort(), ['burn', 'gas', 'internal', 'mint', 'tip', 'token', 'transfer']);
  });

  test('what is in memory is what is in the file', () => {
    const rows = readRows(drill);
    for (const { tx, time, block, txIndex, leg, kind, from, to, asset, amount } of drill.transfers()) {
      const mine = {
        time,
        block: Number(block),
        txIndex,
        leg,
        tx,
        kind,
        from: from ?? '',
        to: to ?? '',
        asset,
        amount,
      };
      assert.deepEqual(rows.next().value, mine);
    }
    assert.equal(rows.next().done, true);
    const lines = readUtxo(drill);
    for (const { transaction } of drill.utxoTransactions()) {
      const line = lines.next().value!;
      assert.equal(transaction.tx, line.tx);
      assert.deepEqual(
        transaction.inputs.map((input) => `${input.outpoint?.tx}:${input.outpoint?.index} ${input.value}`),
        line.inputs.map((input: { outpoint: string; value: bigint }) => `${input.outpoint} ${input.value}`),
      );
    }
    assert.equal(lines.next().done, true);
  });
});

describe('drill side files', () => {
  test('labels name real categories and valid addresses, and say that they are simulated', () => {
    const [header, ...rows] = [...fileLines(drill, 'labels.csv')];
    assert.equal(header, 'address,chain,label,category,actor,source,confidence,valid_from,valid_to');
    for (const row of rows) {
      const [address, chain, label, category, , source, confidence] = row.split(',') as [string, ...string[]];
      assert.equal(requireAddress(requireChain(chain!), address, 'address'), address);
      assert.ok(CATEGORIES.some((known) => known === category));
      assert.ok(CONFIDENCES.some((known) => known === confidence));
      assert.equal(source, 'drill');
      assert.match(label!, /\(simulated\)$/);
    }
    assert.ok(
      ['exchange', 'mixer', 'bridge', 'dex'].every((category) => rows.some((row) => row.includes(`,${category},`))),
    );
  });

  test('everything says that it is simulated', () => {
    assert.match(fileText(drill, 'SIMULATED.txt'), /^SIMULATED DATA/);
    assert.equal(JSON.parse(fileText(drill, 'truth.json')).simulated, true);
    assert.ok(drill.truth.chains.every((chain) => requireChain(chain).simulated));
  });

  test('truth.json holds the truth as it is in memory', () => {
    assert.deepEqual(JSON.parse(fileText(drill, 'truth.json')), JSON.parse(JSON.stringify(drill.truth)));
  });

  test('about as many rows as asked for, over the whole span', () => {
    const planned = drill.truth.thefts.reduce((sum, theft) => sum + theft.hops.length, 0);
    const rows = [...drill.transfers()];
    assert.ok(rows.length >= 3_000 && rows.length < 3_000 + planned * 2 + 2_000, `${rows.length} rows`);
    const [first, last] = [rows[0]!.time, rows.at(-1)!.time];
    assert.ok(last - first > 55 * 86_400 && last - first < 100 * 86_400, `${(last - first) / 86_400} days`);
  });

  test('an odd seed or scale is taken as the nearest that is possible', () => {
    assert.equal(createDrill({ seed: 2 ** 32 + 5, scale: 3.7 }).seed, 5);
    assert.equal(createDrill({ seed: 1, scale: -4 }).scale, 100);
  });
});

describe('drill theft files', () => {
  for (const name of ['theft.yaml', 'theft-2.yaml', 'theft-2-linked.yaml', 'theft-all.yaml']) {
    test(`${name} is a theft file: marks that the balance covers, at a second nothing has left before`, () => {
      const file = parseTheftFile(parse(fileText(drill, name)), name);
      assert.equal(file.simulated, true);
      assert.equal(file.links.length > 0, name === 'theft.yaml' || name.includes('linked'));
      const seeds = file.thefts.flatMap((theft) => theft.seeds);
      assert.equal(seeds.length, name === 'theft-all.yaml' ? 8 : 4);
      for (const seed of seeds) {
        let balance = 0n;
        let received = 0n;
        for (const row of drill.transfers()) {
          if (row.time >= seed.time! || row.asset !== seed.asset.id) continue;
          if (row.to === seed.address) balance += row.amount;
          if (row.to === seed.address && row.amount > 10n ** 18n) received += row.amount;
          if (row.from === seed.address) balance -= row.amount;
        }
        assert.equal(seed.kind, 'mark');
        assert.ok(balance >= seed.amount, 'the mark is covered');
        if (!seed.asset.id.includes('slip44')) assert.equal(balance, seed.amount);
        else assert.equal(received, seed.amount);
      }
    });
  }

  test('every stage is there in every theft, in the order of its story', () => {
    for (const theft of drill.truth.thefts) {
      const stages = new Map(theft.stages.map((stage) => [stage.stage, stage]));
      for (const stage of ['S0', 'S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7', 'S8', 'S13', 'cashout', 'exit'] as const) {
        assert.ok((stages.get(stage)?.movements ?? 0) > 0, `${theft.id} has ${stage}`);
      }
      const begins = (['S0', 'S1', 'S2', 'S3', 'S5', 'S6', 'S7'] as const).map((stage) =>
        requireTime(stages.get(stage)!.from, stage),
      );
      assert.deepEqual(
        [...begins].sort((a, b) => a - b),
        begins,
      );
    }
    assert.ok(drill.truth.thefts[1]!.stages.some(({ stage }) => stage === 'S12'));
  });

  test('stages have the shape that detectors look for', () => {
    for (const { hops } of drill.truth.thefts) {
      const fan = hops.filter(({ stage }) => stage === 'S3');
      assert.ok(fan.length >= 8 && new Set(fan.map(({ to }) => to)).size === fan.length);
      for (const source of new Set(fan.map(({ from }) => from))) {
        const amounts = fan.filter(({ from }) => from === source).map(({ amount }) => Number(amount));
        const mean = amounts.reduce((sum, amount) => sum + amount, 0) / amounts.length;
        assert.ok(amounts.every((amount) => Math.abs(amount / mean - 1) < 0.08));
      }
      const deposits = hops.filter(({ stage, flow }) => stage === 'S4' && flow === 'mixer');
      const gaps = deposits.slice(1).map(({ time }, at) => requireTime(time, '') - requireTime(deposits[at]!.time, ''));
      assert.ok(Math.max(...gaps) - Math.min(...gaps) <= 60, `${gaps}`);
      assert.ok(deposits.every(({ amount }) => amount === `100${'0'.repeat(18)}`));
    }
  });
});
