import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chainName, isSimulatedChain } from './chain.ts';
import { freshnessOf, reachOf } from './freshness.ts';

const NOW = Date.parse('2026-05-01T12:00:00Z');
const at = (lastTime: string | null, fetchedUntil: string | null, importedAt: string | null) =>
  freshnessOf({ lastTime, fetchedUntil, importedAt }, NOW);

describe('freshness of the data of a chain', () => {
  it('goes by the newest of movement and block', () => {
    const times = { lastTime: '2026-05-01T10:00:00Z', fetchedUntil: '2026-05-01T11:30:00Z', importedAt: null };
    assert.equal(reachOf(times), '2026-05-01T11:30:00Z');
    assert.equal(freshnessOf(times, NOW), 'fresh');
    assert.equal(reachOf({ ...times, fetchedUntil: null }), '2026-05-01T10:00:00Z');
  });

  it('is fresh under an hour, stale over a day, ageing between', () => {
    assert.equal(at('2026-05-01T11:00:01Z', null, null), 'fresh');
    assert.equal(at('2026-05-01T11:00:00Z', null, null), 'ageing');
    assert.equal(at('2026-04-30T12:00:00Z', null, null), 'ageing');
    assert.equal(at('2026-04-30T11:59:59Z', null, null), 'stale');
  });

  it('calls what was old when it came in historical, not stale', () => {
    assert.equal(at('2022-04-01T00:00:00Z', null, '2026-05-01T00:00:00Z'), 'historical');
    assert.equal(at('2026-04-20T00:00:00Z', null, '2026-04-20T01:00:00Z'), 'stale');
  });

  it('says where there is nothing', () => {
    assert.equal(at(null, null, '2026-05-01T00:00:00Z'), 'empty');
  });
});

describe('names of chains', () => {
  it('are those of the model, or the id itself', () => {
    assert.equal(chainName('eip155:1'), 'ethereum');
    assert.equal(chainName('eip155:999999'), 'eip155:999999');
    assert.equal(isSimulatedChain('eip155:31337'), true);
    assert.equal(isSimulatedChain('eip155:1'), false);
  });
});
