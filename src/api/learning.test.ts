import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyAudit } from '../access/verify-audit.ts';
import type { LabelEntry } from '../model/label.ts';
import { Bench, BITCOIN, ETH, person } from './_parts-fixture.ts';

let bench: Bench;

/** Over a service of its own, whose log is sound in the end. A hook of the file would run for every suite of the process. */
function benchTest(name: string, work: () => Promise<void>): void {
  test(name, async () => {
    bench = await Bench.open();
    try {
      await work();
      assert.deepEqual((await verifyAudit(bench.parts.records)).firstFault, null);
    } finally {
      await bench.end();
    }
  });
}

const stolen = (address: string, chain = 'ethereum') => ({
  chain,
  address,
  category: 'stolen' as const,
  label: 'thief',
  note: 'told by the victim',
});

async function importList(
  listDate: number,
  entries: readonly Partial<LabelEntry>[],
  source = 'List of a state',
): Promise<void> {
  const list = {
    source,
    listDate,
    title: 'test',
    url: null,
    licence: null,
    sha256: String(listDate).padStart(64, '0'),
    fileName: `list-${listDate}.csv`,
  };
  const rest = { currency: null, actor: null, abuse: null, programmes: ['X'], url: null, caseLost: false };
  const said = {
    label: 'listed',
    category: 'sanctioned' as const,
    confidence: 'authority_data',
    validFrom: null,
    validTo: null,
  };
  await bench.parts.store.saveLabels(
    list,
    entries.map((entry) => ({ address: '', chain: 'eip155:1', ...said, ...rest, ...entry }) as LabelEntry),
  );
}

benchTest(
  'an own label changes the past verdicts of its address: an address, a deposit of a customer, a line of a batch; its end changes them back',
  async () => {
    const thief = person(7);
    const alone = await bench.address({ chain: 'ethereum', address: thief });
    const deposit = await bench.transfer({
      chain: 'ethereum',
      asset: ETH,
      direction: 'deposit',
      amount: '1.5',
      address: thief,
      customer: 'customer 1',
    });
    const lines = await bench.batch('ethereum', [person(1), thief, person(2)]);
    assert.deepEqual([alone.decision, deposit.decision, lines[1]!.decision], ['allow', 'allow', 'allow']);
    const own = await bench.parts.ownLabels.add(stolen(thief), 'ada');
    const alerts = await bench.alerts();
    // The line of the batch overtakes the verdict of the address: same chain, no customer, no transaction.
    assert.deepEqual(
      alerts
        .map(({ kind, previous, before, decision }) => ({ kind, previous, before, decision }))
        .sort((a, b) => (a.previous! < b.previous! ? -1 : 1)),
      [
        { kind: 'change', previous: lines[1]!.id, before: 'allow', decision: 'block' },
        { kind: 'change', previous: deposit.id, before: 'allow', decision: 'block' },
      ],
    );
    for (const alert of alerts) {
      const verdict = await bench.parts.verdicts.verdictOf(alert.verdict);
      assert.equal(verdict!.previous, alert.previous);
      assert.match(verdict!.cause!, /own label .* added: stolen, thief/);
      assert.equal((await bench.parts.verdicts.replay(alert.verdict)).same, true);
    }
    assert.equal((await bench.verdicts(person(1))).length, 0);
    await bench.parts.ownLabels.expire(own.id, 'a mistake', 'ada');
    const after = await bench.alerts();
    assert.equal(after.length, 4);
    assert.deepEqual(
      after.slice(0, 2).map(({ decision, before, kind }) => [decision, before, kind]),
      [
        ['allow', 'block', 'change'],
        ['allow', 'block', 'change'],
      ],
    );
    // Nothing more is to come, also not after a restart.
    await bench.restart();
    await bench.parts.learning.catchUp();
    assert.equal((await bench.alerts()).length, 4);
  },
);

benchTest('an imported list, its next edition that leaves the address out, and another EVM chain', async () => {
  const address = person(9);
  const first = await bench.address({ chain: 'polygon', address });
  assert.equal(first.decision, 'allow');
  await importList(Date.parse('2026-10-01') / 1000, [{ address }, { address: person(10) }]);
  await bench.parts.learning.labels('a list');
  const [second] = await bench.verdicts(address);
  assert.deepEqual([second!.previous, second!.decision, second!.cause], [first.id, 'block', 'a list']);
  assert.equal(second!.facts[0]!.labels[0]!.saidOf, 'eip155:1');
  await importList(Date.parse('2026-10-20') / 1000, [{ address: person(10) }]);
  await bench.parts.learning.labels('the next edition');
  const [third] = await bench.verdicts(address);
  assert.deepEqual([third!.previous, third!.decision], [second!.id, 'allow']);
  assert.equal((await bench.alerts()).length, 2);
});

benchTest('a list that lost upper and lower case touches the address in any spelling', async () => {
  const address = '1FzWLkAahHooV3kzTgyx6qsswXJ6sCXkSR';
  const first = await bench.address({ chain: 'bitcoin', address });
  await importList(Date.parse('2026-10-01') / 1000, [
    { address: address.toLowerCase(), chain: BITCOIN, caseLost: true },
  ]);
  await bench.parts.learning.labels('a list');
  const [second] = await bench.verdicts(address);
  assert.equal(second!.previous, first.id);
  assert.equal(second!.facts[0]!.labels[0]!.caseLost, true);
  assert.notEqual(second!.decision, 'allow');
});

benchTest('what came into the store while the service did not run is found when it starts', async () => {
  const first = await bench.address({ chain: 'ethereum', address: person(11) });
  await bench.parts.learning.catchUp();
  await importList(Date.parse('2026-10-01') / 1000, [{ address: person(11) }]);
  await bench.restart();
  await bench.parts.learning.catchUp();
  const [second] = await bench.verdicts(person(11));
  assert.equal(second!.previous, first.id);
  assert.equal(second!.decision, 'block');
  await bench.restart();
  await bench.parts.learning.catchUp();
  assert.equal((await bench.verdicts(person(11))).length, 2);
});

benchTest('a change that could not be noted is not forgotten when the next one is', async () => {
  const first = await bench.address({ chain: 'ethereum', address: person(12) });
  await bench.parts.learning.catchUp();
  await importList(Date.parse('2026-10-01') / 1000, [{ address: person(12) }]);
  bench.failNextWrite();
  await assert.rejects(bench.parts.learning.labels('a list'), { code: 'E_STORE_WRITE' });
  assert.equal((await bench.verdicts(person(12))).length, 1);
  await bench.parts.ownLabels.add(stolen(person(13)), 'ada');
  const [second] = await bench.verdicts(person(12));
  assert.equal(second!.previous, first.id);
  assert.equal(second!.decision, 'block');
});

benchTest('a batch under way when a label comes does not keep what was known before', async () => {
  const addresses = Array.from({ length: 30_000 }, (_, at) => person(at + 100));
  await importList(Date.parse('2026-10-01') / 1000, [{ address: addresses[0]! }]);
  const lines = bench.batch('ethereum', addresses);
  const learned = bench.parts.learning.labels('a list');
  const [first] = await lines;
  await learned;
  const [newest] = await bench.verdicts(addresses[0]!);
  assert.equal(newest?.decision, 'block', `answered ${first!.decision}, and nobody looked again`);
});

benchTest('what a stop left undone is done at the next start', async () => {
  const addresses = Array.from({ length: 40 }, (_, at) => person(at + 100));
  for (const address of addresses) await bench.address({ chain: 'ethereum', address });
  await bench.parts.learning.catchUp();
  await importList(
    Date.parse('2026-10-01') / 1000,
    addresses.map((address) => ({ address })),
  );
  const under = bench.parts.learning.labels('a list').catch(() => null);
  while ((await bench.alerts()).length < 1) await new Promise((resolve) => setImmediate(resolve));
  await bench.restart();
  await under;
  const part = (await bench.alerts()).length;
  await bench.parts.learning.catchUp();
  const alerts = await bench.alerts();
  assert.equal(alerts.length, addresses.length, `${part} before the stop`);
  assert.equal(new Set(alerts.map(({ address }) => address)).size, addresses.length);
});
