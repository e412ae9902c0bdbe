import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LOCAL } from '../access/gate.ts';
import { verifyAudit } from '../access/verify-audit.ts';
import type { Transfer } from '../model/transfer.ts';
import { orderKey } from '../store/records.ts';
import { Bench, BITCOIN, ETH, ETHEREUM, person } from './_parts-fixture.ts';

let bench: Bench;

/** Over a service of its own. A hook of the file would run for every suite of the process. */
function benchTest(name: string, work: () => Promise<void>): void {
  test(name, async () => {
    bench = await Bench.open();
    try {
      await work();
    } finally {
      await bench.end();
    }
  });
}

const NO_FETCH = {
  assets: [],
  blocks: [],
  covered: [],
  openings: [],
  sources: ['test one.example.org'],
  at: 1_700_000_000,
};

function own(address: string, category: 'stolen' | 'mixer' | 'sanctioned', chain = 'ethereum') {
  return bench.parts.ownLabels.add({ chain, address, category, label: category, note: 'test' }, 'ada');
}

/** Counts only: `sums` is a rule under test, low single limits never reached. */
const SUMS = `name: sums
rules:
  - id: mixer-sum
    version: 1
    title: Mixed money adds up
    reason: It adds up.
    source: { title: A test, url: 'https://example.org/' }
    decision: review
    score: 50
    when:
      link: direct
      category: mixer
      amount: { ETH: 5, other: 5 }
      cumulative: { days: 30, amount: { ETH: 5, other: 5 } }
`;

async function activate(text: string): Promise<void> {
  const { hash } = await bench.parts.rules.load(text, 'test.yaml');
  await bench.parts.rules.activate(hash);
}

async function bytesOf(id: string): Promise<string> {
  return Buffer.from((await bench.parts.verdicts.bytesOf(id))!).toString();
}

benchTest('what only looks like an id of a verdict or of a line of a batch names nothing', async () => {
  const [line] = await bench.batch('ethereum', [person(1)]);
  const [batch, number] = line!.id!.split('.');
  const spelled = (sequence: string): string => `b-${sequence}-${batch!.split('-')[2]}.${number}`;
  const sequence = batch!.split('-')[1]!;
  assert.equal(spelled(sequence), line!.id);
  const unlike = ['0', `0${sequence}`, `${sequence}e0`, '9'.repeat(15), '9'.repeat(400), '', '-1'].map(spelled);
  for (const id of [
    ...unlike,
    'b-0-0000.0',
    `${batch}.1`,
    `${batch}.00000`,
    `${batch}.`,
    'v-0-0000',
    'v-1-0000.0',
    '.0',
  ])
    assert.equal(await bench.parts.verdicts.bytesOf(id), null, id);
});

benchTest(
  'answered, kept and replayed bytes are the same, for every kind and after other rules and a restart',
  async () => {
    await own(person(2), 'mixer');
    await own(person(3), 'stolen');
    const how = () => ({ dry: false, atMs: bench.now, keep: () => [] });
    const given = new Map<string, string>();
    for (const address of [person(1), person(2), person(3)]) {
      const alone = await bench.parts.desk.screenAddress({ chain: 'ethereum', address, customer: 'c' }, LOCAL, how());
      given.set(alone.id!, Buffer.from(alone.bytes).toString());
      const question = { chain: 'ethereum', asset: ETH, direction: 'withdrawal' as const, amount: '2', address };
      const moved = await bench.parts.desk.screenTransfer(question, LOCAL, how());
      given.set(moved.id!, Buffer.from(moved.bytes).toString());
    }
    const lines = await bench.batch('ethereum', [person(1), 'nonsense', person(2), person(3), person(1)]);
    assert.deepEqual(
      lines.map(({ decision, error }) => decision ?? error?.code),
      ['allow', 'E_ADDRESS', 'review', 'block', 'allow'],
    );
    for (const { id } of lines) if (id !== undefined) given.set(id, await bytesOf(id));
    await activate(SUMS);
    await bench.restart();
    for (const [id, bytes] of given) {
      assert.equal(await bytesOf(id), bytes);
      assert.equal(JSON.parse(bytes).id, id);
      const { same, storedSha256, replayedSha256 } = await bench.parts.verdicts.replay(id);
      assert.deepEqual([same, storedSha256], [true, replayedSha256]);
    }
    const decisions = [...given.values()].map((text) => JSON.parse(text).decision).sort();
    assert.deepEqual(decisions, [
      'allow',
      'allow',
      'allow',
      'allow',
      'block',
      'block',
      'block',
      'review',
      'review',
      'review',
    ]);
    // A number once given is never given again.
    const last = Math.max(...[...given.keys()].map((id) => Number(id.split('-')[1])));
    const next = await bench.address({ chain: 'ethereum', address: person(1) });
    assert.ok(Number(next.id.split('-')[1]) > last);
    assert.equal((await verifyAudit(bench.parts.records)).ok, true);
  },
);

benchTest('a label that came only after the transfer is told apart', async () => {
  await own(person(5), 'stolen');
  const at = '2026-10-01T00:00:00Z';
  const question = { chain: 'ethereum', asset: ETH, direction: 'deposit' as const, amount: '1', address: person(5) };
  const before = await bench.transfer({ ...question, at });
  const after = await bench.transfer(question);
  assert.deepEqual(
    before.facts[0]!.labels.map(({ atTransfer }) => atTransfer),
    [false],
  );
  assert.equal(before.reasons[0]!.listedAfterTransfer, true);
  assert.deepEqual(
    after.facts[0]!.labels.map(({ atTransfer }) => atTransfer),
    [true],
  );
  assert.equal(after.reasons[0]!.listedAfterTransfer, false);
  const asOf = await bench.address({ chain: 'ethereum', address: person(5), asOf: at });
  assert.equal(asOf.decision, 'allow');
});

benchTest('twenty transfers of one customer at once do not pass under a limit that they exceed together', async () => {
  await own(person(6), 'mixer');
  await activate(SUMS);
  const question = { chain: 'ethereum', asset: ETH, direction: 'deposit' as const, amount: '0.4', address: person(6) };
  const customers = Array.from({ length: 20 }, () => bench.transfer({ ...question, customer: 'one' }));
  const verdicts = await Promise.all(customers);
  // 0.4 each, limit 5: the 13th makes 5.2.
  assert.equal(verdicts.filter(({ decision }) => decision === 'allow').length, 12);
  const others = await Promise.all(Array.from({ length: 20 }, () => bench.transfer(question)));
  assert.equal(others.filter(({ decision }) => decision === 'allow').length, 12);
  await bench.restart();
  assert.equal((await bench.transfer({ ...question, customer: 'one' })).decision, 'review');
});

benchTest('senders that two deposits share are summed one after the other, whichever is named first', async () => {
  for (const number of [21, 22, 23]) await own(person(number), 'mixer');
  await activate(SUMS);
  const transfers = [
    [21, 0.1],
    [22, 3],
    [23, 0.1],
    [22, 3],
  ].map(([from, amount], at) =>
    transferOf(at < 2 ? 1 : 2, at, from!, 30, BigInt(Math.round(amount! * 10)) * 10n ** 17n),
  );
  await bench.parts.store.keepFetched({ chain: ETHEREUM, ...NO_FETCH, transfers, utxo: [] });
  const question = { chain: 'ethereum', asset: ETH, direction: 'deposit' as const, to: person(30) };
  const verdicts = await Promise.all([1, 2].map((tx) => bench.transfer({ ...question, tx: txOf(tx) })));
  assert.deepEqual(verdicts.map(({ decision }) => decision).sort(), ['allow', 'review']);
});

benchTest('a transfer that came first and has its turn last sees the one that overtook it', async () => {
  await own(person(24), 'mixer');
  await activate(SUMS);
  const question = { chain: 'ethereum', asset: ETH, direction: 'deposit' as const, amount: '3', address: person(24) };
  const at = bench.now + 1000;
  const decisions: string[] = [];
  for (const atMs of [at + 3, at]) {
    const { decision } = await bench.parts.desk.screenTransfer(question, LOCAL, { dry: false, atMs, keep: () => [] });
    decisions.push(decision);
  }
  assert.deepEqual(decisions, ['allow', 'review']);
});

benchTest('a transfer as of an earlier date counts toward no sum of today', async () => {
  await own(person(7), 'mixer');
  bench.now += 3_600_000;
  await activate(SUMS);
  const question = { chain: 'ethereum', asset: ETH, direction: 'deposit' as const, amount: '4', address: person(7) };
  await bench.transfer({ ...question, asOf: new Date(bench.now - 1000).toISOString() });
  assert.equal((await bench.transfer(question)).decision, 'allow');
  assert.equal((await bench.transfer(question)).decision, 'review');
});

benchTest('a commit that fails changes nothing, and the next request is right', async () => {
  await own(person(8), 'mixer');
  await activate(SUMS);
  const question = {
    chain: 'ethereum',
    asset: ETH,
    direction: 'deposit' as const,
    amount: '4',
    address: person(8),
    customer: 'who',
  };
  const { subjects, cumulative, alerts } = bench.parts;
  const state = () => [subjects.size, cumulative.held, JSON.stringify(alerts.counts(bench.now))];
  const before = state();
  bench.failNextWrite();
  await assert.rejects(bench.transfer(question), { code: 'E_STORE_WRITE' });
  assert.deepEqual(state(), before);
  bench.failNextWrite();
  await assert.rejects(bench.batch('ethereum', [person(8), person(1)]), { code: 'E_STORE_WRITE' });
  assert.deepEqual(state(), before);
  assert.equal((await bench.transfer(question)).decision, 'allow');
  const second = await bench.transfer(question);
  assert.equal(second.decision, 'review');
  assert.equal((await bench.alerts()).length, 1);
  await bench.restart();
  assert.equal((await bench.parts.verdicts.replay(second.id)).same, true);
  assert.equal((await bench.transfer({ ...question, amount: '0.1' })).decision, 'review');
  assert.deepEqual((await verifyAudit(bench.parts.records)).firstFault, null);
});

benchTest('a deposit by its transaction: what each sender paid sums to the payment', async () => {
  const transfers = [
    transferOf(9, 0, 41, 50, 7n),
    transferOf(9, 1, 42, 50, 11n),
    transferOf(9, 2, 41, 50, 2n),
    transferOf(9, 3, 43, 51, 100n),
  ];
  await bench.parts.store.keepFetched({ chain: ETHEREUM, ...NO_FETCH, transfers, utxo: [] });
  const account = await bench.transfer({
    chain: 'ethereum',
    asset: ETH,
    direction: 'deposit',
    tx: txOf(9),
    to: person(50),
  });
  assert.equal(account.request.amount, '20');
  assert.deepEqual(
    account.facts.map(({ address, amount }) => [address, amount]),
    [
      [person(41), '9'],
      [person(42), '11'],
    ],
  );
  const wrong = {
    chain: 'ethereum',
    asset: ETH,
    direction: 'deposit' as const,
    tx: txOf(9),
    to: person(50),
    amountBase: '21',
  };
  await assert.rejects(bench.transfer(wrong), { code: 'E_AMOUNT' });
  await assert.rejects(bench.transfer({ ...wrong, tx: txOf(77), amountBase: undefined }), { code: 'E_NOT_FOUND' });
});

benchTest(
  'a deposit by its UTXO transaction: each owner of inputs paid its part; a withdrawal is what its recipient gets',
  async () => {
    const output = (address: string, value: bigint) => ({ address, value });
    const input = (address: string, value: bigint, index: number) => ({
      outpoint: { tx: 'ee'.repeat(32), index },
      address,
      value,
    });
    const [a, b, c] = [
      '1BoatSLRHtKNngkdXEeobR76b53LETtpyT',
      '12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJX',
      '1HLoD9E4SDFFPDiYfNYnkBLQ85Y51J3Zb1',
    ] as const;
    await bench.parts.store.keepFetched({
      chain: BITCOIN,
      ...NO_FETCH,
      transfers: [],
      utxo: [
        {
          chain: BITCOIN,
          tx: 'ab'.repeat(32),
          time: 1_700_000_000,
          block: 5n,
          txIndex: 0,
          inputs: [input(a, 10n, 0), input(b, 20n, 1), input(a, 5n, 2)],
          outputs: [output(c, 17n), output(a, 16n)],
          source: { batch: 0, file: 0, row: 0 },
        },
      ],
    });
    const coin = await bench.transfer({
      chain: 'bitcoin',
      asset: 'BTC',
      direction: 'deposit',
      tx: 'AB'.repeat(32),
      to: c,
    });
    // 17 of 35: 20/35 of it is 9.7, 15/35 is 7.3; the unit left over goes to the larger.
    assert.deepEqual(
      coin.facts.map(({ address, amount }) => [address, amount]),
      [
        [b, '10'],
        [a, '7'],
      ],
    );
    assert.equal(coin.request.amount, '17');
    const paid = await bench.transfer({
      chain: 'bitcoin',
      asset: 'BTC',
      direction: 'withdrawal',
      tx: 'ab'.repeat(32),
      address: c,
    });
    assert.deepEqual([paid.request.amount, paid.facts[0]!.amount], ['17', '17']);
  },
);

benchTest('the log shows a record that is altered or gone, and a cut tail against a signed head', async () => {
  await own(person(8), 'stolen');
  const kept = await bench.address({ chain: 'ethereum', address: person(8) });
  await bench.batch('ethereum', [person(1), person(8)]);
  const { records, auditKey, audited } = bench.parts;
  const head = auditKey.sign(audited.head());
  assert.equal((await verifyAudit(records, { head })).ok, true);
  const faultAfter = async (table: 'verdict' | 'batch' | 'audit', change: (old: Uint8Array) => Uint8Array | null) => {
    const [row] = await records.list(table, { limit: 1 });
    await records.write([{ table, key: row!.key, value: change(row!.value) }]);
    const { ok } = await verifyAudit(records, { head });
    await records.write([{ table, key: row!.key, value: row!.value }]);
    return !ok;
  };
  const altered = (old: Uint8Array) => Buffer.from(Buffer.from(old).toString().replace('a', 'b'));
  for (const table of ['verdict', 'batch', 'audit'] as const) {
    assert.equal(await faultAfter(table, altered), true, `${table} altered`);
    assert.equal(await faultAfter(table, () => null), true, `${table} gone`);
  }
  assert.equal((await verifyAudit(records, { head })).ok, true);
  // As one would cut it who also writes the head anew.
  const rows = await records.list('audit', { reverse: true, limit: 2 });
  const before = JSON.parse(Buffer.from(rows[1]!.value).toString());
  assert.equal(typeof before, 'object');
  await records.write([{ table: 'audit', key: rows[0]!.key, value: null }]);
  assert.equal((await verifyAudit(records, { head })).ok, false);
  assert.equal(rows[0]!.key, orderKey(head.seq));
  assert.equal(kept.decision, 'block');
});

function txOf(number: number): string {
  return `0x${number.toString(16).padStart(64, '0')}`;
}

function transferOf(tx: number, leg: number, from: number, to: number, amount: bigint): Transfer {
  return {
    chain: ETHEREUM,
    time: 1_700_000_000 + tx,
    block: BigInt(tx),
    txIndex: 0,
    leg,
    tx: txOf(tx),
    kind: 'transfer',
    from: person(from),
    to: person(to),
    asset: ETH,
    amount,
    rounded: false,
    source: { batch: 0, file: 0, row: leg },
  };
}
