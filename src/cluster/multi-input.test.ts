import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { joinGroups, noteLastJoins, type Spends } from './multi-input.ts';

/** Transactions by number, each with the owners of its inputs. */
function spends(entries: readonly (readonly [tx: number, owners: readonly number[]])[]): Spends {
  const starts = [0];
  for (const [, owners] of entries) starts.push(starts.at(-1)! + owners.length);
  return {
    txs: Uint32Array.from(entries, ([tx]) => tx),
    starts: Uint32Array.from(starts),
    owners: Uint32Array.from(entries.flatMap(([, owners]) => owners)),
  };
}

function groups(of: Spends, rules: Partial<Parameters<typeof joinGroups>[1]> = {}): [number, number[]][] {
  const { count, members, starts, txs } = joinGroups(of, { mixes: new Uint32Array(0), open: [], only: null, ...rules });
  return Array.from({ length: count }, (_, at) => [txs[at]!, [...members.subarray(starts[at], starts[at + 1])]]);
}

suite('multi-input: who signs all inputs has the keys of all', () => {
  test('two owners and more are a group, in input order; one owner, or a coinbase, is none', () => {
    const chain = spends([
      [4, []],
      [5, [7]],
      [6, [7, 7, 7]],
      [7, [9, 2, 9, 2, 5]],
    ]);
    assert.deepEqual(groups(chain), [[7, [9, 2, 5]]]);
  });

  test('a CoinJoin joins nobody, wherever it stands in the chunk', () => {
    const chain = spends([
      [10, [1, 2]],
      [11, [3, 4]],
      [12, [5, 6]],
    ]);
    assert.deepEqual(groups(chain, { mixes: Uint32Array.of(2, 11, 99) }), [
      [10, [1, 2]],
      [12, [5, 6]],
    ]);
    assert.deepEqual(groups(chain, { mixes: Uint32Array.of(10, 11, 12) }), []);
  });

  test('what anyone can spend says nothing of who spent it', () => {
    const chain = spends([
      [1, [8, 1]],
      [2, [1, 8, 2]],
    ]);
    assert.deepEqual(groups(chain, { open: [8] }), [[2, [1, 2]]]);
  });

  test('only members asked for are joined', () => {
    const only = Uint8Array.of(0, 1, 1, 0, 0);
    const chain = spends([
      [1, [1, 2]],
      [2, [3, 4]],
    ]);
    assert.deepEqual(groups(chain, { only }), [[1, [1, 2]]]);
  });

  test('the last transaction that joined a member is noted', () => {
    const lastJoin = new Uint32Array(4);
    const rules = { mixes: new Uint32Array(0), open: [], only: null };
    const chain = spends([
      [1, [1, 2]],
      [5, [2, 3]],
    ]);
    noteLastJoins(joinGroups(chain, rules), lastJoin);
    assert.deepEqual([...lastJoin], [0, 1, 5, 5]);
  });
});
