import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Approvals } from '../access/approvals.ts';
import { AuditLog } from '../access/audit-log.ts';
import { LOCAL } from '../access/gate.ts';
import { evaluate } from '../screen/evaluate.ts';
import type { LabelFact } from '../screen/facts.ts';
import { RuleBook } from '../screen/rule-book.ts';
import { RuleDesk, rulesOf } from '../screen/rule-desk.ts';
import type { Verdict, VerdictRequest } from '../screen/verdict.ts';
import { writeVerdict } from '../screen/write-verdict.ts';
import { openRecords } from '../store/open-records.ts';
import { orderKey, type Records } from '../store/records.ts';
import type { WithRules } from './_rules.ts';
import type { Command, Terminal } from './command.ts';
import { rulesCommand } from './rules.ts';
import { verdictCommand } from './verdict.ts';

const START = Date.UTC(2026, 0, 1);
const folder = mkdtempSync(join(tmpdir(), 'haetae-rules-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'mine.yaml');
const MINE = `name: mine
rules:
  - id: listed
    version: 3
    title: Listed
    reason: because of the list
    source: { title: a list }
    decision: review
    score: 40
    when: { link: direct, category: sanctioned }
`;

interface House {
  readonly records: Records;
  readonly book: RuleBook;
  readonly desk: RuleDesk;
  rules(...words: string[]): Promise<string>;
  verdict(...words: string[]): Promise<string>;
}

async function openHouse(twoPersons = false): Promise<House> {
  const records = await openRecords({ path: ':memory:' });
  const clock = (): number => START;
  const audited = await AuditLog.open(records, clock);
  const book = await RuleBook.open(records, audited, undefined, START);
  const approvals = await Approvals.open({ records, audited, clock, twoPersons });
  const desk = new RuleDesk({ book, records, approvals, clock });
  const withRules: WithRules = (_args, _terminal, work) => work(rulesOf(desk, LOCAL));
  const runs =
    (command: Command) =>
    async (...words: string[]): Promise<string> => {
      let told = '';
      const say = (text: string): void => {
        told += text;
      };
      const terminal: Terminal = { out: say, err: say, columns: 100, color: false, env: {}, now: () => START / 1000 };
      await command.run(words, terminal);
      return told;
    };
  return { records, book, desk, rules: runs(rulesCommand(withRules)), verdict: runs(verdictCommand(withRules)) };
}

/** A verdict on a sanctioned address by the active rules, as the service stores it. */
async function decideOne({ records, book }: House): Promise<Verdict> {
  const none = { direction: null, asset: null, amount: null, decimals: null, symbol: null, tx: null, transferAt: null };
  const address = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';
  const chain = 'eip155:1';
  const request: VerdictRequest = {
    kind: 'address',
    chain,
    address,
    ...none,
    asOf: null,
    customer: null,
    segment: null,
  };
  const dates = { listed: '2022-04-14T00:00:00Z', lastListed: '2026-01-01T00:00:00Z', ended: null };
  const label: LabelFact = {
    ...{
      category: 'sanctioned',
      label: 'LAZARUS GROUP',
      actor: null,
      programmes: ['DPRK3'],
      confidence: 'authority_data',
    },
    ...{ source: 'ofac-sdn', file: 'sdn.json', url: null, status: 'current', atTransfer: null, caseLost: false },
    ...{ via: null, saidOf: null },
    ...dates,
  } as LabelFact;
  const none2 = {
    entity: null,
    exposures: [],
    traces: [],
    signatures: [],
    missing: ['no exposure table of this chain'],
  };
  const facts = [{ address, chain, amount: null, labels: [label], ...none2 }];
  const evidence = { request, at: START, facts, cumulative: [] };
  const { decision, score, reasons, tested } = evaluate(book.active, evidence);
  const verdict: Verdict = {
    ...{ format: 1, id: 'v-7-0a1b', at: new Date(START).toISOString(), request, decision, score, reasons, tested },
    basis: {
      labels: { hash: 'l', lists: 1 },
      rules: { hash: book.active.hash, name: book.active.name },
      chain: { block: null, time: null },
      exposure: null,
      traces: { hash: 't', cases: 0 },
      software: 'haetae',
    },
    ...{ facts, cumulative: [], previous: null, cause: null },
  };
  await records.write([{ table: 'verdict', key: orderKey(7), value: writeVerdict(verdict) }]);
  return verdict;
}

test('haetae rules: test, load, list, activate, show', async () => {
  writeFileSync(file, MINE);
  const { rules, book } = await openHouse();
  assert.match(
    await rules('test', file),
    /mine: 1 rules, no fault found\nhash [0-9a-f]{64}\nlisted v3 {2}review 40: Listed/,
  );
  assert.equal(book.list().length, 1);
  assert.match(await rules('load', file), /^[0-9a-f]{12} {2}mine: 1 rules, loaded .* by local\nIt decides nothing yet/);
  assert.equal((await rules('list')).trim().split('\n').length, 2);
  const { hash } = book.list().find(({ name }) => name === 'mine')!;
  assert.match(await rules('activate', hash.slice(0, 8)), /decides since 2026-01-01T00:00:00Z \(local\)/);
  assert.equal(book.active.name, 'mine');
  assert.match(await rules('show'), /because of the list/);
  assert.equal(await rules('show', '--text'), MINE);
  assert.match(await rules('schema'), /json-schema/);
});

test('haetae rules: a typo, a hash that is none and missing words are errors', async () => {
  writeFileSync(file, MINE.replace('score', 'scores'));
  const { rules } = await openHouse();
  await assert.rejects(rules('test', file), { code: 'E_RULES' });
  await assert.rejects(rules('load', file), { code: 'E_RULES' });
  await assert.rejects(rules('activate', 'ffffffff'), { code: 'E_RULES' });
  await assert.rejects(rules('load', join(folder, 'none.yaml')), { code: 'E_NOT_FOUND' });
  for (const words of [[], ['load'], ['list', 'x'], ['test', 'a', 'b'], ['drop', 'x']])
    await assert.rejects(rules(...words), { code: 'E_USAGE' });
});

test('haetae rules activate: where two persons are asked for it waits', async () => {
  writeFileSync(file, MINE);
  const { rules, book } = await openHouse(true);
  await rules('load', file);
  const { hash } = book.list().find(({ name }) => name === 'mine')!;
  assert.match(await rules('activate', hash), /proposed as p-1/);
  assert.notEqual(book.active.hash, hash);
});

test('haetae rules backtest and haetae verdict: over a verdict that was given', async () => {
  writeFileSync(file, MINE);
  const house = await openHouse();
  const { rules, verdict, records } = house;
  const given = await decideOne(house);
  assert.match(await rules('backtest', file), /over 1 verdict: 1 would differ\n {2}block → review {2}1\n/);
  assert.match(await rules('backtest', file, '--from', '2026-02-01'), /over 0 verdicts: 0 would differ/);
  assert.match(await verdict('show', given.id), /v-7-0a1b {2}block 100.*LAZARUS GROUP.*no exposure table/s);
  assert.deepEqual(JSON.parse(await verdict('show', given.id, '--json')), JSON.parse(JSON.stringify(given)));
  assert.match(await verdict('replay', given.id), /v-7-0a1b: the same \d+ bytes/);
  await assert.rejects(verdict('replay', 'v-7-ffff'), { code: 'E_NOT_FOUND' });
  await assert.rejects(verdict('replay', 'v-8-0a1b'), { code: 'E_NOT_FOUND' });
  const forged = writeVerdict({ ...given, decision: 'allow', score: 0, reasons: [] });
  await records.write([{ table: 'verdict', key: orderKey(7), value: forged }]);
  await assert.rejects(verdict('replay', given.id), { code: 'E_VERDICT' });
});
