import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = join(dirname(fileURLToPath(import.meta.url)), '../../src/main.js');
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..');

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the real program as a user does, in a folder of its own with a store of its own. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'haetae-e2e-'));
  readonly db = join(this.folder, 'store.duckdb');

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  run(...words: string[]): Promise<Ran> {
    const env = { ...process.env, HAETAE_DB: this.db, HOME: this.folder };
    return new Promise((resolve) => {
      execFile(process.execPath, [MAIN, ...words], { cwd: this.folder, env, maxBuffer: 1 << 28 }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
      });
    });
  }

  /** As `run`, for a command that must succeed; returns what it printed. */
  async ok(...words: string[]): Promise<string> {
    const { code, out, err } = await this.run(...words);
    assert.equal(code, 0, `${words.join(' ')}\n${err}`);
    return out;
  }

  /** As `run`, for a command that must fail with a code of the register; returns the message. */
  async refused(errorCode: string, ...words: string[]): Promise<string> {
    const { code, err } = await this.run(...words);
    assert.notEqual(code, 0, `${words.join(' ')} was accepted`);
    assert.match(err, new RegExp(`^${errorCode}: `, 'm'));
    return err;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A data set's path, or the reason to skip where it is absent. */
export function datasetPath(...names: string[]): { readonly path: string; readonly skip: string | false } {
  const folder = process.env.HAETAE_DATASETS;
  if (folder === undefined) return { path: '', skip: 'HAETAE_DATASETS is not set' };
  return { path: join(folder, ...names), skip: false };
}

export const CONSERVING = ['haircut', 'fifo', 'lifo-in', 'lifo-out', 'tiho', 'dirty-first', 'clean-first'];
