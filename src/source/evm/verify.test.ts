import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { HaetaeError } from '../../base/errors.ts';
import { address, type MadeBlock, makeAnswers, makeBundle, word } from './_fixture.ts';
import { decodeBlock } from './decode.ts';
import { parseRawBlock, parseReceipts } from './raw.ts';
import { parseTraces, type TraceForm } from './raw-trace.ts';
import { verifyBlock } from './verify.ts';

const MAINNET = 'eip155:1';
const [ALICE, BOB, CAROL] = [address(1), address(2), address(3)];

/** Code and field of the refusal; empty where there is none. */
function fault(run: () => unknown): readonly unknown[] {
  try {
    run();
  } catch (error) {
    if (error instanceof HaetaeError) return [error.code, error.context.field];
    throw error;
  }
  return [];
}

const BLOCK: MadeBlock = {
  header: { difficulty: '0x2' },
  transactions: [{ tx: { from: ALICE, to: BOB, value: '0x5' } }],
};

function traced(traces: unknown, form: TraceForm): readonly unknown[] {
  const { block, receipts } = makeAnswers(BLOCK);
  const raw = parseRawBlock(block, 100n);
  return fault(() => {
    const read = parseTraces(traces, raw, form);
    verifyBlock({ block: raw, receipts: parseReceipts(receipts, raw), traces: read }, MAINNET);
  });
}

type Ask = Readonly<Record<string, unknown>>;

function parity(traceAddress: readonly number[], subtraces: number, more: Ask = {}): Ask {
  const { block } = makeAnswers(BLOCK);
  const { hash } = (block.transactions as Ask[])[0]!;
  const call =
    traceAddress.length === 0 ? { from: ALICE, to: BOB, value: '0x5' } : { from: BOB, to: CAROL, value: '0x1' };
  return {
    action: { callType: 'call', gas: '0x0', input: '0x', ...call },
    blockHash: block.hash,
    blockNumber: 100,
    result: { gasUsed: '0x0', output: '0x' },
    subtraces,
    traceAddress,
    transactionHash: hash,
    transactionPosition: 0,
    type: 'call',
    ...more,
  };
}

suite('traces in the form of trace_block', () => {
  test('a tree in order', () => {
    assert.deepEqual(traced([parity([], 2), parity([0], 0), parity([1], 0)], 'parity'), []);
  });

  test('rewards stand beside the transactions', () => {
    const reward = { author: CAROL, rewardType: 'block', value: '0x9' };
    const given = parity([], 0, { type: 'reward', action: reward, transactionHash: null, transactionPosition: null });
    assert.deepEqual(traced([parity([], 0), given], 'parity'), []);
    const { block, receipts } = makeAnswers(BLOCK);
    const raw = parseRawBlock(block, 100n);
    const traces = parseTraces([parity([], 0), given], raw, 'parity');
    const { transfers } = decodeBlock({ block: raw, receipts: parseReceipts(receipts, raw), traces }, MAINNET);
    const minted = transfers.filter(({ to }) => to === CAROL);
    assert.deepEqual(
      minted.map(({ tx, kind, txIndex, leg, amount }) => [tx, kind, txIndex, leg, amount]),
      [[null, 'mint', 1_000_000_000, 0, 9n]],
    );
  });

  test('a reward where there is no work is refused', () => {
    const { block } = makeAnswers({ transactions: [] });
    const raw = parseRawBlock(block, 100n);
    const action = { author: CAROL, rewardType: 'block', value: '0x9' };
    const given = { type: 'reward', action, blockHash: raw.hash, blockNumber: 100, subtraces: 0, traceAddress: [] };
    const traces = parseTraces([given], raw, 'parity');
    const check = (chain: string) => fault(() => verifyBlock({ block: raw, receipts: [], traces }, chain));
    assert.deepEqual(check(MAINNET), ['E_SOURCE_LIES', 'traces.reward']);
    assert.deepEqual(check('eip155:100'), []);
  });

  test('a tree that does not hang together, or says two things', () => {
    const answer = 'E_SOURCE_ANSWER';
    assert.deepEqual(traced([parity([0], 0)], 'parity'), [answer, 'trace.0.traceAddress']);
    assert.deepEqual(traced([parity([], 1)], 'parity'), [answer, 'trace.subtraces']);
    assert.deepEqual(traced([parity([], 1), parity([1], 0)], 'parity'), [answer, 'trace.1.traceAddress']);
    assert.deepEqual(traced([parity([], 1), parity([0], 0), parity([0], 0)], 'parity'), [
      answer,
      'trace.0.traceAddress',
    ]);
    assert.deepEqual(traced([parity([], 0), parity([], 0)], 'parity'), [answer, 'trace.traceAddress']);
    assert.deepEqual(traced([parity([], 0, { result: null })], 'parity'), [answer, 'trace.result']);
    assert.deepEqual(traced([parity([], 0, { type: 'jump' })], 'parity'), [answer, 'trace.type']);
    assert.deepEqual(traced([parity([], 0, { transactionPosition: 4 })], 'parity'), [
      answer,
      'traces.0.transactionPosition',
    ]);
    assert.deepEqual(traced([], 'parity'), ['E_SOURCE_LIES', 'trace']);
    assert.deepEqual(traced([parity([], 0, { transactionHash: word(1) })], 'parity'), [
      'E_SOURCE_LIES',
      'traces.0.transactionHash',
    ]);
  });

  test('value within a call that failed, or beneath one, moves nothing', () => {
    const deep = { action: { callType: 'call', gas: '0x0', input: '0x', from: CAROL, to: ALICE, value: '0x1' } };
    const list = [parity([], 2), parity([0], 1, { error: 'Reverted' }), parity([0, 0], 0, deep), parity([1], 0)];
    const { block, receipts } = makeAnswers(BLOCK);
    const raw = parseRawBlock(block, 100n);
    const traces = parseTraces(list, raw, 'parity');
    const { transfers } = decodeBlock({ block: raw, receipts: parseReceipts(receipts, raw), traces }, MAINNET);
    assert.deepEqual(
      transfers.filter(({ kind }) => kind === 'internal').map(({ leg, from, to }) => [leg, from, to]),
      [[2 + 3, BOB, CAROL]],
    );
  });
});

suite('traces in the form of the callTracer', () => {
  const top = { type: 'CALL', from: ALICE, to: BOB, value: '0x5', input: '0x', gas: '0x0', gasUsed: '0x0' };

  test('what they must agree with', () => {
    const geth = (change: Ask): readonly unknown[] => traced([{ result: { ...top, ...change } }], 'geth');
    const lies = 'E_SOURCE_LIES';
    assert.deepEqual(geth({}), []);
    assert.deepEqual(geth({ from: CAROL }), [lies, 'trace.from']);
    assert.deepEqual(geth({ to: CAROL }), [lies, 'trace.to']);
    assert.deepEqual(geth({ value: '0x6' }), [lies, 'trace.value']);
    assert.deepEqual(geth({ input: '0x01' }), [lies, 'trace.input']);
    assert.deepEqual(geth({ error: 'out of gas' }), [lies, 'trace.error']);
    assert.deepEqual(geth({ type: 'CREATE' }), [lies, 'trace.type']);
    assert.deepEqual(geth({ type: 'JUMP' }), ['E_SOURCE_ANSWER', 'trace.type']);
    assert.deepEqual(geth({ calls: [{ ...top, from: CAROL }] }), [lies, 'trace.0.from']);
    assert.deepEqual(traced([{ txHash: word(9), result: top }], 'geth'), [lies, 'trace.txHash']);
    assert.deepEqual(traced([], 'geth'), ['E_SOURCE_ANSWER', 'traces']);
  });

  test('a chain of calls as deep as the machine allows', () => {
    let frame: Ask = { ...top, from: BOB, to: BOB, value: '0x0' };
    for (let depth = 0; depth < 1023; depth += 1) frame = { ...frame, calls: [frame] };
    assert.deepEqual(traced([{ result: { ...top, calls: [frame] } }], 'geth'), []);
  });

  test('calls of precompiled contracts, which the other form leaves out, take no leg', () => {
    const sha = { ...top, type: 'STATICCALL', from: BOB, to: `0x${'0'.repeat(39)}2`, value: '0x0' };
    const pays = { ...top, from: BOB, to: CAROL, value: '0x1' };
    const { block, receipts } = makeAnswers(BLOCK);
    const raw = parseRawBlock(block, 100n);
    const traces = parseTraces([{ result: { ...top, calls: [sha, pays] } }], raw, 'geth');
    const { transfers } = decodeBlock({ block: raw, receipts: parseReceipts(receipts, raw), traces }, MAINNET);
    assert.deepEqual(
      transfers.filter(({ kind }) => kind === 'internal').map(({ leg }) => leg),
      [3],
    );
  });
});

suite('chains of other kinds', () => {
  const foreign = { transactions: [{ tx: { type: '0x6a', chainId: '0xa4b1', hash: word(77) } }] };

  test('a type that Ethereum does not have is refused there, and named as unchecked where the chain has it', () => {
    const bundle = makeBundle(foreign);
    assert.deepEqual(
      fault(() => verifyBlock(bundle, MAINNET)),
      ['E_SOURCE_ANSWER', 'type'],
    );
    verifyBlock(bundle, 'eip155:42161');
    const block = decodeBlock(
      { ...bundle, traces: { form: 'geth', transactions: [[]], rewards: [], strange: null } },
      'eip155:42161',
    );
    assert.match(block.unchecked.join(), /1 transactions of types of this chain’s own/);
    assert.equal(block.internalMoves, 'unseen', 'a deposit moves money that no trace shows');
  });

  test('a transaction signed for another chain', () => {
    assert.deepEqual(
      fault(() => verifyBlock(makeBundle(BLOCK), 'eip155:10')),
      ['E_SOURCE_LIES', 'chainId'],
    );
  });

  test('Avalanche: the hash is taken as given and said so, the rest is checked', () => {
    const { block, receipts } = makeAnswers({ transactions: [{ tx: { chainId: '0xa86a', value: '0x5' } }] });
    const given = { ...block, hash: word(5) };
    const placed = (item: Ask): Ask => ({ ...item, blockHash: word(5) });
    const raw = parseRawBlock({ ...given, transactions: (block.transactions as Ask[]).map(placed) }, 100n);
    const bundle = { block: raw, receipts: parseReceipts(receipts.map(placed), raw), traces: null };
    verifyBlock(bundle, 'eip155:43114');
    assert.match(decodeBlock(bundle, 'eip155:43114').unchecked.join(), /the block hash/);
    const other = { ...bundle, receipts: [{ ...bundle.receipts[0]!, status: 0 }] };
    assert.deepEqual(
      fault(() => verifyBlock(other, 'eip155:43114')),
      ['E_SOURCE_LIES', 'status'],
    );
  });
});

suite('answers of a node', () => {
  test('hashes in place of transactions, receipts too few, half of a field', () => {
    const { block, receipts } = makeAnswers(BLOCK);
    const raw = parseRawBlock(block, 100n);
    const hashes = (block.transactions as Ask[]).map(({ hash }) => hash);
    assert.deepEqual(
      fault(() => parseRawBlock({ ...block, transactions: hashes }, 100n)),
      ['E_SOURCE_ANSWER', 'transactions'],
    );
    assert.deepEqual(
      fault(() => parseReceipts([], raw)),
      ['E_SOURCE_ANSWER', 'receipts'],
    );
    assert.deepEqual(
      fault(() => parseReceipts(null, raw)),
      ['E_SOURCE_ANSWER', 'receipts'],
    );
    const log = { address: BOB, topics: [word(1)], data: '0x123' };
    const withLog = [{ ...receipts[0], logs: [log] }];
    assert.deepEqual(
      fault(() => parseReceipts(withLog, raw)),
      ['E_SOURCE_ANSWER', 'logs.0.data'],
    );
    const short = [{ ...receipts[0], logs: [{ ...log, topics: [word(1), '0x02'] }] }];
    assert.deepEqual(
      fault(() => parseReceipts(short, raw)),
      ['E_SOURCE_ANSWER', 'logs.0.topics.1'],
    );
    assert.deepEqual(
      fault(() => parseReceipts([{ ...receipts[0], status: '0x2' }], raw)),
      ['E_SOURCE_ANSWER', 'status'],
    );
  });
});
