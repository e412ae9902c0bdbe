import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import type { DrillTruth } from '../../src/drill/truth.ts';
import type { EntityReport } from '../../src/exposure/entity-report.ts';
import { datasetPath, Workplace } from './_cli.ts';

suite('entities of a drill, whose truth is known', () => {
  const work = new Workplace();
  let truth: DrillTruth;
  after(() => work.remove());

  before(async () => {
    await work.ok('drill', '--seed', '11', '--scale', '3000', '--out', work.path('drill'));
    truth = JSON.parse(readFileSync(work.path('drill', 'truth.json'), 'utf8')) as DrillTruth;
    await work.ok('import', 'transfers', work.path('drill', 'transfers.csv'), '--preset', 'haetae');
    await work.ok('import', 'labels', work.path('drill', 'labels.csv'));
  });

  const entity = async (address: string): Promise<EntityReport> =>
    JSON.parse(await work.ok('entity', address, '--json', '--limit', '100')) as EntityReport;

  test('a thief’s deposit address is the exchange’s, and those who pay into it are the thief’s', async () => {
    for (const { id, exchanges, controlled } of truth.thefts) {
      const own = new Set(controlled.map(({ address }) => address));
      // One exchange a theft: each question is a process of its own.
      const found = exchanges.find(({ chain }) => chain.startsWith('eip155:'))!;
      const { deposit } = await entity(found.addresses[0]!);
      assert.ok(deposit !== null, `${id} ${found.addresses[0]}`);
      // "Drill Aster (simulated)" is actor drill-aster in the labels.
      assert.equal(deposit.service.name, found.name.replace(' (simulated)', '').replace(' ', '-').toLowerCase());
      assert.ok(deposit.senders.first.every((sender) => own.has(sender)));
      assert.ok(deposit.payments.length > 0 && deposit.payments.every(({ tx }) => tx !== null));
      const sender = await entity(deposit.senders.first[0]!);
      assert.ok(deposit.senders.first.every((each) => sender.members.first.includes(each)));
      assert.ok(sender.members.first.every((member) => own.has(member)));
    }
  });

  test('over the column index the answer is the same, and it is kept beside the store', async () => {
    const { address } = truth.thefts[0]!.controlled.find(({ chain }) => chain.startsWith('eip155:'))!;
    const before = await entity(address);
    await work.ok('index', 'build');
    assert.deepEqual(await entity(address), before);
    const kept = `${work.db}.index/eip155.31337.entities/entities.json`;
    const state = readFileSync(kept, 'utf8');
    assert.deepEqual(await entity(address), before);
    assert.equal(readFileSync(kept, 'utf8'), state, 'nothing changed, nothing was written');
  });

  test('what is wrong with the words is said, with a way out', async () => {
    await work.refused('E_USAGE', 'entity');
    await work.refused('E_ADDRESS', 'entity', '0x12');
    await work.refused('E_NOT_FOUND', 'entity', `0x${'12'.repeat(20)}`);
    await work.refused('E_USAGE', 'entity', `0x${'12'.repeat(20)}`, '--limit', '0');
    await work.refused('E_ASSET', 'entity', `0x${'12'.repeat(20)}`, '--chain', 'nochain');
  });

  test('a label for an address never seen and two that contradict are told, and change nothing else', async () => {
    const { address } = truth.thefts[0]!.controlled.find(({ chain }) => chain.startsWith('eip155:'))!;
    const before = await entity(address);
    const rows = [
      'address,chain,label,category,actor,source,confidence',
      `0x${'34'.repeat(20)},eip155:31337,Nowhere,exchange,nowhere,other,heuristic`,
      `${truth.thefts[0]!.victim.address},eip155:31337,One,exchange,one,other,heuristic`,
      `${truth.thefts[0]!.victim.address},eip155:31337,Two,mixer,two,other,heuristic`,
    ];
    writeFileSync(work.path('more.csv'), `${rows.join('\n')}\n`);
    await work.ok('import', 'labels', work.path('more.csv'));
    const after = await entity(address);
    assert.equal(after.index.labelsUnseen, before.index.labelsUnseen + 1);
    assert.equal(after.index.labelsContradicting, before.index.labelsContradicting + 1);
    assert.deepEqual({ ...after, index: null }, { ...before, index: null });
    const victim = await entity(truth.thefts[0]!.victim.address);
    const shown = victim.labels.map(({ label }) => label.label);
    assert.ok(shown.includes('One') && shown.includes('Two'));
  });
});

const data = datasetPath('coinjoin');

suite('entities among real CoinJoins', { skip: data.skip }, () => {
  const work = new Workplace();
  after(() => work.remove());
  test('a consolidation joins, with its transaction; the mixes of its members are counted and join nobody', async () => {
    await work.ok('import', 'transfers', `${data.path}/dumplings__jm_202406.zip`, '--preset', 'dumplings');
    const address = await firstInput(work);
    const report = JSON.parse(await work.ok('entity', address, '--json')) as EntityReport;
    assert.ok(report.members.count >= 138);
    assert.match(report.joins!.first.map(({ tx }) => tx).join(), /6dc8d5a2200e/);
    const printed = await work.ok('entity', address, '--limit', '2');
    assert.match(printed, /^entity \S+ on bitcoin: \d+ addresses/);
    assert.match(printed, /joined by multi-input/);
    assert.match(printed, /and \d+ more \(--limit N\)/);
  });
});

/** Address of the first input of the consolidation. */
async function firstInput(work: Workplace): Promise<string> {
  const { openStore } = await import('../../src/store/open.ts');
  const store = await openStore({ path: work.db, readOnly: true });
  try {
    const [tx] = await store.utxoTransactionsById('bip122:000000000019d6689c085ae165831e93', [CONSOLIDATION]);
    return tx!.inputs[0]!.address;
  } finally {
    await store.close();
  }
}

/** In Scanner/OtherCoinJoinPostMixTxs.txt: 138 inputs and one output, so nobody else is paid. */
const CONSOLIDATION = '6dc8d5a2200ea2dbfc0a9a8433703fa0525a1ace0b0d64bf2330aee659b26af0';
