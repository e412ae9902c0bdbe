import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readLabelFile } from '../label/open.ts';
import { labelsOfMany } from '../label/resolve.ts';
import { saveLabelList } from '../label/save.ts';
import { openStore } from '../store/open.ts';
import type { Store } from '../store/port.ts';
import {
  addressRequest,
  ETHER,
  evidenceOf,
  exposureOf,
  factsOf,
  labelOf,
  ONE_ETHER,
  pathOf,
  requestOf,
  traceOf,
} from './_evidence-fixture.ts';
import { evaluate } from './evaluate.ts';
import type { Evidence } from './evaluation.ts';
import type { CounterpartyFacts, ExposureFact } from './facts.ts';
import { labelFactOf } from './label-facts.ts';
import { readDefaultRules } from './rule-default.ts';
import { readRules } from './rule-file.ts';

const rules = readRules(await readDefaultRules(), 'default.yaml');

function decide(facts: Partial<CounterpartyFacts>, more: Partial<Evidence> = {}): readonly [string, ...string[]] {
  const found = evaluate(rules, evidenceOf([factsOf(facts)], more));
  return [found.decision, ...found.reasons.map(({ rule }) => rule)];
}

test('a sure listing blocks, a weak one and one of the entity are for a person', () => {
  assert.deepEqual(decide({ labels: [labelOf()] }), ['block', 'sanctioned']);
  assert.deepEqual(decide({ labels: [labelOf({ caseLost: true })] }), ['block', 'sanctioned']);
  assert.deepEqual(decide({ labels: [labelOf({ confidence: 'web_crawl' })] }), ['review', 'sanctioned-uncertain']);
  assert.deepEqual(decide({ labels: [labelOf({ via: '0x9' })] }), ['review', 'sanctioned-entity']);
  assert.deepEqual(decide({ labels: [labelOf({ status: 'ended' })] }), ['allow']);
  const exchange = labelOf({ category: 'exchange', confidence: 'service_data' });
  assert.deepEqual(decide({ labels: [labelOf(), exchange] }), ['block', 'sanctioned']);
  assert.deepEqual(decide({ labels: [exchange] }), ['allow']);
});

test('indirect exposure is weighed by share, amount and hops; dust and exchanges pass', () => {
  const from = (more: Partial<ExposureFact>) =>
    decide({ exposures: [exposureOf({ category: 'sanctioned', ...more })] });
  assert.equal(from({ share: 0.6, hops: 1, path: pathOf(1) })[0], 'block');
  assert.equal(from({ share: 0.6, hops: 2, path: pathOf(2) })[0], 'review');
  assert.equal(from({ share: 0.06, hops: 3, path: pathOf(3) })[0], 'review');
  assert.equal(from({ share: 0.06, hops: 4, path: pathOf(4) })[0], 'allow');
  assert.equal(from({ share: 0.6, hops: null })[0], 'review');
  assert.equal(from({ share: 0.001, hops: 1, path: pathOf(1) })[0], 'allow');
  const little = requestOf({ amount: `${ONE_ETHER / 1000n}` });
  const exposures = [exposureOf({ category: 'sanctioned', share: 1, hops: 1, path: pathOf(1) })];
  assert.equal(decide({ exposures }, { request: little })[0], 'allow');
  assert.equal(decide({ exposures, labels: [labelOf({ category: 'bridge' })] })[0], 'allow');
});

test('fifty deposits of little money of a thief are stopped before they are one that would be', () => {
  const facts = { exposures: [exposureOf({ category: 'sanctioned', share: 1, hops: 1, path: pathOf(1) })] };
  const request = requestOf({ amount: `${ONE_ETHER / 1000n}` });
  const earlier = Array.from({ length: 49 }, (_, at) => ({
    at: '2026-02-25T00:00:00.000Z',
    amount: `${ONE_ETHER / 1000n}`,
    verdict: `v-${at}`,
  }));
  const cumulative = [{ of: 'c-1', category: 'sanctioned', link: 'indirect' as const, asset: ETHER, earlier }];
  assert.equal(decide(facts, { request, cumulative })[0], 'block');
  assert.equal(decide(facts, { request, cumulative: [{ ...cumulative[0]!, earlier: earlier.slice(1) }] })[0], 'allow');
});

test('money of a traced theft blocks where it lies, not at a service that took it in', () => {
  assert.deepEqual(decide({ traces: [traceOf()] }), ['block', 'stolen-held']);
  assert.deepEqual(decide({ traces: [traceOf({ role: 'passed' })] }), ['review', 'stolen-passed']);
  assert.deepEqual(decide({ traces: [traceOf({ role: 'service' })] }), ['allow']);
  assert.deepEqual(decide({ traces: [traceOf({ amount: '1000' })] }), ['allow']);
  assert.deepEqual(decide({ traces: [traceOf()] }, { request: addressRequest() }), ['block', 'stolen-held']);
});

const datasets = process.env.HAETAE_DATASETS ?? '';
const packs = join(datasets, 'labels', 'tagpacks', 'packs');
const sanctions = join(datasets, 'sanctions');
const skip =
  datasets !== '' && existsSync(packs) && existsSync(sanctions)
    ? false
    : 'HAETAE_DATASETS does not hold the label sets';

interface Known {
  readonly chain: string;
  readonly address: string;
}

async function importAll(store: Store, paths: readonly string[]): Promise<Known[]> {
  const all: Known[] = [];
  for (const path of paths) {
    for (const list of (await readLabelFile(path)).lists) {
      await saveLabelList(store, list);
      all.push(...list.entries.map(({ chain, address }) => ({ chain: chain ?? 'eip155:1', address })));
    }
  }
  return all;
}

test('the real lists: what OFAC lists is blocked, no exchange is, whatever passed through it', { skip }, async () => {
  const store = await openStore({ path: ':memory:' });
  try {
    const names = readdirSync(packs).filter((name) => /exchange|lazarus|hacks|ofac|tornado|blender|sinbad/.test(name));
    await importAll(store, [join(datasets, 'labels', 'etherscan-accounts.json')]);
    const listed = await importAll(store, [join(sanctions, 'ofac-programmes', 'sanctioned-addresses.json')]);
    await importAll(
      store,
      names.filter((name) => !name.includes('exchange')).map((name) => join(packs, name)),
    );
    const exchanges = await importAll(
      store,
      names.filter((name) => name.includes('exchange')).map((name) => join(packs, name)),
    );
    assert.ok(exchanges.length >= 798, String(exchanges.length));
    const worst = ['sanctioned', 'stolen', 'ransomware', 'mixer'].flatMap((category) =>
      (['received', 'sent'] as const).map((side) => exposureOf({ category, side, share: 1, hops: 1, path: pathOf(1) })),
    );
    const traces = (['holds', 'passed', 'service'] as const).map((role) =>
      traceOf({ role, amount: `${ONE_ETHER * 1000n}` }),
    );
    const labels = await labelsOfMany(store, exchanges);
    const blocked = new Set<string>();
    for (const { chain, address } of exchanges) {
      const known = (labels.get(`${chain}|${address}`) ?? []).map((label) => labelFactOf(label, chain, null));
      const facts = { address, chain, labels: known, exposures: worst, traces };
      const request = addressRequest({ chain, address });
      if (decide({ ...facts, exposures: [], traces: [] }, { request })[0] === 'block') blocked.add(address);
      const isExchange = known.some(({ category, status }) => category === 'exchange' && status === 'current');
      if (isExchange && decide(facts, { request })[0] === 'block') blocked.add(address);
    }
    assert.deepEqual([...blocked], []);
    const current = await labelsOfMany(store, listed);
    for (const { chain, address } of listed) {
      const known = (current.get(`${chain}|${address}`) ?? []).map((label) => labelFactOf(label, chain, null));
      assert.equal(
        decide({ address, chain, labels: known }, { request: addressRequest({ chain, address }) })[0],
        'block',
        address,
      );
    }
  } finally {
    await store.close();
  }
});
