import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError } from '../../src/base/errors.ts';
import { caseCommand } from '../../src/cli/case.ts';
import type { Command, Terminal } from '../../src/cli/command.ts';
import { importCommand } from '../../src/cli/import.ts';
import { trace } from '../../src/cli/trace.ts';
import { verify } from '../../src/cli/verify.ts';
import type { TraceResult } from '../../src/trace/result.ts';
import { type Ran, ROOT, Workplace } from '../e2e/_cli.ts';

const COMMANDS: Readonly<Record<string, Command>> = { trace, import: importCommand, case: caseCommand, verify };

/** The same commands in this process: half a second less each. A test of signals, of the store's lock or of what starts uses a Workplace. */
export class Desk extends Workplace {
  readonly #store: string;

  /** With a store of its own, or that of another place. */
  constructor(shared?: Workplace) {
    super();
    this.#store = shared?.db ?? this.db;
  }

  override async run(...words: string[]): Promise<Ran> {
    const [name = '', ...rest] = words;
    let [out, err] = ['', ''];
    const terminal: Terminal = {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      columns: 100,
      color: false,
      env: { HAETAE_DB: this.#store, HAETAE_SOURCES: undefined },
      now: () => Math.floor(Date.now() / 1000),
    };
    try {
      await COMMANDS[name]!.run(rest, terminal);
      return { code: 0, out, err };
    } catch (error) {
      return { code: 1, out, err: `${err}${describeError(error)}\n` };
    }
  }
}

/** A command that runs while the test acts: what it prints as it prints it, and a way to interrupt it. */
export class Running {
  out = '';
  err = '';
  readonly done: Promise<Ran>;
  readonly #child: ChildProcess;

  constructor(work: Workplace, words: readonly string[]) {
    const env = { ...process.env, HAETAE_DB: work.db, HOME: work.folder };
    const child = spawn(process.execPath, [join(ROOT, 'dist/src/main.js'), ...words], { cwd: work.folder, env });
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      this.out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.err += chunk.toString();
    });
    this.done = new Promise((resolve) => {
      child.once('close', (code) => resolve({ code: code ?? 1, out: this.out, err: this.err }));
    });
  }

  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }

  /** Lines of NDJSON so far; a line not yet ended is left. */
  lines(): Record<string, unknown>[] {
    const whole = this.out.slice(0, this.out.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Waits until something is so; fails with what the command said where it never is. */
  async until(what: string, holds: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
    for (let tries = 0; tries < seconds * 50; tries += 1) {
      if (await holds()) return;
      await sleep(20);
    }
    assert.fail(`never: ${what}\n${this.out.slice(-2000)}\n${this.err.slice(-2000)}`);
  }
}

/** A store with the one label, made once a process and copied: an import by the command takes most of a second. */
const labelled = new Map<string, Workplace>();
process.once('exit', () => {
  for (const work of labelled.values()) work.remove();
});

/** As if a list of labels with one service had just been imported into the store of this place of work. */
export async function labelService(work: Workplace, chain: string, address: string): Promise<void> {
  const key = `${chain}|${address}`;
  const model = labelled.get(key) ?? new Desk();
  if (!labelled.has(key)) {
    const file = model.path('labels.csv');
    const header = 'address,chain,label,category,actor,source,confidence,list_date';
    writeFileSync(
      file,
      `${header}\n${address},${chain},Test Exchange,exchange,Test Exchange,test,ownership,2025-01-01\n`,
    );
    await model.ok('import', 'labels', file);
    labelled.set(key, model);
  }
  cpSync(model.folder, work.folder, { recursive: true });
}

export async function traceJson(work: Workplace, ...words: string[]): Promise<TraceResult> {
  return JSON.parse(await work.ok('trace', ...words, '--json')) as TraceResult;
}

/** What two traces must have in common whatever store, source and hour they come from. */
export function findings(result: TraceResult): unknown {
  return [result, ...result.furtherThefts].map(({ theft, methods }) => ({
    theft: { ...theft, sources: [] },
    methods: Object.entries(methods).map(([name, { stolen, buckets, places }]) => ({ name, stolen, buckets, places })),
  }));
}

/** Files of a folder, all the way down, that contain a text. */
export function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .filter((name) => readFileSync(join(folder, name)).includes(text));
}
