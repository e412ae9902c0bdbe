import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCAL } from '../access/gate.ts';
import { HaetaeError } from '../base/errors.ts';
import { SILENT } from '../base/progress.ts';
import type { AddressQuestion, TransferQuestion } from '../screen/request.ts';
import type { Verdict } from '../screen/verdict.ts';
import { type AppParts, openParts } from './app-parts.ts';

export const ETHEREUM = 'eip155:1';
export const ETH = 'eip155:1/slip44:60';
export const BITCOIN = 'bip122:000000000019d6689c085ae165831e93';

/** The whole service but its ears, over a store and records on disk that a test may close and open again. */
export class Bench {
  readonly folder: string;
  readonly database: string;
  /** Milliseconds; goes on by one with each screening. */
  now = Date.parse('2026-11-01T00:00:00Z');
  #parts: AppParts | null = null;

  private constructor(folder: string) {
    this.folder = folder;
    this.database = join(folder, 'store.duckdb');
  }

  static async open(): Promise<Bench> {
    const bench = new Bench(await mkdtemp(join(tmpdir(), 'haetae-parts-')));
    await bench.start();
    return bench;
  }

  get parts(): AppParts {
    if (this.#parts === null) throw new Error('the parts are closed');
    return this.#parts;
  }

  async start(): Promise<void> {
    const { database } = this;
    this.#parts = await openParts({
      database,
      progress: SILENT,
      twoPersons: false,
      software: 'test',
      clock: () => this.now,
    });
  }

  async stop(): Promise<void> {
    await this.#parts?.close();
    this.#parts = null;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async end(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  address(question: AddressQuestion): Promise<Verdict> {
    return this.#read(() => this.parts.desk.screenAddress(question, LOCAL, this.#how()));
  }

  transfer(question: TransferQuestion): Promise<Verdict> {
    return this.#read(() => this.parts.desk.screenTransfer(question, LOCAL, this.#how()));
  }

  async batch(chain: string, addresses: readonly string[]): Promise<Line[]> {
    const signal = new AbortController().signal;
    const { lines } = this.parts.desk.screenBatch(chain, addresses, LOCAL, { dry: false, atMs: this.#tick(), signal });
    let text = '';
    for await (const piece of lines) text += piece;
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  }

  /** Newest first. */
  async verdicts(address: string): Promise<Verdict[]> {
    const filter = { decision: null, chain: null, address, fromMs: null, untilMs: null };
    const { items } = await this.parts.verdicts.page(filter, null, 100);
    return items.map((bytes) => JSON.parse(Buffer.from(bytes).toString()) as Verdict);
  }

  async alerts() {
    return (await this.parts.alerts.list({ order: 'newest', limit: 200 })).items;
  }

  /** The next write of the records is refused, as by a full disk. */
  failNextWrite(): void {
    const { records } = this.parts;
    const write = records.write.bind(records);
    records.write = async () => {
      records.write = write;
      throw new HaetaeError('E_STORE_WRITE', 'the disk is full');
    };
  }

  #tick(): number {
    this.now += 1;
    return this.now;
  }

  #how() {
    return { dry: false, atMs: this.#tick(), keep: () => [] };
  }

  async #read(screen: () => Promise<{ bytes: Uint8Array }> | { bytes: Uint8Array }): Promise<Verdict> {
    const { bytes } = await screen();
    return JSON.parse(Buffer.from(bytes).toString()) as Verdict;
  }
}

export interface Line {
  readonly address: string;
  readonly decision: string;
  readonly id: string;
  readonly error?: { readonly code: string };
}

/** An account address by number. */
export function person(number: number): string {
  return `0xa${number.toString(16).padStart(39, '0')}`;
}
