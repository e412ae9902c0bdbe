import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '../../src/api/client.ts';
import { Workplace } from '../e2e/_cli.ts';

const MAIN = join(dirname(fileURLToPath(import.meta.url)), '../../src/main.js');

/** A real server of a real store in a folder of its own. */
export class ConsoleServer {
  readonly work = new Workplace();
  #child: ChildProcess | null = null;
  #link = '';
  url = '';
  /** So that a restart is found at the same address. */
  #port = 0;
  database = this.work.db;
  /** Of `serve`: who draws up hold notices. */
  organisation: readonly string[] = ['--organisation=Test desk', '--contact=desk@example.org'];

  /** `npm start` without the serving: the Ronin case where the data are at hand and asked for, else the drill. */
  async makeCase(job: 'ronin' | 'drill'): Promise<void> {
    const env = { ...process.env };
    if (job === 'drill') delete env.HAETAE_DATASETS;
    const child = spawn(process.execPath, [MAIN, 'start', '--once', '--quiet', '--out', this.work.path('out')], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    assert.equal(code, 0, 'haetae start --once');
    this.database = this.work.path('out', `${job}.duckdb`);
  }

  async start(...more: string[]): Promise<void> {
    const words = ['serve', '--db', this.database, '--port', String(this.#port)];
    const child = spawn(process.execPath, [MAIN, ...words, ...this.organisation, ...more], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    let printed = '';
    await new Promise<void>((resolve, reject) => {
      const read = (piece: unknown): void => {
        printed += String(piece);
        if (/sign in once.*token=\S+/.test(printed)) resolve();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}\n${printed}`)));
    });
    this.url = /listening on (\S+)/.exec(printed)![1]!;
    this.#port = Number(new URL(this.url).port);
    this.#link = /sign in once with a browser: (\S+)/.exec(printed)![1]!;
  }

  /** Works once. A new one is made by the command line for each call after the first. */
  signInLink(): string {
    assert.notEqual(this.#link, '', 'the link was used');
    const link = this.#link;
    this.#link = '';
    return link;
  }

  /** An API key by the command line, through the running server. */
  async key(role: 'viewer' | 'analyst' | 'approver' | 'admin'): Promise<string> {
    const printed = await this.work.ok(
      'key',
      'create',
      '--role',
      role,
      '--name',
      `${role} of a test`,
      '--db',
      this.database,
    );
    const key = /hk_\S+/.exec(printed)?.[0];
    assert.ok(key !== undefined, printed);
    return key;
  }

  async client(role: 'viewer' | 'analyst' | 'approver' | 'admin' = 'admin') {
    return createClient({ url: this.url, key: await this.key(role), busyMs: 60_000 });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  async end(): Promise<void> {
    await this.stop();
    this.work.remove();
  }
}
