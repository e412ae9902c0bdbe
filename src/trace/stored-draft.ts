import { HaetaeError } from '../base/errors.ts';
import { requireTime } from '../base/time.ts';
import { type Asset, type AssetId, nativeAsset } from '../model/asset.ts';
import type { Chain } from '../model/chain.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import type { Store } from '../store/port.ts';
import type { TheftInput } from './gather.ts';
import type { IndexedChains } from './index-gather.ts';
import { draftAccountTheft, draftUtxoTheft, type Gain, type StolenOutput } from './live/draft.ts';
import {
  eachGainOnce,
  eachOutputOnce,
  type FoundTarget,
  factsOf,
  gainsIn,
  gainsOfRows,
  inputOf,
  type Target,
  type TargetOptions,
  targetText,
  withoutRespent,
  withoutReturns,
  withoutStops,
} from './live/drafting.ts';
import type { FetchHooks } from './live/fetch.ts';
import { sinceRule, stolenOutputs } from './live/target.ts';

export interface StoredDraft {
  readonly store: Store;
  readonly chain: Chain;
  readonly targets: readonly Target[];
  readonly options: TargetOptions;
  readonly hooks: Pick<FetchHooks, 'progress' | 'notice'>;
  readonly indexed?: IndexedChains;
}

/**
 * A theft file drawn up from what the store holds of the targets. Each seed is a mark, as in a draft from the living chain. Throws E_NOT_FOUND for a target
 * that is not stored, E_SEED where nobody gained, E_TRACE_TOO_LARGE.
 */
export async function draftStored(draft: StoredDraft): Promise<TheftInput> {
  const text = await (draft.chain.model === 'utxo' ? draftUtxo(draft) : draftAccount(draft));
  return inputOf(text, draft.targets);
}

async function draftAccount(draft: StoredDraft): Promise<string> {
  const { store, chain, targets, options, hooks } = draft;
  const found: FoundTarget[] = [];
  const all: Gain[] = [];
  for (const target of targets) {
    const own =
      target.kind === 'transaction' ? await gainsOfTransaction(draft, target.tx) : await gainsOfAddress(draft, target);
    found.push({ target, block: own.find(({ block }) => block > 0n)?.block ?? null });
    all.push(...own);
  }
  const gains = eachGainOnce(all);
  const facts = { ...factsOf(chain.id, found, options.title), assets: await assetsOf(store, chain) };
  const text = draftAccountTheft(facts, gains.map(asSeed));
  if (targets.length === 1 && targets[0]!.kind === 'transaction') return text;
  const input = inputOf(text, targets);
  const kept = await withoutReturns({ ...returnsOf(draft, input), named: withNames }, gains);
  const unnamed = kept.filter(({ tx }) => isMadeUp(tx)).length;
  if (unnamed > 0)
    hooks.notice(`${unnamed} arrivals are of no transaction that the data name: each is marked one second after it`);
  return draftAccountTheft(facts, kept.map(asSeed));
}

function returnsOf({ store, chain, targets, options, hooks, indexed }: StoredDraft, input: TheftInput) {
  const more = indexed === undefined ? {} : { indexed };
  return { store, chain: chain.id, targets, input, trace: options.trace, hooks, ...more };
}

async function gainsOfTransaction({ store, chain, options }: StoredDraft, tx: string): Promise<Gain[]> {
  const rows = await store.transfersOfTx(chain.id, tx);
  if (rows.length === 0) throw notStored(chain, { kind: 'transaction', tx });
  return gainsOfRows(store, chain.id, rows, options);
}

async function gainsOfAddress(
  { store, chain, options, hooks }: StoredDraft,
  target: Target & { readonly kind: 'address' },
): Promise<Gain[]> {
  const { maxTransfers } = options.trace;
  const rows = await store.transfersOf(chain.id, target.address, maxTransfers + 1);
  if (rows.length === 0) throw notStored(chain, target);
  if (rows.length > maxTransfers) {
    throw new HaetaeError('E_TRACE_TOO_LARGE', `the address has more than ${maxTransfers} movements`, {
      context: { chain: chain.id, address: target.address },
      remedy: 'name the transactions of the theft, or raise --max-transfers',
    });
  }
  return gainsIn(withNames(sinceThen(rows, target, options.since, hooks)), target.address);
}

function sinceThen(
  rows: readonly Transfer[],
  target: Target,
  since: string | null,
  { notice }: StoredDraft['hooks'],
): readonly Transfer[] {
  if (since === null) {
    notice(`everything that ${targetText(target)} received counts as loot: --since says from when on`);
    return rows;
  }
  if (!/^\d{1,12}$/.test(since)) {
    const time = requireTime(since, '--since');
    return rows.filter((row) => row.time >= time);
  }
  if (rows.some((row) => row.block === null)) {
    throw new HaetaeError('E_USAGE', 'the data name no blocks of the address', {
      context: { target: targetText(target) },
      remedy: 'give a time after --since',
    });
  }
  return rows.filter((row) => row.block! >= BigInt(since));
}

/** No hash begins so: names of rows that have no transaction, each by its place in the order of its chain. */
const MADE_UP = '~';

function withNames(rows: readonly Transfer[]): readonly Transfer[] {
  return rows.map((row) =>
    row.tx === null ? { ...row, tx: `${MADE_UP}${row.time}|${row.block}|${row.txIndex}|${row.leg}` } : row,
  );
}

function isMadeUp(tx: string | null): boolean {
  return tx?.startsWith(MADE_UP) === true;
}

/** A mark of a time alone precedes the movements of its second: it comes in one second later, when the money is there. */
function asSeed(gain: Gain): Gain {
  return isMadeUp(gain.tx) ? { ...gain, tx: null, time: gain.time + 1 } : gain;
}

async function assetsOf(store: Store, chain: Chain): Promise<ReadonlyMap<AssetId, Asset>> {
  const native = nativeAsset(chain.id);
  return new Map([...(await store.assets()), native].map((asset) => [asset.id, asset]));
}

async function draftUtxo(draft: StoredDraft): Promise<string> {
  const { store, chain, targets, options } = draft;
  const found: FoundTarget[] = [];
  const all: StolenOutput[] = [];
  for (const target of targets) {
    const transactions = await utxoTransactionsOf(draft, target);
    found.push({ target, block: transactions[0]?.block ?? null });
    for (const transaction of transactions) all.push(...stolenOutputs(transaction, target, options.thieves));
  }
  const outputs = await withoutStops(store, eachOutputOnce(all), options);
  const facts = { ...factsOf(chain.id, found, options.title), assets: new Map() };
  const text = draftUtxoTheft(facts, outputs);
  if (targets.length === 1 && targets[0]!.kind === 'transaction') return text;
  return draftUtxoTheft(facts, await withoutRespent(returnsOf(draft, inputOf(text, targets)), outputs));
}

async function utxoTransactionsOf(
  { store, chain, options, hooks }: StoredDraft,
  target: Target,
): Promise<readonly UtxoTransaction[]> {
  if (target.kind === 'transaction') {
    const stored = await store.utxoTransactionsById(chain.id, [target.tx]);
    if (stored.length === 0) throw notStored(chain, target);
    return stored;
  }
  const received = await store.utxoOutputsOf(chain.id, target.address, null);
  if (received.length === 0) throw notStored(chain, target);
  const stored = await store.utxoTransactionsById(chain.id, [...new Set(received.map(({ tx }) => tx))]);
  if (options.since !== null) return stored.filter(sinceRule(options.since));
  hooks.notice(`everything that ${targetText(target)} received counts as loot: --since says from when on`);
  return stored;
}

function notStored(chain: Chain, target: Target): HaetaeError {
  return new HaetaeError('E_NOT_FOUND', `the store holds no such ${target.kind}`, {
    context: {
      chain: chain.id,
      [target.kind]: target.kind === 'transaction' ? target.tx : target.address,
    },
    remedy:
      'import its transfers first (haetae import transfers FILE), name another --chain, or add --source URL, a node or index to fetch it from',
  });
}
