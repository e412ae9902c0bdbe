import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findCommingling, type Reached } from './commingling.ts';

function reach(address: string, theft: string, more: Partial<Reached> = {}): Reached {
  const base = {
    chain: 'c',
    incident: theft,
    units: 500n,
    stolen: 10_000n,
    firstTime: 10,
    lastTime: 20,
    shared: false,
  };
  return { ...base, address, theft, ...more };
}

test('S12 names the address that two incidents reached, with the units of each', () => {
  const found = findCommingling([
    reach('a', 'harmony', { firstTime: 5 }),
    reach('a', 'ronin', { lastTime: 90, units: 7n }),
    reach('b', 'ronin'),
  ]);
  assert.equal(found.length, 1);
  assert.deepEqual(found[0]!.addresses, ['a']);
  assert.deepEqual([found[0]!.firstTime, found[0]!.lastTime], [5, 90]);
  assert.deepEqual(found[0]!.evidence, {
    chain: 'c',
    incidents: '2',
    'units of harmony': '500',
    'units of ronin': '7',
  });
});

test('S12 stays silent at services, on dust, on another chain, and where two assets of one incident meet', () => {
  const silent = (...reached: Reached[]) => assert.deepEqual(findCommingling(reached), []);
  silent();
  silent(reach('a', 'ronin', { shared: true }), reach('a', 'harmony', { shared: true }));
  silent(reach('a', 'ronin'), reach('a', 'harmony', { units: 0n }));
  silent(reach('a', 'ronin'), reach('a', 'harmony', { units: 99n, stolen: 1_000_000n }));
  silent(reach('a', 'ronin'), reach('a', 'harmony', { chain: 'd' }));
  silent(reach('a', 'ronin-eth', { incident: 'ronin' }), reach('a', 'ronin-usdc', { incident: 'ronin' }));
});

test('S12: unrelated places, in any order, remove no finding; most incidents come first', () => {
  const pair = [reach('a', 'one'), reach('a', 'two')];
  const others = fc.array(fc.tuple(fc.nat(20), fc.constantFrom('one', 'two', 'three'), fc.boolean()), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(others, fc.nat(), (rows, turn) => {
      const all = [...pair, ...rows.map(([place, theft, shared]) => reach(`p${place}`, theft, { shared }))];
      const cut = turn % all.length;
      const found = findCommingling([...all.slice(cut), ...all.slice(0, cut)]);
      assert.deepEqual(
        found.find((finding) => finding.addresses[0] === 'a'),
        findCommingling(pair)[0],
      );
      const counts = found.map((finding) => Number(finding.evidence.incidents));
      assert.deepEqual(
        counts,
        counts.toSorted((a, b) => b - a),
      );
    }),
    { numRuns: 200 },
  );
});
