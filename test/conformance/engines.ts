import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { MemoryStore } from '../../src/store/memory/store.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/port.ts';
import { behindServer } from './behind-server.ts';

/** Every engine that must pass the conformance suite. */
const ENGINES: readonly (readonly [name: string, open: () => Promise<Store>])[] = [
  ['memory', async () => new MemoryStore()],
  ['duckdb', () => openStore({ path: ':memory:' })],
  ['duckdb behind a server', async () => behindServer(await openStore({ path: ':memory:' }))],
];

/** One test an engine, each with an empty store and a folder of its own. */
export function everyStore(title: string, work: (store: Store, folder: string) => Promise<void>): void {
  for (const [name, open] of ENGINES) {
    test(`${name}: ${title}`, () =>
      withFolder(async (folder) => {
        const store = await open();
        try {
          await work(store, folder);
        } finally {
          await store.close();
        }
      }));
  }
}

/** For properties: a fresh store of every engine a case, in memory. */
export async function withEveryFreshStore(work: (store: Store) => Promise<void>): Promise<void> {
  for (const [, open] of ENGINES) {
    const store = await open();
    try {
      await work(store);
    } finally {
      await store.close();
    }
  }
}

export async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'haetae-store-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
