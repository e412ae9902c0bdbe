import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../base/random.ts';
import { createKernels, type Guard, type Kernels, type UnionFind } from './kernel.ts';

const WASM = createKernels(readFileSync(new URL('./kernel.wasm', import.meta.url)));
const TWIN = createKernels(null);
const FORMS: readonly Kernels[] = [WASM, TWIN];
const MEMBERS = 24;

const groupsOf = (members: number) => fc.array(fc.array(fc.nat(members - 1), { maxLength: 6 }), { maxLength: 30 });

function columns(groups: readonly (readonly number[])[]): { members: Uint32Array; starts: Uint32Array } {
  const starts = Uint32Array.from([0, ...groups.map((_, index) => groups.slice(0, index + 1).flat().length)]);
  return { members: Uint32Array.from(groups.flat()), starts };
}

function join(form: UnionFind, groups: readonly (readonly number[])[]): UnionFind {
  const { members, starts } = columns(groups);
  form.unionGroups(members, starts);
  return form;
}

/** By member the smallest member that can be reached from it: by repeated passes, with no union-find in it. */
function smallestReached(groups: readonly (readonly number[])[]): number[] {
  const smallest = Array.from({ length: MEMBERS }, (_, member) => member);
  for (let changed = true; changed; ) {
    changed = false;
    for (const group of groups) {
      const least = Math.min(...group.map((member) => smallest[member]!));
      for (const member of group) {
        changed ||= smallest[member] !== least;
        smallest[member] = least;
      }
    }
  }
  return smallest;
}

test('every member of a group has one root: the smallest member, in both forms', () => {
  fc.assert(
    fc.property(groupsOf(MEMBERS), (groups) => {
      const expected = smallestReached(groups);
      for (const kernels of FORMS) {
        const form = join(kernels.unionFind({ capacity: MEMBERS }), groups);
        assert.deepEqual(
          [...Array(MEMBERS).keys()].map((member) => form.find(member)),
          expected,
        );
        assert.deepEqual([...form.roots()], expected);
      }
    }),
  );
});

test('the order of groups, and pairs in their place, change nothing', () => {
  fc.assert(
    fc.property(groupsOf(MEMBERS), fc.infiniteStream(fc.nat()), (groups, numbers) => {
      const shuffled = groups.map((group) => ({ group, key: numbers.next().value! })).sort((a, b) => a.key - b.key);
      for (const kernels of FORMS) {
        const expected = [...join(kernels.unionFind({ capacity: MEMBERS }), groups).roots()];
        const other = join(
          kernels.unionFind({ capacity: MEMBERS }),
          shuffled.map(({ group }) => group),
        );
        assert.deepEqual([...other.roots()], expected);
        const paired = kernels.unionFind({ capacity: MEMBERS });
        const pairs = groups.flatMap((group) => group.slice(1).map((member) => [member, group[0]!] as const));
        paired.unionPairs(Uint32Array.from(pairs.map(([a]) => a)), Uint32Array.from(pairs.map(([, b]) => b)));
        assert.deepEqual([...paired.roots()], expected);
      }
    }),
  );
});

/** The rule of the guard with plain sets. */
function guardedSets(groups: readonly (readonly number[])[], { labels, sizeLimit }: Guard) {
  const sets = Array.from({ length: MEMBERS }, (_, member) => new Set([member]));
  const label = (set: Set<number>) => Math.max(...[...set].map((member) => labels[member] ?? 0));
  const refused: number[][] = [];
  for (const [group, members] of groups.entries())
    for (const b of members) {
      const a = members[0]!;
      const [x, y] = [sets[a]!, sets[b]!];
      if (x === y) continue;
      const meet = label(x) !== 0 && label(y) !== 0 && label(x) !== label(y);
      if (meet || (x.size > sizeLimit && y.size > sizeLimit)) {
        refused.push([group, a, b, label(x), label(y), x.size, y.size]);
        continue;
      }
      const both = new Set([...x, ...y]);
      for (const member of both) sets[member] = both;
    }
  return { roots: sets.map((set) => Math.min(...set)), refused };
}

const guards = fc.record({
  labels: fc.array(fc.constantFrom(0, 0, 0, 1, 2), { maxLength: MEMBERS }).map((labels) => Uint32Array.from(labels)),
  sizeLimit: fc.constantFrom(1, 2, 3, 100),
});

test('the guard refuses two labels and two large clusters, and says which', () => {
  fc.assert(
    fc.property(groupsOf(MEMBERS), guards, (groups, guard) => {
      const expected = guardedSets(groups, guard);
      for (const kernels of FORMS) {
        const form = join(kernels.unionFind({ capacity: MEMBERS, guard }), groups);
        assert.deepEqual(
          form.refusals.map((refusal) => Object.values(refusal)),
          expected.refused,
        );
        assert.equal(form.refusalCount, expected.refused.length);
        assert.deepEqual([...form.roots()], expected.roots);
        for (const member of expected.roots.keys())
          assert.equal(form.size(member), expected.roots.filter((root) => root === expected.roots[member]).length);
      }
    }),
  );
});

function assertSameBytes(one: UnionFind, other: UnionFind): void {
  const pieces = other.save();
  for (const [index, { name, bytes }] of one.save().entries()) {
    assert.equal(pieces[index]!.name, name);
    assert.ok(Buffer.compare(bytes, pieces[index]!.bytes) === 0, `${name} is the same in both forms`);
  }
}

/** Groups of every size, one of them larger than a chunk of the scan. */
function largeGroups(capacity: number): number[][] {
  const random = seededRandom(5);
  const groups = Array.from({ length: 60_000 }, () =>
    Array.from({ length: random.below(5) }, () => random.below(capacity)),
  );
  groups.splice(
    9_000,
    0,
    Array.from({ length: 50_000 }, () => random.below(1000)),
  );
  return groups;
}

test('both forms hold the same bytes after many groups, guarded or not', () => {
  const capacity = 300_000;
  const groups = largeGroups(capacity);
  const starts = new Uint32Array(groups.length + 1);
  for (const [index, group] of groups.entries()) starts[index + 1] = starts[index]! + group.length;
  const members = Uint32Array.from(groups.flat());
  const random = seededRandom(6);
  const labels = Uint32Array.from({ length: capacity }, () => (random.below(50) === 0 ? 1 + random.below(9) : 0));
  for (const guard of [undefined, { labels, sizeLimit: 4, keep: 50 }]) {
    const [one, other] = FORMS.map((kernels) => kernels.unionFind({ capacity, ...(guard ? { guard } : {}) }));
    for (const form of [one!, other!]) form.unionGroups(members, starts, 1000);
    if (guard !== undefined) assert.equal(one!.refusals.length, 50);
    assert.equal(one!.refusalCount, other!.refusalCount);
    assertSameBytes(one!, other!);
    assert.ok(Buffer.compare(Buffer.from(one!.roots()), Buffer.from(other!.roots())) === 0);
  }
});

test('growing, saving, loading and resetting give what one run from the start gives', () => {
  fc.assert(
    fc.property(groupsOf(MEMBERS), guards, fc.nat(30), (groups, guard, cut) => {
      for (const kernels of FORMS) {
        const whole = join(kernels.unionFind({ capacity: MEMBERS, guard }), groups);
        const grown = kernels.unionFind({ capacity: 0, guard });
        grown.grow(5, guard.labels.subarray(0, 5));
        grown.grow(MEMBERS, guard.labels.subarray(5));
        const early = columns(groups.slice(0, cut));
        grown.unionGroups(early.members, early.starts);
        const resumed = kernels.unionFind({ capacity: MEMBERS, guard });
        resumed.load(grown.save());
        const late = columns(groups.slice(cut));
        resumed.unionGroups(late.members, late.starts, Math.min(cut, groups.length));
        assertSameBytes(resumed, whole);
        resumed.reset(Uint32Array.from(Array(MEMBERS).keys()), guard.labels);
        join(resumed, groups);
        assert.deepEqual([...resumed.roots()], [...whole.roots()]);
      }
    }),
  );
});

test('a member beyond the capacity is a fault, and so are groups beyond their members', () => {
  for (const kernels of FORMS) {
    const form = kernels.unionFind({ capacity: 4 });
    assert.throws(() => form.unionGroups(Uint32Array.of(1, 4), Uint32Array.of(0, 2)), /below its count/);
    assert.throws(() => form.unionGroups(Uint32Array.of(1, 2), Uint32Array.of(0, 3)), /inside their members/);
    assert.throws(
      () => form.unionGroups(Uint32Array.of(1, 2, 3), Uint32Array.of(0, 3, 1)),
      /one after the other|below/,
    );
    assert.throws(() => form.size(0), /kept by a guard/);
  }
});
