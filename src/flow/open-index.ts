import { existsSync } from 'node:fs';
import { HaetaeError } from '../base/errors.ts';
import type { ChainId } from '../model/chain.ts';
import type { Store } from '../store/port.ts';
import { FileAccountFlow } from './account-flow.ts';
import type { AccountFacts } from './account-format.ts';
import { accountPlan } from './account-plan.ts';
import { type Lag, lagOf } from './bring-up.ts';
import { type ChainManifest, chainFolder, indexedChains, readManifest } from './manifest.ts';
import { FileUtxoFlow } from './utxo-flow.ts';
import { utxoPlan } from './utxo-plan.ts';
import type { UtxoFacts } from './utxo-segment.ts';

/** What a lag is told from. */
export type LagSource = Pick<Store, 'contents' | 'openings' | 'addressTexts'>;

/** The indexes beside a database, as they stood when they were opened. Nothing but manifests is read before it is asked for. */
export class IndexHandle {
  readonly #database: string;
  readonly #manifests = new Map<ChainId, ChainManifest>();
  readonly #accounts = new Map<ChainId, FileAccountFlow>();
  readonly #utxo = new Map<ChainId, FileUtxoFlow>();

  constructor(database: string) {
    this.#database = database;
  }

  /** Chains that are indexed, in order of id. */
  chains(): readonly ChainId[] {
    return indexedChains(this.#database);
  }

  has(chain: ChainId): boolean {
    return existsSync(chainFolder(this.#database, chain)) && this.chains().includes(chain);
  }

  /** Throws E_NOT_FOUND, E_INDEX_CORRUPT, E_INDEX_VERSION. */
  manifest(chain: ChainId): ChainManifest {
    const known = this.#manifests.get(chain);
    if (known !== undefined) return known;
    const manifest = readManifest(chainFolder(this.#database, chain));
    if (manifest === null) throw notIndexed(chain, this.#database);
    this.#manifests.set(chain, manifest);
    return manifest;
  }

  /** The columns of a chain, the same object each time. Throws as {@link manifest}; pages that are damaged throw when they are read. */
  flow(chain: ChainId): FileAccountFlow | FileUtxoFlow {
    return this.manifest(chain).model === 'account' ? this.account(chain) : this.utxo(chain);
  }

  /** Throws E_NOT_FOUND too where the chain is of the other model. */
  account(chain: ChainId): FileAccountFlow {
    const open = this.#accounts.get(chain);
    if (open !== undefined) return open;
    const manifest = this.#of(chain, 'account') as ChainManifest<AccountFacts>;
    const flow = new FileAccountFlow(chain, chainFolder(this.#database, chain), keyOf(manifest), manifest.segments);
    this.#accounts.set(chain, flow);
    return flow;
  }

  utxo(chain: ChainId): FileUtxoFlow {
    const open = this.#utxo.get(chain);
    if (open !== undefined) return open;
    const manifest = this.#of(chain, 'utxo') as ChainManifest<UtxoFacts>;
    const flow = new FileUtxoFlow(chain, chainFolder(this.#database, chain), keyOf(manifest), manifest.segments);
    this.#utxo.set(chain, flow);
    return flow;
  }

  /** Brings all files of a chain into memory, so that what follows waits for no disk. */
  warm(chain: ChainId): void {
    if (this.manifest(chain).model === 'account') this.account(chain).warm();
    else this.utxo(chain).warm();
  }

  /** Compares what was indexed with what the store holds now. */
  async lag(chain: ChainId, store: LagSource): Promise<Lag> {
    const manifest = this.manifest(chain);
    return manifest.model === 'account'
      ? lagOf(manifest as ChainManifest<AccountFacts>, accountPlan(store, chainFolder(this.#database, chain)))
      : lagOf(manifest as ChainManifest<UtxoFacts>, utxoPlan(store));
  }

  /** Throws E_INDEX_STALE unless all that the store holds of a chain is indexed. */
  async requireFresh(chain: ChainId, store: LagSource): Promise<void> {
    const lag = await this.lag(chain, store);
    if (lag.fresh) return;
    throw new HaetaeError('E_INDEX_STALE', 'the index is behind the store', {
      context: { chain, laterRows: lag.laterRows, changedSegments: lag.changedSegments },
      remedy: 'run haetae index build',
    });
  }

  close(): void {
    for (const flow of this.#accounts.values()) flow.close();
    for (const flow of this.#utxo.values()) flow.close();
    this.#accounts.clear();
    this.#utxo.clear();
  }

  #of(chain: ChainId, model: 'account' | 'utxo'): ChainManifest {
    const manifest = this.manifest(chain);
    if (manifest.model === model) return manifest;
    throw new HaetaeError('E_NOT_FOUND', `the chain is no ${model} chain`, {
      context: { chain },
      remedy: `name a chain whose index is of that kind: ${this.chains().join(', ')}`,
    });
  }
}

/** The indexes beside a database; those of a chain may be missing. */
export function openIndex(database: string): IndexHandle {
  return new IndexHandle(database);
}

function keyOf(manifest: ChainManifest): Uint8Array {
  return Buffer.from(manifest.key, 'hex');
}

function notIndexed(chain: ChainId, database: string): HaetaeError {
  return new HaetaeError('E_NOT_FOUND', 'the chain is not indexed', {
    context: { chain, database },
    remedy: 'run haetae index build',
  });
}
