import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { HaetaeError } from '../../src/base/errors.ts';
import { requireChain } from '../../src/model/chain.ts';
import type { AccountSource } from '../../src/source/chain-source.ts';
import { makeEndpoint } from '../../src/source/endpoint.ts';
import { openEvmSource } from '../../src/source/evm/node.ts';
import { type KeptRows, keepRows } from '../../src/trace/live/account-keep.ts';
import { type Anvil, startAnvil } from './_anvil.ts';
import {
  corrupted,
  leaves,
  lists,
  NO_SUCH_METHOD,
  type NodeProxy,
  otherThan,
  type Path,
  shortened,
  startProxy,
  valueAt,
} from './_proxy.ts';
import { type ScriptedTheft, scriptTheft } from './_theft-script.ts';

/**
 * Every value of every answer that a block is read from is made another, one at a time. Each must be refused as a lie or as no answer,
 * naming block and field; the few that nothing is taken from (listed here) must change nothing.
 */
const UNUSED: Readonly<Record<string, RegExp>> = {
  // Sizes and times that stand beside what is hashed; the total difficulty ended with proof of stake.
  eth_getBlockByNumber: /^(size|totalDifficulty|transactions\.\d+\.(blockTimestamp|gasPrice|v))$/,
  eth_getBlockReceipts: /^\d+\.(blockTimestamp|blobGasPrice|logs\.\d+\.(blockTimestamp|removed))$/,
  // What a call was given and gave back, its gas, and whom it asked without paying: no money.
  trace_block: /^\d+\.(action\.(gas|input|init|to)|result\.(gasUsed|output|code)|subtraces)$/,
  debug_traceBlockByNumber: /(^|\.)(gas|gasUsed|input|output|to|logs)(\.|$)/,
  debug_traceBlockByHash: /(^|\.)(gas|gasUsed|input|output|to|logs)(\.|$)/,
};

const EVERYBODY = { has: (): boolean => true };

let anvil: Anvil;
let proxy: NodeProxy;
let script: ScriptedTheft;
let source: AccountSource;

async function begin(): Promise<void> {
  anvil = await startAnvil();
  proxy = await startProxy(anvil.url);
  script = await scriptTheft(anvil);
  source = await openEvmSource(makeEndpoint(requireChain('eip155:31337'), 'evm', proxy.url, {}));
}

async function end(): Promise<void> {
  await source.close();
  await proxy.stop();
  await anvil.stop();
}

/** All that a trace would keep of a block. */
async function read(block: bigint): Promise<KeptRows | null> {
  return keepRows(source, await source.block(block), EVERYBODY);
}

/** How a request may name a block: by number or by hash. */
async function namesOf(block: bigint): Promise<ReadonlySet<string>> {
  const number = `0x${block.toString(16)}`;
  const { hash } = await anvil.rpc('eth_getBlockByNumber', [number, false]);
  return new Set([number, hash as string]);
}

/** The answers that a block is read from, by method: those that name it. */
async function answersOf(block: bigint): Promise<Map<string, unknown>> {
  const answers = new Map<string, unknown>();
  const ours = await namesOf(block);
  const tamper = proxy.tamper;
  proxy.tamper = (call, raw) => {
    const result = tamper === null ? raw : tamper(call, raw);
    const whole = call.method !== 'eth_getBlockByNumber' || call.params[1] === true;
    if (call.method in UNUSED && whole && ours.has(String(call.params[0]))) answers.set(call.method, result);
    return result;
  };
  await read(block);
  proxy.tamper = tamper;
  return answers;
}

interface Corruption {
  readonly method: string;
  readonly path: Path;
  readonly answer: unknown;
}

/** What became of a block read from answers of which one is corrupt; null: refused by name. */
async function outcome(
  block: bigint,
  { method, answer }: Corruption,
  others: NodeProxy['tamper'],
): Promise<string | null> {
  const ours = await namesOf(block);
  proxy.tamper = (call, result) => {
    const whole = method !== 'eth_getBlockByNumber' || call.params[1] === true;
    if (call.method === method && whole && ours.has(String(call.params[0]))) return answer;
    return others === null ? result : others(call, result);
  };
  try {
    return shown(await read(block));
  } catch (error) {
    if (!(error instanceof HaetaeError)) throw error;
    const named = String(error.context.block) === block.toString() && String(error.context.field ?? '') !== '';
    return /^E_SOURCE_(LIES|ANSWER)$/.test(error.code) && named
      ? null
      : `${error.code} ${error.message} ${shown(error.context)}`;
  } finally {
    proxy.tamper = others;
  }
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item));
}

/** Reads a block under every corruption, or every so many; the failures, in words. */
async function failures(
  block: bigint,
  others: NodeProxy['tamper'] = null,
  every = 1,
): Promise<{ tried: number; wrong: string[] }> {
  proxy.tamper = others;
  const right = shown(await read(block));
  const wrong: string[] = [];
  let tried = 0;
  for (const [method, answer] of await answersOf(block)) {
    const changes = [
      ...leaves(answer).map((path): Corruption => ({ method, path, answer: corrupted(answer, path) })),
      ...lists(answer).map(
        (path): Corruption => ({ method, path: [...path, 'last'], answer: shortened(answer, path) }),
      ),
    ];
    for (const [index, change] of changes.entries()) {
      if (index % every !== 0) continue;
      const name = change.path.join('.');
      const got = await outcome(block, change, others);
      const unused = UNUSED[method]!.test(name);
      tried += 1;
      if (got !== null && !(unused && got === right)) {
        wrong.push(
          `${method} ${name} = ${shown(valueAt(change.answer, change.path))}: ${got === right ? 'unseen' : got.slice(0, 300)}`,
        );
      }
    }
  }
  proxy.tamper = null;
  return { tried, wrong };
}

suite('a node that lies in one field', () => {
  before(begin);
  after(end);

  test('of the block of the theft: every field of header, transaction, receipt, logs and trace is refused by name', async () => {
    const { tried, wrong } = await failures(script.drain.block);
    assert.ok(tried > 100, `${tried} tried`);
    assert.deepEqual(wrong, []);
  });

  test('of a block of six transactions, three of them tokens’: every third value', async () => {
    const block = script.stage.transactions.find((item) => item.txIndex === 4)!.block;
    const { tried, wrong } = await failures(block, null, 3);
    assert.ok(tried > 100, `${tried} tried`);
    assert.deepEqual(wrong, []);
  });

  test('where the traces are those of debug_traceBlock', async () => {
    const noTraceBlock: NodeProxy['tamper'] = ({ method }, result) =>
      method.startsWith('trace_') ? NO_SUCH_METHOD : result;
    const other = await openEvmSource(makeEndpoint(requireChain('eip155:31337'), 'evm', proxy.url, {}));
    const before = source;
    source = other;
    try {
      proxy.tamper = noTraceBlock;
      assert.ok([...(await answersOf(script.drain.block)).keys()].some((method) => method.startsWith('debug_')));
      const { wrong } = await failures(script.drain.block, noTraceBlock);
      assert.deepEqual(wrong, []);
    } finally {
      source = before;
      proxy.tamper = null;
      await other.close();
    }
  });

  test('a native balance, before or after, of anyone whose money the block moves', async () => {
    const { drain, thief, vault } = script;
    for (const address of [thief, vault]) {
      for (const block of [drain.block - 1n, drain.block]) {
        proxy.tamper = ({ method, params }, result) =>
          method === 'eth_getBalance' && params[0] === address && BigInt(params[1] as string) === block
            ? otherThan(result)
            : result;
        await assert.rejects(read(drain.block), (error: HaetaeError) => {
          assert.equal(error.code, 'E_SOURCE_LIES');
          assert.match(shown(error.context), new RegExp(`"block":"?${drain.block}\\b`));
          return true;
        });
      }
    }
    proxy.tamper = null;
  });

  test('a block of another chain with all its own hashes right: refused by the parent', async () => {
    const parent = script.drain.block - 1n;
    const other = await startAnvil({ genesisTime: 1_740_000_000 });
    try {
      await other.mine(Number(script.drain.block) + 2);
      const strange = await other.rpc('eth_getBlockByNumber', [`0x${parent.toString(16)}`, true]);
      proxy.tamper = ({ method, params }, result) =>
        method === 'eth_getBlockByNumber' && params[0] === `0x${parent.toString(16)}`
          ? strange
          : noneOf(method, params, parent, result);
      await assert.rejects(
        async () => {
          for await (const block of source.blocks(parent, script.drain.block)) assert.ok(block.ref.number >= parent);
        },
        (error: HaetaeError) => /^E_(REORG|SOURCE_LIES)$/.test(error.code),
      );
    } finally {
      proxy.tamper = null;
      await other.stop();
    }
  });
});

/** The strange block is empty: so are its receipts and traces. */
function noneOf(method: string, params: readonly unknown[], block: bigint, result: unknown): unknown {
  return /Receipts|trace/i.test(method) && params[0] === `0x${block.toString(16)}` ? [] : result;
}
