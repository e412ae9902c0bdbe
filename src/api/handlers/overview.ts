import type { z } from 'zod';
import type { Approvals } from '../../access/approvals.ts';
import { formatTime, requireTime, type UnixSeconds } from '../../base/time.ts';
import { type ChainId, requireChain } from '../../model/chain.ts';
import { TracedMoney } from '../../report/traced-money.ts';
import type { AlertBook, AlertCounts } from '../../screen/alert-book.ts';
import type { CaseFileBook } from '../../screen/case-file-book.ts';
import type { ExposureBook } from '../../screen/exposure-book.ts';
import type { LabelBook } from '../../screen/label-book.ts';
import type { RuleBook } from '../../screen/rule-book.ts';
import type { Holds } from '../../share/holds.ts';
import { isLive } from '../../store/fetched.ts';
import type { Batch, Store } from '../../store/port.ts';
import { findPrices } from '../../store/prices.ts';
import type { JobDesk } from '../jobs/job-desk.ts';
import type { Handlers } from '../route.ts';
import type { overviewRoutes, overviewSchema } from '../routes/overview.ts';

export interface OverviewParts {
  readonly store: Store;
  readonly alerts: Pick<AlertBook, 'counts' | 'blocked'>;
  readonly approvals: Pick<Approvals, 'pending'>;
  readonly holds: Pick<Holds, 'figures' | 'organisation'>;
  readonly caseFiles: Pick<CaseFileBook, 'open'>;
  readonly labels: Pick<LabelBook, 'hash'>;
  readonly exposures: Pick<ExposureBook, 'basisOf' | 'storedRowsOf'>;
  readonly ruleBook: Pick<RuleBook, 'active' | 'entry'>;
  readonly audited: { head(): { readonly seq: number } };
  /** null: none can be started. */
  readonly jobs: Pick<JobDesk, 'list'> | null;
}

type Overview = z.output<typeof overviewSchema>;

const MOST_THEFTS = 100;

export function overviewHandlers(parts: OverviewParts): Handlers<typeof overviewRoutes> {
  const money = new TracedMoney(parts.store);
  return {
    getOverview: ({ at }) => overviewOf(parts, money, at),
    listPrices: async ({ body }) => {
      const asked = body.items.map(({ asset, time }) => ({ asset, time: requireTime(time, 'time') }));
      const found = await findPrices(parts.store, asked);
      return {
        items: body.items.map(({ asset, time }, index) => {
          const { usd, day, source } = found[index] ?? { usd: null, day: null, source: null };
          return { asset, time, usd, day, source };
        }),
      };
    },
  };
}

async function overviewOf(parts: OverviewParts, money: TracedMoney, at: number): Promise<Overview> {
  const { store, alerts, approvals, holds, caseFiles, audited } = parts;
  const [cases, batches, labels, prices] = await Promise.all([
    store.cases(),
    store.batches(),
    labelsOf(parts),
    pricesOf(store),
  ]);
  const simulated = cases.filter((summary) => summary.simulated).length;
  const { open, assigned } = alerts.counts(at);
  return {
    at: formatTime(Math.floor(at / 1000)),
    drill: cases.length > 0 && simulated === cases.length,
    cases: { traced: cases.length, simulated, desk: caseFiles.open },
    alerts: { open: agesOf(open), assigned: agesOf(assigned), blocked: alerts.blocked() },
    approvals: approvals.pending().length,
    holds: { ...holds.figures().states },
    holdsFrom: holds.organisation,
    jobs: (parts.jobs?.list() ?? []).filter(({ state }) => state === 'waiting' || state === 'running').length,
    money: await money.newest(cases, MOST_THEFTS),
    chains: await chainsOf(store, batches),
    labels,
    rules: rulesOf(parts.ruleBook),
    exposure: exposureOf(parts.exposures, batches),
    audit: { entries: audited.head().seq },
    prices,
  };
}

function agesOf(counts: AlertCounts['open']): Overview['alerts']['open'] {
  return { hour: counts['1h'], day: counts['1d'], week: counts['7d'], older: counts.older };
}

/** By name of the chain. */
function chainsOf(store: Store, batches: readonly Batch[]): Promise<Overview['chains']> {
  const chains = new Map<ChainId, Batch[]>();
  for (const batch of batches) chains.set(batch.chain, [...(chains.get(batch.chain) ?? []), batch]);
  const rows = [...chains].map(async ([id, own]) => {
    const { name, simulated } = requireChain(id);
    const kept = own.some(isLive) ? (await store.keptBlocks(id, 1))[0] : undefined;
    return {
      chain: id,
      name,
      simulated,
      firstTime: shown(least(own.map((batch) => batch.firstTime))),
      lastTime: shown(most(own.map((batch) => batch.lastTime))),
      fetchedUntil: shown(kept?.time ?? null),
      rows: own.reduce((sum, batch) => sum + batch.rowsKept, 0),
      importedAt: shown(most(own.map((batch) => batch.importedAt))),
    };
  });
  return Promise.all(rows).then((all) => all.sort((a, b) => (a.name < b.name ? -1 : 1)));
}

async function labelsOf({ store, labels }: OverviewParts): Promise<Overview['labels']> {
  const lists = await store.labelLists();
  return {
    lists: lists.length,
    entries: lists.reduce((sum, list) => sum + list.entries, 0),
    newest: shown(most(lists.map((list) => list.listDate))),
    hash: labels.hash,
  };
}

async function pricesOf(store: Store): Promise<Overview['prices']> {
  const lists = await store.priceLists();
  const days = lists.flatMap(({ lastDay }) => lastDay ?? []).sort();
  return { assets: new Set(lists.flatMap(({ assets }) => assets)).size, until: days.at(-1) ?? null };
}

function rulesOf(book: OverviewParts['ruleBook']): Overview['rules'] {
  const { hash, name, active } = book.entry(book.active.hash);
  return { name, hash, activatedAt: active === null ? null : formatTime(Math.floor(active.at / 1000)) };
}

/** The table that is furthest behind in time, the segments that are in none, and one more for each chain whose index lacks newer movements. */
function exposureOf(exposures: OverviewParts['exposures'], batches: readonly Batch[]): Overview['exposure'] {
  const chains = [...new Set(batches.map(({ chain }) => chain))].flatMap((id) => {
    const { chain, exposure } = exposures.basisOf(id);
    if (exposure === null) return [];
    const own = batches.filter((batch) => batch.chain === id);
    const newest = shown(most(own.map((batch) => batch.lastTime)));
    const isNewer = newest !== null && (chain.time === null || chain.time < newest);
    // The newest rows may move nothing: then the index has no step of them.
    const lacks = isNewer && exposures.storedRowsOf(id) !== own.reduce((sum, batch) => sum + batch.rowsKept, 0);
    return [{ until: exposure.until, behind: exposure.behind + (lacks ? 1 : 0) }];
  });
  if (chains.length === 0) return null;
  const until = chains.some((chain) => chain.until === null) ? [] : chains.flatMap((chain) => chain.until ?? []).sort();
  return { until: until[0] ?? null, behind: chains.reduce((sum, chain) => sum + chain.behind, 0) };
}

function least(times: readonly (UnixSeconds | null)[]): UnixSeconds | null {
  return times.reduce((a, b) => (a === null || (b !== null && b < a) ? b : a), null);
}

function most(times: readonly (UnixSeconds | null)[]): UnixSeconds | null {
  return times.reduce((a, b) => (a === null || (b !== null && b > a) ? b : a), null);
}

function shown(time: UnixSeconds | null): string | null {
  return time === null ? null : formatTime(time);
}
