import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SILENT } from '../src/base/progress.ts';
import { readLabelFile } from '../src/label/open.ts';
import { saveLabelList } from '../src/label/save.ts';
import type { ChainId } from '../src/model/chain.ts';
import { evaluate } from '../src/screen/evaluate.ts';
import type { Evaluation } from '../src/screen/evaluation.ts';
import type { LabelFact } from '../src/screen/facts.ts';
import { LabelBook } from '../src/screen/label-book.ts';
import type { RuleSet } from '../src/screen/rule.ts';
import { readDefaultRules } from '../src/screen/rule-default.ts';
import { readRules } from '../src/screen/rule-file.ts';
import type { VerdictRequest } from '../src/screen/verdict.ts';
import { openStore } from '../src/store/open.ts';
import type { LabelRow, Store } from '../src/store/port.ts';

const datasets = process.env.HAETAE_DATASETS ?? '';
const byAsset = join(datasets, 'sanctions', 'ofac-by-asset');
const programmesFile = join(datasets, 'sanctions', 'ofac-programmes', 'sanctioned-addresses.json');
const packs = join(datasets, 'labels', 'tagpacks', 'packs');
const etherscan = join(datasets, 'labels', 'etherscan-accounts.json');
const whole = datasets !== '' && [byAsset, programmesFile, packs, etherscan].every((path) => existsSync(path));
const skip = whole ? false : 'HAETAE_DATASETS does not hold the label sets';

const ETHEREUM = 'eip155:1';
const NOW = Date.UTC(2026, 10, 1);
const IN_2024 = Date.UTC(2024, 11, 1);

interface Programmes {
  readonly addresses: Readonly<Record<string, { readonly entries: readonly { readonly program: string }[] }>>;
}

let folder = '';
let store: Store;
let book: LabelBook;
let rules: RuleSet;
let programmes: Programmes;
/** Folded form → the spelling of the lists by asset. */
let kept: Map<string, string>;

before(async () => {
  if (!whole) return;
  folder = await mkdtemp(join(tmpdir(), 'haetae-lists-'));
  store = await openStore({ path: join(folder, 'lists.db') });
  const assetLists = readdirSync(byAsset).filter((name) => name.startsWith('sanctioned_'));
  const paths = [
    ...assetLists.map((name) => join(byAsset, name)),
    programmesFile,
    ...readdirSync(packs).map((name) => join(packs, name)),
    etherscan,
  ];
  for (const path of paths) for (const list of (await readLabelFile(path)).lists) await saveLabelList(store, list);
  book = await LabelBook.open({ store, folder: join(folder, 'lists.db.screen'), progress: SILENT });
  rules = readRules(await readDefaultRules(), 'default.yaml');
  programmes = JSON.parse(readFileSync(programmesFile, 'utf8')) as Programmes;
  const lines = assetLists
    .filter((name) => name.endsWith('.txt'))
    .flatMap((name) => readFileSync(join(byAsset, name), 'utf8').split('\n'));
  kept = new Map(lines.filter((line) => line !== '').map((line) => [line.toLowerCase(), line]));
});
after(async () => {
  if (!whole) return;
  await book.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

function screened(chain: ChainId, address: string, at: number): { labels: readonly LabelFact[]; said: Evaluation } {
  const asOf = at === NOW ? null : at / 1000;
  const labels = book.factsOf(chain, address, { transferAt: null, asOf });
  const facts = { address, chain, amount: null, labels, entity: null };
  const none = { direction: null, asset: null, amount: null, decimals: null, symbol: null, tx: null, transferAt: null };
  const request: VerdictRequest = {
    kind: 'address',
    chain,
    address,
    ...none,
    asOf: asOf === null ? null : new Date(at).toISOString(),
    customer: null,
    segment: null,
  };
  const all = { ...facts, exposures: [], traces: [], signatures: [], missing: [] };
  return { labels, said: evaluate(rules, { request, at, facts: [all], cumulative: [] }) };
}

/** Rows of the newest list of OFAC’s, by programme. */
async function rowsOf(source: string): Promise<readonly LabelRow[]> {
  const ids = (await store.labelLists()).filter((list) => list.source === source).map(({ id }) => id);
  return store.labelRowsOfLists(ids);
}

/** Every address of the packs of these names, once a chain. */
async function addressesOf(name: RegExp): Promise<readonly { readonly chain: ChainId; readonly address: string }[]> {
  const found = new Map<string, { readonly chain: ChainId; readonly address: string }>();
  for (const file of readdirSync(packs).filter((pack) => name.test(pack))) {
    for (const { entries } of (await readLabelFile(join(packs, file))).lists) {
      for (const { chain, address } of entries) found.set(`${chain}|${address}`, { chain: chain ?? ETHEREUM, address });
    }
  }
  return [...found.values()];
}

test('every address of OFAC’s newest list under a programme of DPRK is blocked, with its programme and the date of the list', {
  skip,
}, async () => {
  const counts = { asWritten: 0, keptSpelling: 0, caseLost: 0 };
  const wanted = Object.entries(programmes.addresses).filter(([, { entries }]) =>
    entries.some(({ program }) => program.includes('DPRK')),
  );
  const chains = new Map((await rowsOf('ofac-sdn')).map(({ address, chain }) => [address.toLowerCase(), chain]));
  // 125 entries; two addresses stand under two programmes each.
  assert.equal(wanted.length, 123);
  for (const [listed] of wanted) {
    const spelling = kept.get(listed) ?? listed;
    const { said } = screened(
      chains.get(listed) ?? ETHEREUM,
      chains.get(listed)?.startsWith('eip155:') ? listed : spelling,
      NOW,
    );
    assert.equal(said.decision, 'block', listed);
    const label = said.reasons.find(
      (reason) => reason.rule === 'sanctioned' && reason.label?.source === 'ofac-sdn',
    )?.label;
    assert.ok(
      label?.programmes.some((programme) => programme.startsWith('DPRK')),
      listed,
    );
    assert.deepEqual([label?.lastListed, label?.status], ['2026-08-20T00:00:00Z', 'current']);
    if (label?.caseLost === true) counts.caseLost += 1;
    else if (spelling !== listed && !listed.startsWith('0x')) counts.keptSpelling += 1;
    else counts.asWritten += 1;
  }
  // The data README: 98 of 125 entries lost their case, 58 of them in no list that kept it.
  assert.deepEqual([counts.caseLost, counts.keptSpelling], [58, 98 - 58]);
});

test('what OFAC delisted is not blocked as sanctioned in 2026, and is as of 2024', { skip }, async () => {
  const gone = [...kept].filter(([folded]) => programmes.addresses[folded] === undefined);
  // The data README: 90 of the list of 2024, 54 of them Tornado Cash.
  assert.equal(gone.length, 90);
  const rows = (await store.labelRowsByCategory(['sanctioned'])).filter(({ caseLost }) => !caseLost);
  const chains = new Map(rows.map(({ address, chain }) => [address.toLowerCase(), { address, chain }]));
  for (const [folded] of gone) {
    const { address, chain } = chains.get(folded)!;
    const now = screened(chain ?? ETHEREUM, address, NOW);
    assert.ok(
      now.labels.some(
        ({ category, status, ended }) => category === 'sanctioned' && status === 'ended' && ended !== null,
      ),
      folded,
    );
    assert.deepEqual(
      now.said.reasons.filter(({ category }) => category === 'sanctioned'),
      [],
      folded,
    );
    assert.notEqual(now.said.decision, 'block', folded);
    const then = screened(chain ?? ETHEREUM, address, IN_2024);
    assert.equal(then.said.decision, 'block', folded);
    assert.ok(
      then.said.reasons.some(({ rule }) => rule === 'sanctioned'),
      folded,
    );
  }
});

test('every address of the Lazarus packs is found', { skip }, async () => {
  const addresses = await addressesOf(/^lazarus.*\.yaml$/);
  // 21 of OFAC's and 6 of the FBI's.
  assert.equal(addresses.length, 27);
  for (const { chain, address } of addresses) {
    const { labels, said } = screened(chain, address, NOW);
    const ours = labels.filter(({ file }) => /^lazarus.*\.yaml$/.test(file));
    assert.deepEqual(
      ours.map(({ status, actor }) => [status, actor]),
      [['current', 'lazarusgroup']],
      address,
    );
    assert.equal(said.decision, 'block', address);
  }
});

test('no address of the exchange packs is blocked', { skip }, async () => {
  const addresses = await addressesOf(/exchange.*\.yaml$/);
  assert.equal(new Set(addresses.map(({ address }) => address)).size, 798);
  const held: string[] = [];
  for (const { chain, address } of addresses) {
    const { said } = screened(chain, address, NOW);
    assert.notEqual(said.decision, 'block', address);
    for (const { rule, label } of said.reasons) held.push(`${address} ${said.decision} ${rule} ${label?.source}`);
  }
  // The contract of the BNB token: Tether’s issuer froze what was sent there.
  assert.deepEqual(held, ['0xb8c77482e45f1f44de1745f52c74426c631bdd52 review frozen tagpack:usdt-blacklist']);
});
