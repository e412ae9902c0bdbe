import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nativeAsset } from '../model/asset.ts';
import type { Transfer } from '../model/transfer.ts';
import type { Evidence } from './evidence.ts';
import { DEFAULT_TRACE_OPTIONS } from './options.ts';
import { readTheftFile } from './theft-file.ts';
import { traceEvidence } from './trace.ts';

const CHAIN = 'eip155:1';
const ETH = nativeAsset(CHAIN);
const ETHER = 10n ** 18n;
const START = 1_700_000_000;
const [victim, thief, innocent, other] = ['1', '2', '3', '4'].map((digit) => `0x${digit.repeat(40)}`) as [
  string,
  string,
  string,
  string,
];

function row(block: number, from: string | null, to: string, ether: bigint): Transfer {
  return {
    chain: CHAIN,
    tx: from === null ? null : `0x${String(block).padStart(64, '0')}`,
    kind: from === null ? 'opening' : 'transfer',
    from,
    to,
    asset: ETH.id,
    amount: ether * ETHER,
    time: START + block,
    block: BigInt(block),
    txIndex: from === null ? 2_147_483_647 : 0,
    leg: 0,
    rounded: false,
    source: { batch: 0, file: 0, row: 0 },
  };
}

function traced(transfers: readonly Transfer[], until: number | null = null): Record<string, Record<string, string>> {
  const theftText = `title: t
thefts:
  - id: eth
    chain: ${CHAIN}
    asset: native
    seeds:
      - { kind: mark, address: "${thief}", tx: "${row(2, victim, thief, 1n).tx}", baseUnits: "${100n * ETHER}", time: ${START + 2} }
`;
  const source = { preset: 'live', chain: CHAIN, files: [], rowsRead: 0, rowsKept: 0, orderRule: 'index' };
  const evidence: Evidence = {
    theftText,
    theftFileName: 't.yaml',
    options: { ...DEFAULT_TRACE_OPTIONS, methods: ['haircut', 'fifo', 'clean-first'], until },
    sources: [{ ...source, duplicateRule: 'keep', duplicates: 0, rounded: 0, refused: 0, complete: null }],
    assets: [ETH],
    transfers,
    utxo: [],
    context: [],
    labels: [],
    coverage: [],
  };
  const { result } = traceEvidence(evidence, readTheftFile(theftText, 't.yaml'), 'case', '0');
  for (const method of Object.values(result.methods)) assert.deepEqual(method.shortages, []);
  return Object.fromEntries(
    Object.entries(result.methods).map(([name, { places }]) => [
      name,
      Object.fromEntries(places.map((place) => [place.address, place.amount])),
    ]),
  );
}

/** An innocent who held 10 pays the thief 1, gets 10 from him, and pays 5 on: what the first payment shows of him is not all of him. */
test('a place that had moved before the loot came to it opens with what it held then', () => {
  const found = traced([
    row(1, null, victim, 100n),
    row(2, victim, thief, 100n),
    row(3, innocent, thief, 1n),
    row(4, null, innocent, 9n),
    row(5, thief, innocent, 10n),
    row(6, innocent, other, 5n),
  ]);
  assert.equal(found.fifo?.[other], undefined, 'the nine it had go first');
  assert.equal(found.fifo?.[innocent], String(10n * ETHER));
  assert.equal(found['clean-first']?.[other], undefined);
  assert.equal(found['clean-first']?.[innocent], String(9n * ETHER));
  const passed = (100n * ETHER * 10n) / 101n;
  assert.equal(found.haircut?.[other], String((passed * 5n) / 19n));
});

test('a place that held nothing opens with nothing, whatever it seems to have got before', () => {
  const found = traced([
    row(1, null, victim, 100n),
    row(2, victim, thief, 100n),
    row(3, victim, innocent, 50n),
    row(4, null, innocent, 0n),
    row(5, thief, innocent, 10n),
    row(6, innocent, other, 5n),
  ]);
  for (const method of ['fifo', 'haircut', 'clean-first'])
    assert.equal(found[method]?.[other], String(5n * ETHER), method);
});

test('a trace that ends before the theft is refused: its buckets would sum to nothing', () => {
  const rows = [row(1, null, victim, 100n), row(2, victim, thief, 100n)];
  assert.deepEqual(traced(rows).fifo, { [thief]: String(100n * ETHER) });
  assert.throws(() => traced(rows, START + 1), { code: 'E_SEED' });
});
