import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { nativeAsset } from '../model/asset.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import { METHODS } from '../taint/engine.ts';
import { caseFiles } from '../trace/case-files.ts';
import type { Evidence } from '../trace/evidence.ts';
import { DEFAULT_TRACE_OPTIONS } from '../trace/options.ts';
import { readTheftFile } from '../trace/theft-file.ts';
import { traceEvidence } from '../trace/trace.ts';
import type { CaseFlow } from './case-flow.ts';
import { CasePicture } from './case-picture.ts';
import { reportHtml, traceHtml } from './html.ts';

const ETHEREUM = 'eip155:1';
const BITCOIN = 'bip122:000000000019d6689c085ae165831e93';
const ETH = nativeAsset(ETHEREUM);
const BTC = nativeAsset(BITCOIN);
const USDC = { id: `${ETHEREUM}/erc20:0x${'c'.repeat(40)}`, chain: ETHEREUM, symbol: 'USDC', decimals: 6 };
const NOON = 1_700_000_000;
const id = (n: number): string => n.toString(16).padStart(64, '0');
const [EVA, IDA] = ['1', '2'].map((digit) => `0x${digit.repeat(40)}`) as [string, string];

function traced(theftText: string, transfers: readonly Transfer[], utxo: readonly UtxoTransaction[]) {
  const source = { preset: 't', files: [{ name: 'f.csv', sha256: '0'.repeat(64) }], rowsRead: 0, rowsKept: 0 };
  const rules = { orderRule: 'index', duplicateRule: 'keep', duplicates: 0, rounded: 0, refused: 0, complete: null };
  const chain = utxo.length > 0 ? BITCOIN : ETHEREUM;
  const evidence: Evidence = {
    ...{ theftText, theftFileName: 't.yaml', transfers, utxo, context: [], labels: [], coverage: [] },
    options: { ...DEFAULT_TRACE_OPTIONS, methods: Object.keys(METHODS) },
    sources: [{ ...source, ...rules, chain }],
    assets: [ETH, BTC, USDC],
  };
  return { evidence, output: traceEvidence(evidence, readTheftFile(theftText, 't.yaml'), 'case', '0') };
}

function drawn(theftText: string, transfers: readonly Transfer[], utxo: readonly UtxoTransaction[]): CasePicture {
  const { evidence, output } = traced(theftText, transfers, utxo);
  return new CasePicture({ id: 'case', title: 't', simulated: true, createdAt: NOON }, caseFiles(evidence, output));
}

function* flowsOf(picture: CasePicture): Generator<CaseFlow> {
  for (const theft of picture.view().thefts)
    for (const { name } of theft.methods) yield picture.flow({ theft: theft.id, method: name, limit: 100 });
}

function spend(n: number, inputs: readonly [number, number, bigint, string][], paid: readonly [bigint, string][]) {
  return {
    ...{ chain: BITCOIN, tx: id(n), time: NOON + n, block: BigInt(n), txIndex: 0 },
    inputs: inputs.map(([from, index, value, address]) => ({ outpoint: { tx: id(from), index }, value, address })),
    outputs: paid.map(([value, address]) => ({ value, address })),
    source: { batch: 0, file: 0, row: n },
  } as UtxoTransaction;
}

/** Of 100 stolen A splits 50, 40 and 10; B gets the 50; the 10 and the 50 go to C together; A keeps the 40. */
const JOINED = [
  spend(1, [[9, 0, 100n, 'V']], [[100n, 'A']]),
  spend(
    2,
    [[1, 0, 100n, 'A']],
    [50n, 40n, 10n].map((value) => [value, 'A']),
  ),
  spend(3, [[2, 0, 50n, 'A']], [[50n, 'B']]),
  spend(
    4,
    [
      [2, 2, 10n, 'A'],
      [3, 0, 50n, 'B'],
    ],
    [[60n, 'C']],
  ),
];
const STOLEN_OUTPUT = `{ kind: mark, outpoint: "${id(1)}:0", baseUnits: "100" }`;
const theftOf = (name: string, chain: string, asset: string, seed: string): string =>
  `  - { id: ${name}, chain: "${chain}", asset: "${asset}", decimals: 6, sources: [s], seeds: [${seed}] }\n`;

suite('who pays what no row says', () => {
  test('addresses whose outputs are spent together pay what those outputs hold, and keep what others of theirs hold', () => {
    const theft = theftOf('btc', BITCOIN, 'native', STOLEN_OUTPUT).replace(' decimals: 6,', '');
    for (const flow of flowsOf(drawn(`title: t\nthefts:\n${theft}`, [], JOINED))) {
      const name = (index: number): string => flow.nodes[index]!.address || flow.nodes[index]!.kind;
      const paid = flow.edges.map(({ from, to, units }) => `${name(from)} ${name(to)} ${units}`);
      const said = flow.conserves
        ? ['A B 50', 'A C 10', 'B C 50', 'theft A 100']
        : ['A B 0', 'A C 0', 'B C 0', 'theft A 0'];
      assert.deepEqual(paid.sort(), said, flow.method);
      const held = Object.fromEntries(flow.nodes.map(({ address, held }) => [address, held]));
      if (flow.conserves) assert.deepEqual([held.A, held.B, held.C], ['40', '0', '60'], flow.method);
    }
  });

  test('of equal outputs to one address those are said to carry loot that do', () => {
    const twice = spend(
      3,
      [
        [9, 1, 50n, 'W'],
        [1, 0, 100n, 'A'],
      ],
      [50n, 50n, 50n].map((value) => [value, 'B']),
    );
    const theft = theftOf('btc', BITCOIN, 'native', STOLEN_OUTPUT).replace(' decimals: 6,', '');
    const picture = drawn(`title: t\nthefts:\n${theft}`, [], [JOINED[0]!, twice]);
    const { items } = picture.transfers({ to: 'B', touched: false, skip: 0, limit: 10 });
    // The clean input comes first: first in, first out leaves the first output clean.
    const said = (method: string) => items.map(({ tainted }) => tainted[method] ?? '0');
    assert.deepEqual(said('fifo'), ['0', '50', '50']);
    assert.deepEqual(said('lifo-in'), ['50', '50', '0']);
    assert.equal(
      said('haircut').reduce((sum, units) => sum + BigInt(units), 0n),
      100n,
    );
  });

  test('the report draws them likewise: no documented link where none is', () => {
    const theft = theftOf('btc', BITCOIN, 'native', STOLEN_OUTPUT).replace(' decimals: 6,', '');
    const { output } = traced(`title: t\nthefts:\n${theft}`, [], JOINED);
    assert.doesNotMatch(traceHtml(output), /documented link/);
    assert.match(reportHtml(output.result, output.flow()), /documented link/, 'from the result alone it cannot know');
  });

  test('loot that is swapped for other loot comes by no documented link where none is documented', () => {
    const move = (n: number, leg: number, from: string | null, to: string, asset: string): Transfer => ({
      ...{ chain: ETHEREUM, tx: `0x${id(n)}`, kind: 'transfer', from, to, asset, amount: 100n, time: NOON + n },
      ...{ block: BigInt(n), txIndex: 0, leg, rounded: false, source: { batch: 0, file: 0, row: n * 10 + leg } },
    });
    const rows = [
      move(1, 0, `0x${'3'.repeat(40)}`, EVA, ETH.id),
      move(2, 0, `0x${'3'.repeat(40)}`, IDA, USDC.id),
      move(3, 0, EVA, IDA, ETH.id),
      move(3, 1, IDA, EVA, USDC.id),
    ];
    const seed = (n: number, address: string): string =>
      `{ kind: mark, address: "${address}", tx: "0x${id(n)}", baseUnits: "100", time: ${NOON + n} }`;
    const eth = theftOf('eth', ETHEREUM, 'native', seed(1, EVA)).replace(' decimals: 6,', '');
    const picture = drawn(`title: t\nthefts:\n${eth}${theftOf('usdc', ETHEREUM, USDC.id, seed(2, IDA))}`, rows, []);
    for (const flow of flowsOf(picture)) {
      assert.deepEqual(
        flow.nodes.filter(({ kind }) => kind === 'link'),
        [],
        `${flow.theft} ${flow.method}`,
      );
      for (const [index, node] of flow.nodes.entries())
        if (index > 0 && flow.conserves)
          assert.equal(BigInt(node.out) + BigInt(node.held), BigInt(node.in), flow.method);
    }
  });
});
