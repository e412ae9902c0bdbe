import type { z } from 'zod';
import { HaetaeError } from '../base/errors.ts';
import { formatTime } from '../base/time.ts';
import { type OpenedChain, openIndexed } from '../exposure/chain-flow.ts';
import type { EntityIndex } from '../exposure/entity.ts';
import { entityFolder } from '../exposure/entity-files.ts';
import { openKeptEntities } from '../exposure/entity-open.ts';
import { type EntityReport, reportEntity } from '../exposure/entity-report.ts';
import { openIndex } from '../flow/open-index.ts';
import { requireAddress } from '../model/address.ts';
import { type ChainId, requireChain } from '../model/chain.ts';
import type { Store } from '../store/port.ts';
import { labelView } from './address-page.ts';
import { EntityThread } from './entity-thread-host.ts';
import type { searchRoutes } from './routes/search.ts';

export interface EntityDeskParts {
  readonly store: Store;
  readonly database: string;
  /** Names what is known of labels. */
  readonly labels: () => string;
}

export type EntityAnswer = z.input<typeof searchRoutes.getEntity.response>;

interface Opened {
  readonly state: string;
  readonly chain: OpenedChain;
  readonly index: EntityIndex;
}

/** Lines of each list. */
const LISTED = 100;
const MOST_WAITING = 8;
/** Chains whose entities stay open. */
const KEPT = 3;

/**
 * Who owns an address, by the entities beside the store; where a store is small enough to go without an index, by its rows, in a thread. Nothing is written,
 * and one question is answered after the other.
 */
export class EntityDesk {
  readonly #parts: EntityDeskParts;
  readonly #opened = new Map<ChainId, Opened>();
  readonly #thread: EntityThread;
  #waiting = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: EntityDeskParts) {
    this.#parts = parts;
    this.#thread = new EntityThread(parts.store);
  }

  /** Throws E_ASSET, E_ADDRESS, E_NOT_FOUND, E_STATE (no entities, or behind the store), E_BUSY. */
  entityOf(chainText: string, text: string): Promise<EntityAnswer> {
    const chain = requireChain(chainText);
    const address = requireAddress(chain, text, 'address');
    if (this.#waiting >= MOST_WAITING) {
      throw new HaetaeError('E_BUSY', 'other entities are being looked up', { remedy: 'ask again soon', retry: true });
    }
    this.#waiting += 1;
    const turn = this.#turn.then(() => this.#report(chain.id, address));
    this.#turn = turn
      .catch(() => {})
      .finally(() => {
        this.#waiting -= 1;
      });
    return turn;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#thread.close();
    for (const chain of [...this.#opened.keys()]) this.#forget(chain);
  }

  async #report(chain: ChainId, address: string): Promise<EntityAnswer> {
    const state = await this.#stateOf(chain);
    const report = this.#isIndexed(chain)
      ? await this.#indexed(chain, address, state)
      : await this.#thread.ask({ chain, address, limit: LISTED, state }).catch((error) => {
          throw unready(chain, error);
        });
    if (report !== null) return answerOf(report);
    throw new HaetaeError('E_NOT_FOUND', 'the data of this chain do not name the address', {
      context: { chain, address },
      remedy: 'check the address, or import what it moved',
    });
  }

  async #indexed(chain: ChainId, address: string, state: string): Promise<EntityReport | null> {
    const { index, chain: opened } = await this.#open(chain, state);
    const id = opened.flow.addresses.find(address);
    const { store } = this.#parts;
    return id < 0 ? null : reportEntity({ store, flow: opened.flow, index, address: id, limit: LISTED });
  }

  #isIndexed(chain: ChainId): boolean {
    const { database } = this.#parts;
    return database !== ':memory:' && openIndex(database).has(chain);
  }

  async #open(chain: ChainId, state: string): Promise<Opened> {
    const known = this.#opened.get(chain);
    if (known?.state === state) return known;
    this.#forget(chain);
    const [oldest] = this.#opened.keys();
    if (this.#opened.size >= KEPT) this.#forget(oldest!);
    const opened = { state, ...(await this.#openNow(chain)) };
    this.#opened.set(chain, opened);
    return opened;
  }

  async #openNow(chain: ChainId): Promise<Omit<Opened, 'state'>> {
    const { store, database } = this.#parts;
    let indexed: Awaited<ReturnType<typeof openIndexed>> | null = null;
    try {
      indexed = await openIndexed(store, database, chain);
      const { flow, parts } = indexed;
      const kept = await openKeptEntities({ store, flow, parts, folder: entityFolder(database, chain) });
      if (kept !== null) return { chain: indexed, index: kept.index };
    } catch (error) {
      indexed?.close();
      throw unready(chain, error);
    }
    indexed.close();
    throw unready(chain, null);
  }

  /** Batches grow by what is fetched, so their number alone does not tell. */
  async #stateOf(chain: ChainId): Promise<string> {
    const { store, database, labels } = this.#parts;
    const parts = this.#isIndexed(chain) ? manifestOf(database, chain) : null;
    const { transfers, utxoTransactions } = await store.totals();
    const blocks = await store.keptBlocks(chain, 1);
    return JSON.stringify([parts, transfers, utxoTransactions, blocks[0]?.hash ?? null, labels()]);
  }

  #forget(chain: ChainId): void {
    const opened = this.#opened.get(chain);
    this.#opened.delete(chain);
    opened?.index.close();
    opened?.chain.close();
  }
}

/** What names the segments; null where it cannot be read, which opening it says. */
function manifestOf(database: string, chain: ChainId): readonly string[] | null {
  try {
    return openIndex(database)
      .manifest(chain)
      .segments.map(({ table }) => table);
  } catch (error) {
    if (error instanceof HaetaeError) return null;
    throw error;
  }
}

const UNREADY: ReadonlySet<string> = new Set(['E_INDEX_STALE', 'E_INDEX_CORRUPT', 'E_INDEX_VERSION', 'E_NOT_FOUND']);

function unready(chain: ChainId, cause: unknown): unknown {
  if (cause !== null && !(cause instanceof HaetaeError && UNREADY.has(cause.code))) return cause;
  const what = cause instanceof HaetaeError ? cause.message : 'there are no entities of this chain';
  return new HaetaeError('E_STATE', `entities cannot be told: ${what}`, {
    context: { chain },
    remedy: 'run haetae index build, then haetae exposure build',
    ...(cause === null ? {} : { cause }),
  });
}

function answerOf(report: EntityReport): EntityAnswer {
  const { chain, address, entity, model, service, members, labels, joins, deposit, refusals } = report;
  const named = new Map(labels.map((each) => [each.address, each.label.label]));
  return {
    chain,
    address,
    entity,
    model,
    service: service?.name ?? null,
    members: {
      count: members.count,
      first: members.first.map((member) => ({ address: member, label: named.get(member) ?? null })),
    },
    labels: labels.map(({ label }) => labelView(label)),
    joins: joins && {
      transactions: joins.transactions,
      mixes: joins.mixes,
      first: joins.first.map((join) => ({ ...join, time: formatTime(join.time) })),
    },
    deposit: deposit && {
      service: deposit.service.name,
      confidence: `${deposit.confidence}`,
      senders: deposit.senders.count,
    },
    refusals: refusals.first.map(({ tx, time, reason, a, b }) => ({
      tx,
      time: formatTime(time),
      reason,
      a: a.address,
      b: b.address,
    })),
  };
}
