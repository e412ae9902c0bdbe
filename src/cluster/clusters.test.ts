import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { createKernels } from '../kernel/kernel.ts';
import { affectedBy, Clusters, NEVER, type SavedClusters } from './clusters.ts';
import type { Refused } from './guard.ts';
import type { JoinGroups } from './multi-input.ts';

const twin = createKernels(null);
type Group = readonly number[];

/** Group i is step i. */
function groupsOf(groups: readonly Group[], first = 0): JoinGroups {
  const starts = [0];
  for (const group of groups) starts.push(starts.at(-1)! + group.length);
  return {
    count: groups.length,
    members: Uint32Array.from(groups.flat()),
    starts: Uint32Array.from(starts),
    txs: Uint32Array.from(groups, (_, index) => first + index),
  };
}

/** The rules in the plainest way: sets of members, one union after the other. */
function plainly(members: number, services: readonly number[], sizeLimit: number, groups: readonly Group[]) {
  const clusters = Array.from({ length: members }, (_, member) => new Set([member]));
  const service = (set: ReadonlySet<number>): number => Math.max(...[...set].map((member) => services[member] ?? 0));
  const refused: Refused[] = [];
  groups.forEach((group, step) => {
    for (const b of group.slice(1)) {
      const a = group[0]!;
      const [one, other] = [clusters[a]!, clusters[b]!];
      if (one === other) continue;
      const [labelA, labelB, sizeA, sizeB] = [service(one), service(other), one.size, other.size];
      const apart = labelA !== labelB && labelA > 0 && labelB > 0;
      if (apart || (sizeA > sizeLimit && sizeB > sizeLimit)) {
        refused.push({ step, a, b, labelA, labelB, sizeA, sizeB });
        continue;
      }
      for (const member of other) {
        one.add(member);
        clusters[member] = one;
      }
    }
  });
  return { roots: clusters.map((set) => Math.min(...set)), refused };
}

function shown({ roots, refusals, lastJoin }: SavedClusters): unknown {
  return { roots: [...roots], refusals: [...refusals], lastJoin: [...lastJoin] };
}

const MEMBERS = 20;
const group = fc.uniqueArray(fc.nat(MEMBERS - 1), { minLength: 2, maxLength: 4 });
const scene = fc.record({
  groups: fc.array(group, { maxLength: 20 }),
  services: fc.array(fc.constantFrom(0, 0, 1, 2, 3), { minLength: MEMBERS, maxLength: MEMBERS }),
  sizeLimit: fc.constantFrom(1, 2, 3, 100),
});

function build(groups: readonly Group[], services: readonly number[], sizeLimit: number): Clusters {
  const clusters = new Clusters(twin, { members: MEMBERS, services: Uint32Array.from(services), sizeLimit });
  clusters.run(groupsOf(groups));
  return clusters;
}

suite('clusters: unions in chain order under the collapse guard', () => {
  test('clusters and refusals are those of the rules done plainly', () => {
    fc.assert(
      fc.property(scene, ({ groups, services, sizeLimit }) => {
        const { roots, refused } = plainly(MEMBERS, services, sizeLimit, groups);
        const saved = build(groups, services, sizeLimit).save();
        assert.deepEqual([...saved.roots], roots);
        assert.deepEqual(saved.refusals, refused);
      }),
    );
  });

  test('two services never stand in one cluster, nor a union of two above the limit', () => {
    fc.assert(
      fc.property(scene, ({ groups, services, sizeLimit }) => {
        const { roots } = build(groups, services, sizeLimit).save();
        const met = new Map<number, number>();
        roots.forEach((root, member) => {
          const service = services[member]!;
          if (service > 0) assert.equal(met.get(root) ?? service, service);
          if (service > 0) met.set(root, service);
        });
      }),
    );
  });

  test('cut anywhere, saved and gone on from, it is the same', () => {
    fc.assert(
      fc.property(scene, fc.nat(20), ({ groups, services, sizeLimit }, cut) => {
        const options = { members: MEMBERS, services: Uint32Array.from(services), sizeLimit };
        const early = build(groups.slice(0, cut), services, sizeLimit).save();
        const late = Clusters.resume(twin, early, null, options);
        late.run(groupsOf(groups.slice(cut), Math.min(cut, groups.length)));
        assert.deepEqual(shown(late.save()), shown(build(groups, services, sizeLimit).save()));
      }),
    );
  });

  test('groups taken back, others in their place and other labels: only what they touch is run again, with the same result', () => {
    const change = fc.record({ before: scene, after: scene, same: fc.nat(20) });
    fc.assert(
      fc.property(change, ({ before, after, same }) => {
        const { services: next, sizeLimit } = after;
        const kept = before.groups.slice(0, same);
        const groups = [...kept, ...after.groups];
        const saved = build(before.groups, before.services, sizeLimit).save();
        const touched = next.flatMap((service, member) => (service === before.services[member] ? [] : [member]));
        const mask = affectedBy(saved, touched, kept.length);
        const options = { members: MEMBERS, services: Uint32Array.from(next), sizeLimit };
        const again = Clusters.resume(twin, saved, mask, options);
        if (mask !== null) again.run(groupsOf(kept.map((group) => (mask[group[0]!] === 0 ? [] : group))));
        again.run(groupsOf(after.groups, kept.length));
        again.settle();
        assert.deepEqual(shown(again.save()), shown(build(groups, next, sizeLimit).save()));
      }),
      { numRuns: 500 },
    );
  });
});

suite('clusters: what a change touches', () => {
  test('refusals stand in the chain’s order, also where only the first component is run again', () => {
    const groups = [
      [0, 1],
      [2, 3],
      [1, 2],
      [4, 5],
      [6, 7],
      [5, 6],
    ];
    const services = [1, 0, 0, 2, 1, 0, 0, 2];
    const saved = build(groups, services, 100).save();
    const mask = affectedBy(saved, [0], NEVER)!;
    const again = Clusters.resume(twin, saved, mask, {
      members: MEMBERS,
      services: Uint32Array.from(services),
      sizeLimit: 100,
    });
    again.run(groupsOf(groups.map((group) => (mask[group[0]!] === 0 ? [] : group))));
    again.settle();
    assert.deepEqual(
      again.save().refusals.map(({ step }) => step),
      [2, 5],
    );
    assert.deepEqual(shown(again.save()), shown(saved));
  });

  test('a member that a transaction spends again and again is refused once, also with others between', () => {
    const clusters = new Clusters(twin, { members: 4, services: Uint32Array.of(1, 2, 2, 0), sizeLimit: 100 });
    clusters.run(groupsOf([[0, 1, 2, 1, 3, 2, 1]]));
    const refusal = { step: 0, a: 0, labelA: 1, labelB: 2, sizeA: 1, sizeB: 1 };
    const { refusals, roots } = clusters.save();
    assert.deepEqual(refusals, [
      { ...refusal, b: 1 },
      { ...refusal, b: 2 },
    ]);
    assert.deepEqual([...roots], [0, 1, 2, 0]);
  });

  test('a component that nothing touches is left alone', () => {
    const saved = build(
      [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
      [],
      100,
    ).save();
    assert.deepEqual([...affectedBy(saved, [3], NEVER)!], [0, 0, 1, 1, ...Array.from({ length: 16 }, () => 0)]);
    assert.deepEqual([...affectedBy(saved, [], 2)!.subarray(0, 6)], [0, 0, 0, 0, 1, 1]);
    assert.equal(affectedBy(saved, [], 3), null);
  });

  test('clusters that the guard keeps apart are one component: a label that goes lets them meet', () => {
    const saved = build(
      [
        [0, 1],
        [2, 3],
        [1, 3],
      ],
      [1, 0, 2],
      100,
    ).save();
    assert.deepEqual([...saved.roots.subarray(0, 4)], [0, 0, 2, 2]);
    assert.deepEqual(saved.refusals, [{ step: 2, a: 1, b: 3, labelA: 1, labelB: 2, sizeA: 2, sizeB: 2 }]);
    assert.deepEqual([...affectedBy(saved, [0], NEVER)!.subarray(0, 5)], [1, 1, 1, 1, 0]);
  });
});
