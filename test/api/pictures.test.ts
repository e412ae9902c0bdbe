import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { requireTime } from '../../src/base/time.ts';
import type { CaseFlow } from '../../src/report/case-flow.ts';
import { CasePicture } from '../../src/report/case-picture.ts';
import type { CasePlace } from '../../src/report/case-place.ts';
import type { CaseView } from '../../src/report/case-view.ts';
import { Workplace } from '../e2e/_cli.ts';
import { onlyCase, ronin, traceDrill, traceRonin } from './_cases.ts';

const LIMIT = 50_000;

interface Drawn {
  readonly theft: CaseView['thefts'][number];
  readonly method: CaseView['thefts'][number]['methods'][number];
  readonly flow: CaseFlow;
}

function* everyFlow(picture: CasePicture): Generator<Drawn> {
  for (const theft of picture.view().thefts) {
    for (const method of theft.methods) {
      yield { theft, method, flow: picture.flow({ theft: theft.id, method: method.name, limit: LIMIT }) };
    }
  }
}

function sum(units: Iterable<string>): bigint {
  let total = 0n;
  for (const each of units) total += BigInt(each);
  return total;
}

/** What is true of the pictures of any case. */
function checkFlows(picture: CasePicture): void {
  for (const { theft, method, flow } of everyFlow(picture)) {
    const name = `${theft.id} ${method.name}`;
    const bucket = (key: string): bigint => BigInt(method.buckets?.[key] ?? 0);
    const held = sum(flow.nodes.map((node) => node.held));
    if (method.conserves) {
      assert.equal(held, bucket('held') + bucket('absorbed') + bucket('inFlight'), name);
      const rest = bucket('leak') + bucket('belowThreshold') + bucket('senior');
      assert.equal(held + BigInt(flow.feeUnits) + rest, BigInt(theft.stolen), name);
      assert.equal(sum(flow.edges.filter((edge) => edge.from === 0).map((edge) => edge.units)), BigInt(theft.stolen));
    } else assert.equal(held + sum(flow.edges.map((edge) => edge.units)), 0n, name);
    checkShape(flow, name);
  }
}

function checkShape(flow: CaseFlow, name: string): void {
  const [theft] = flow.nodes;
  assert.deepEqual([theft!.kind, theft!.column, theft!.hops], ['theft', 0, 0]);
  assert.ok(flow.columns <= 12, `${name}: ${flow.columns} columns`);
  for (const [index, node] of flow.nodes.entries()) {
    assert.ok(node.column < flow.columns, name);
    assert.ok(node.firstTime <= node.lastTime && node.firstTime > 0, `${name} ${node.address}`);
    const came = flow.edges.filter((edge) => edge.to === index);
    const gone = flow.edges.filter((edge) => edge.from === index);
    assert.equal(sum(came.map(({ units }) => units)), BigInt(node.in), `${name} into ${node.address}`);
    // What fees took stands in no edge.
    assert.ok(sum(gone.map(({ units }) => units)) <= BigInt(node.out), `${name} out of ${node.address}`);
    if (index > 0) assert.ok(BigInt(node.out) + BigInt(node.held) <= BigInt(node.in), `${name} at ${node.address}`);
    for (const edge of gone) assert.ok(flow.nodes[edge.to]!.hops <= node.hops + 1, name);
  }
  const moved = flow.edges.map(() => 0n);
  for (const step of flow.steps) moved[step.edge]! += BigInt(step.units);
  assert.deepEqual(
    moved.map(String),
    flow.edges.map(({ units }) => units),
    `${name}: the steps of each edge are what went over it`,
  );
  assert.deepEqual(
    flow.steps.map(({ time }) => time),
    flow.steps.map(({ time }) => time).toSorted((a, b) => a - b),
  );
  assert.deepEqual(flow.dropped, { nodes: 0, edges: 0 });
}

/** Every place that any method of the first two thefts draws. */
function* everyPlace(picture: CasePicture): Generator<{ theft: string; place: CasePlace }> {
  for (const { id } of picture.view().thefts.slice(0, 2)) {
    const { nodes } = picture.flow({ theft: id, method: 'poison', limit: LIMIT });
    for (const { kind, chain, address } of nodes) {
      if (kind !== 'theft' && kind !== 'link')
        yield { theft: id, place: picture.place({ theft: id, chain, address }, []) };
    }
  }
}

function checkPlaces(picture: CasePicture): void {
  for (const { theft, place } of everyPlace(picture)) {
    const ends = new Map<string, bigint>();
    for (const { points } of place.series) {
      for (const point of points) {
        assert.ok(BigInt(point.balance) >= 0n, `${theft} ${place.address}`);
        for (const units of Object.values(point.tainted)) assert.ok(BigInt(units) >= 0n, `${theft} ${place.address}`);
      }
      for (const [method, units] of Object.entries(points.at(-1)?.tainted ?? {})) {
        ends.set(method, (ends.get(method) ?? 0n) + BigInt(units));
      }
    }
    for (const { method, held } of place.methods) {
      assert.equal(ends.get(method) ?? 0n, BigInt(held), `${theft} ${method} ${place.address} ends as the result says`);
    }
  }
}

let drill: Promise<CasePicture> | null = null;

/** Made once for all suites of this file. */
function pictureOfDrill(): Promise<CasePicture> {
  drill ??= (async () => {
    const work = new Workplace();
    try {
      await traceDrill(work, 7, 2000);
      const stored = await onlyCase(work);
      return new CasePicture(stored, stored.files);
    } finally {
      work.remove();
    }
  })();
  return drill;
}

suite('pictures of a drill', () => {
  let picture: CasePicture;
  before(async () => {
    picture = await pictureOfDrill();
  });

  test('every flow conserves, by every theft and method, and its steps sum to its edges', () => checkFlows(picture));

  test('every place ends where the result says, and never holds less than nothing', () => checkPlaces(picture));

  test('a limit drops the smallest, counts them, and keeps the theft and every stop', () => {
    const [theft] = picture.view().thefts;
    const whole = picture.flow({ theft: theft!.id, limit: LIMIT });
    const isStop = ({ kind }: CaseFlow['nodes'][number]): boolean => !['theft', 'link', 'address'].includes(kind);
    const stops = whole.nodes.filter(isStop).length;
    const few = picture.flow({ theft: theft!.id, limit: stops + 20 });
    assert.equal(few.nodes.length, stops + 20);
    assert.equal(few.nodes.filter(isStop).length, stops);
    assert.deepEqual(few.dropped, {
      nodes: whole.nodes.length - few.nodes.length,
      edges: whole.edges.length - few.edges.length,
    });
    assert.ok(few.edges.every(({ from, to }) => few.nodes[from] !== undefined && few.nodes[to] !== undefined));
    const kept = new Set(few.nodes.map(({ chain, address }) => `${chain}|${address}`));
    const largest = (nodes: CaseFlow['nodes']): bigint =>
      nodes.reduce((most, node) => (BigInt(node.in) > most ? BigInt(node.in) : most), 0n);
    const gone = whole.nodes.filter(({ chain, address }) => !kept.has(`${chain}|${address}`));
    for (const node of few.nodes.filter(({ kind }) => kind === 'address')) assert.ok(BigInt(node.in) >= largest(gone));
    const one = picture.flow({ theft: theft!.id, limit: 1 });
    assert.equal(one.nodes.filter(isStop).length, stops, 'a limit below the stops keeps them all');
  });
});

suite('what a drill tells of one place', () => {
  let picture: CasePicture;
  before(async () => {
    picture = await pictureOfDrill();
  });

  test('movements that carry taint are those of the rows, page by page', () => {
    const [theft] = picture.view().thefts;
    const asked = { theft: theft!.id, touched: true, limit: 100 };
    const tainted = new Map<string, bigint>();
    let seen = 0;
    for (let next: string | null = '0'; next !== null; ) {
      const page = picture.transfers({ ...asked, skip: Number(next) });
      seen += page.items.length;
      next = page.next;
      if (next === null) assert.equal(seen, page.total);
      for (const item of page.items) {
        assert.notEqual(Object.keys(item.tainted).length, 0);
        for (const [method, units] of Object.entries(item.tainted)) {
          tainted.set(method, (tainted.get(method) ?? 0n) + BigInt(units));
        }
      }
    }
    for (const method of theft!.methods.filter(({ conserves }) => conserves)) {
      const flow = picture.flow({ theft: theft!.id, method: method.name, limit: LIMIT });
      const moved = sum(
        flow.edges.filter(({ from, transfers }) => from !== 0 && transfers > 0).map(({ units }) => units),
      );
      assert.ok(tainted.get(method.name)! >= moved, method.name);
    }
  });

  test('what a place paid and was paid is listed in order of time', () => {
    const [theft] = picture.view().thefts;
    const { chain, address } = theft!.seeds[0]!;
    const { items, total } = picture.transfers({ chain, address, touched: false, skip: 0, limit: 1000 });
    assert.equal(items.length, total);
    assert.ok(items.length > 1);
    for (const item of items) assert.ok(item.to === address || item.from?.split('|').includes(address));
    const times = items.map(({ time }) => requireTime(time, 'time'));
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    const paid = picture.transfers({ chain, from: address, touched: false, skip: 0, limit: 1000 });
    const got = picture.transfers({ chain, to: address, touched: false, skip: 0, limit: 1000 });
    assert.equal(paid.total + got.total, total);
  });

  test('labels known now stand after those of the evidence, none twice', () => {
    const [service] = picture.services(undefined, []).items;
    const { chain, address } = service!;
    const [own] = picture.place({ chain, address }, []).labels;
    const newer = { ...own!, label: 'A new name', actor: 'somebody', from: '2024-01-01T00:00:00Z' };
    const again = { ...own!, url: 'https://example.org/list' };
    const place = picture.place({ chain, address }, [again, newer]);
    assert.deepEqual(place.labels, [again, newer]);
    assert.equal(place.entity, 'somebody');
  });

  test('a hold notice stands at the service that it names', () => {
    const { items, methods } = picture.services(undefined, []);
    assert.ok(items.length > 1 && methods.length > 1);
    const [first, second] = items;
    const hold = { id: 'hn-1-0000', chain: second!.chain, address: second!.address, asset: second!.asset };
    const [other, named] = picture.services(undefined, [hold]).items;
    assert.deepEqual([other!.holds, named!.holds], [[], ['hn-1-0000']]);
    assert.equal(other!.address, first!.address);
    const recoverable = items.map((item) => item.recoverable);
    assert.deepEqual(
      recoverable,
      recoverable.toSorted((a, b) => Number(b) - Number(a)),
      'whom to call first on top',
    );
  });

  test('what the case does not have is said by name', () => {
    const { id } = picture.view().thefts[0]!;
    for (const wrong of [
      () => picture.flow({ theft: 'none', limit: 1 }),
      () => picture.flow({ theft: id, method: 'none', limit: 1 }),
      () => picture.place({ chain: 'eip155:1', address: '0x00' }, []),
    ]) {
      assert.throws(wrong, { code: 'E_NOT_FOUND' });
    }
  });
});

suite('pictures of Ronin', { skip: ronin.skip }, () => {
  const work = new Workplace();
  let picture: CasePicture;
  before(async () => {
    if (ronin.skip !== false) return;
    await traceRonin(work);
    const stored = await onlyCase(work);
    picture = new CasePicture(stored, stored.files);
  });
  after(() => work.remove());

  test('every flow conserves to the wei, and every place ends where the result says', () => {
    checkFlows(picture);
    checkPlaces(picture);
  });

  test('the thief comes first and starts with what the theft file says', () => {
    const flow = picture.flow({ theft: 'ronin-eth', limit: LIMIT });
    assert.equal(flow.nodes[1]!.address, '0x098b716b8aaf21512996dc57eb0615e2383e2f96');
    assert.equal(flow.nodes[1]!.hops, 1);
    assert.equal(flow.stolen, (173_600n * 10n ** 18n).toString());
    const place = picture.place({ chain: 'eip155:1', address: '0x098B716B8Aaf21512996dC57EB0615e2383E2f96' }, []);
    const [said] = place.methods;
    assert.deepEqual([said!.method, said!.in], [flow.method, flow.nodes[1]!.in]);
    assert.equal(flow.edges.find(({ from, to }) => from === 0 && to === 1)!.units, flow.stolen);
  });
});
