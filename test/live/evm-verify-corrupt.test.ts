import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { HaetaeError } from '../../src/base/errors.ts';
import { decodeBlock } from '../../src/source/evm/decode.ts';
import { verifyBlock } from '../../src/source/evm/verify.ts';
import { settleBlock } from '../../src/source/settle.ts';
import { type Answers, balancesOf, bundleOf } from './_evm-bundle.ts';
import { CHAIN, everybody, type Scene, scene } from './_evm-scene.ts';
import { corrupted, leaves, type Path, valueAt } from './_proxy.ts';

type Part = keyof Answers;

/** Fields that nothing is taken from. Another value there is no lie that could be believed. */
const UNREAD: Readonly<Record<Part, RegExp>> = {
  block: /^(size|totalDifficulty)$/,
  receipts: /^$/,
  parity: /\.(action\.(gas|creationMethod)|result\.(gasUsed|output|code))$/,
  geth: /(^|\.)(gas|gasUsed|output|revertReason|error)$/,
};

/**
 * Inside a transaction no hash covers the calls. What of them moves money is checked against balances, and is refused then; what
 * moves none and logs nothing (a call without value) may be anything.
 */
const INSIDE: Readonly<Partial<Record<Part, RegExp>>> = {
  parity: /\.(action\.(to|value|input|init|callType|balance|refundAddress)|result\.address|error|type)$/,
  geth: /\.calls\..*(to|value|input|type)$/,
};

let at: Scene;

interface Change {
  readonly part: Part;
  readonly path: Path;
  readonly answers: Answers;
}

function changes(part: Part): Change[] {
  const answer = at.answers[part];
  return leaves(answer).map((path) => ({ part, path, answers: { ...at.answers, [part]: corrupted(answer, path) } }));
}

/** The movements and signals that a bundle gives once checked; the error where it is refused. */
function read(answers: Answers, form: 'parity' | 'geth'): string | HaetaeError {
  try {
    const bundle = bundleOf(answers, at.number, form);
    verifyBlock(bundle, CHAIN);
    const { transfers, signals } = decodeBlock(bundle, CHAIN);
    return shown({ transfers, signals });
  } catch (error) {
    if (error instanceof HaetaeError) return error;
    throw error;
  }
}

/** Whether the balances of the block refuse what the hashes let pass. */
async function refusedByBalances(answers: Answers, form: 'parity' | 'geth'): Promise<boolean> {
  const bundle = bundleOf(answers, at.number, form);
  const block = decodeBlock(bundle, CHAIN);
  const places = everybody(bundle, block);
  const [had, has] = await Promise.all([at.number - 1n, at.number].map((n) => balancesOf(at.anvil, places, n)));
  try {
    settleBlock(block, places, had!, has!);
    return false;
  } catch (error) {
    return error instanceof HaetaeError && error.code === 'E_SOURCE_LIES';
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
}

function isNamed(error: HaetaeError): boolean {
  const { block, field } = error.context;
  return /^E_SOURCE_(LIES|ANSWER)$/.test(error.code) && block === at.number.toString() && field !== undefined;
}

async function wrongs(part: Part, form: 'parity' | 'geth'): Promise<string[]> {
  const right = read(at.answers, form);
  const wrong: string[] = [];
  for (const { path, answers } of changes(part)) {
    const name = path.join('.');
    const got = read(answers, form);
    if (got instanceof HaetaeError) {
      if (!isNamed(got)) wrong.push(`${name}: ${got.code} ${shown(got.context)}`);
      continue;
    }
    const unread = UNREAD[part].test(name) && got === right;
    const inside = INSIDE[part]?.test(name) === true && (got === right || (await refusedByBalances(answers, form)));
    if (!unread && !inside) wrong.push(`${name} = ${shown(valueAt(answers[part], path))}`);
  }
  return wrong;
}

function fieldOf(part: Part, path: Path, value: unknown): string {
  const answer = structuredClone(at.answers[part]);
  (valueAt(answer, path.slice(0, -1)) as Record<string, unknown>)[path.at(-1)!] = value;
  const error = read({ ...at.answers, [part]: answer }, 'parity');
  assert.ok(error instanceof HaetaeError, path.join('.'));
  return String(error.context.field);
}

suite('evm: one field of a block changed', () => {
  before(async () => {
    at = await scene('osaka');
  });
  after(() => at.anvil.stop());

  test('of the block and its transactions: refused, block and field named', async () => {
    assert.ok(changes('block').length > 200);
    assert.deepEqual(await wrongs('block', 'parity'), []);
  });

  test('of the receipts and their logs', async () => {
    assert.deepEqual(await wrongs('receipts', 'geth'), []);
  });

  test('of the traces, as trace_block gives them', async () => {
    assert.deepEqual(await wrongs('parity', 'parity'), []);
  });

  test('of the traces, as debug_traceBlock gives them', async () => {
    assert.deepEqual(await wrongs('geth', 'geth'), []);
  });

  test('a field left out is refused, or changes nothing', async () => {
    for (const part of ['block', 'receipts', 'parity', 'geth'] as const) {
      const form = part === 'geth' ? 'geth' : 'parity';
      const right = read(at.answers, form);
      for (const path of leaves(at.answers[part])) {
        const answer = structuredClone(at.answers[part]);
        const holder = valueAt(answer, path.slice(0, -1)) as Record<string, unknown>;
        if (Array.isArray(holder)) holder.splice(Number(path.at(-1)), 1);
        else delete holder[path.at(-1)!];
        const answers = { ...at.answers, [part]: answer };
        const got = read(answers, form);
        const fits =
          got instanceof HaetaeError ? isNamed(got) : got === right || (await refusedByBalances(answers, form));
        assert.ok(fits, `${part} ${path.join('.')}`);
      }
    }
  });

  test('the field named is the one that was changed, where anything tells', () => {
    const root = `0x${'ab'.repeat(32)}`;
    const someone = `0x${'cd'.repeat(20)}`;
    for (const field of ['transactionsRoot', 'receiptsRoot', 'withdrawalsRoot', 'sha3Uncles', 'hash']) {
      assert.equal(fieldOf('block', [field], root), field);
    }
    assert.equal(fieldOf('block', ['gasUsed'], '0x1'), 'gasUsed');
    assert.equal(fieldOf('block', ['timestamp'], '0x1'), 'timestamp');
    assert.equal(fieldOf('block', ['logsBloom'], `0x${'01'.repeat(256)}`), 'logsBloom');
    const tx = (name: string, value: unknown): string => fieldOf('block', ['transactions', 0, name], value);
    assert.equal(tx('value', '0x1'), 'value');
    assert.equal(tx('input', '0x01'), 'input');
    assert.equal(tx('to', someone), 'to');
    assert.equal(tx('from', someone), 'from');
    assert.equal(tx('hash', root), 'hash');
    assert.equal(tx('chainId', '0x1'), 'chainId');
    assert.equal(tx('transactionIndex', '0x7'), 'transactionIndex');
    const receipt = (name: string, value: unknown): string => fieldOf('receipts', [0, name], value);
    assert.equal(receipt('status', '0x0'), 'status');
    assert.equal(receipt('gasUsed', '0x1'), 'gasUsed');
    assert.equal(receipt('cumulativeGasUsed', '0x1'), 'cumulativeGasUsed');
    assert.equal(receipt('effectiveGasPrice', '0x1'), 'effectiveGasPrice');
    assert.equal(receipt('contractAddress', someone), 'contractAddress');
    assert.equal(receipt('logsBloom', `0x${'01'.repeat(256)}`), 'logsBloom');
    const logged = (at.answers.receipts as { logs: unknown[] }[]).findIndex(({ logs }) => logs.length > 0);
    const log = (name: Path, value: unknown): string => fieldOf('receipts', [logged, 'logs', 0, ...name], value);
    assert.equal(log(['address'], someone), 'logs.0.address');
    assert.equal(log(['topics', 1], root), 'logs.0.topics.1');
    assert.equal(log(['data'], root), 'receiptsRoot');
    assert.equal(log(['logIndex'], '0x9'), 'logs.0.logIndex');
    assert.equal(fieldOf('parity', [0, 'action', 'value'], '0x1'), 'trace.value');
  });
});
