import { type InfiniteData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { freshOf, pagesOfRows, renewed, withItem } from '../format/alert-pages.ts';
import { api } from '../server/api.ts';
import type { Alert, AlertQuery } from './alert-filters.ts';

type Page = Awaited<ReturnType<typeof api.listAlerts>>;
type Pages = InfiniteData<Page, string | null>;

const PAGE = 200;
/** On the way to the end. */
const LARGE_PAGE = 500;
const RENEWED_EACH_MS = 10_000;

export interface AlertList {
  readonly alerts: readonly Alert[];
  readonly error: unknown;
  readonly isLoading: boolean;
  readonly hasMore: boolean;
  /** Alerts that came since and are not shown yet. */
  readonly fresh: readonly Alert[];
  readonly hasMoreFresh: boolean;
  readonly isGoingToEnd: boolean;
  loadMore(): void;
  goToEnd(): void;
  stop(): void;
  showFresh(): void;
  /** Rows in sight: they are what is kept new. */
  inSight(first: number, last: number): void;
}

/** The queue, page by page; every ten seconds the pages in sight are asked for again, and what is new is held back until it is wanted. */
export function useAlerts(query: AlertQuery, keep: string | null): AlertList {
  const client = useQueryClient();
  const key = useMemo(() => ['alerts', query], [query]);
  const sight = useRef<readonly [number, number]>([0, 0]);
  const [isGoingToEnd, setGoing] = useState(false);
  const list = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      api.listAlerts(
        {
          query: {
            ...query,
            limit: isGoingToEnd ? LARGE_PAGE : PAGE,
            ...(pageParam === null ? {} : { cursor: pageParam }),
          },
        },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    // Comparing 100,000 alerts at each page would take longer than the page.
    structuralSharing: false,
  });
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const alerts = useMemo(() => (data === undefined ? [] : data.pages.flatMap(({ items }) => items)), [data]);
  const known = useMemo(() => new Set(alerts.map(({ id }) => id)), [alerts]);
  const newest = useRenewal({ query, key, sight, keep, isOn: data !== undefined });
  const fresh = useMemo(() => freshOf(newest ?? [], known), [newest, known]);

  useEffect(() => {
    if (!isGoingToEnd) return;
    if (!hasNextPage || list.isError) setGoing(false);
    else if (!isFetchingNextPage) void fetchNextPage();
  }, [isGoingToEnd, hasNextPage, isFetchingNextPage, list.isError, fetchNextPage]);

  const showFresh = useCallback(() => {
    if (query.order === 'score' || fresh.length >= PAGE) void client.resetQueries({ queryKey: key });
    else
      client.setQueryData<Pages>(key, (now) => {
        const [first, ...others] = now?.pages ?? [];
        if (now === undefined || first === undefined) return now;
        const items = [...freshOf(fresh, new Set(first.items.map(({ id }) => id))), ...first.items];
        return { ...now, pages: [{ ...first, items }, ...others] };
      });
  }, [client, key, fresh, query.order]);

  return {
    alerts,
    error: list.error,
    isLoading: list.isLoading,
    hasMore: hasNextPage,
    fresh,
    hasMoreFresh: fresh.length >= PAGE,
    isGoingToEnd,
    loadMore: useCallback(() => {
      if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
    }, [hasNextPage, isFetchingNextPage, fetchNextPage]),
    goToEnd: () => setGoing(true),
    stop: () => setGoing(false),
    showFresh,
    inSight: useCallback((first: number, last: number) => {
      sight.current = [first, last];
    }, []),
  };
}

interface Renewal {
  readonly query: AlertQuery;
  readonly key: readonly unknown[];
  readonly sight: { readonly current: readonly [number, number] };
  readonly keep: string | null;
  readonly isOn: boolean;
}

/** Asks for the newest alerts, and renews the pages in sight. Gives the newest. */
function useRenewal({ query, key, sight, keep, isOn }: Renewal): readonly Alert[] | undefined {
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: ['alerts-newest', query],
    enabled: isOn,
    refetchInterval: RENEWED_EACH_MS,
    staleTime: RENEWED_EACH_MS,
    queryFn: async ({ signal }) => {
      const newest = await api.listAlerts({ query: { ...query, limit: PAGE } }, { signal });
      const kept = client.getQueryData<Pages>(key);
      const places = pagesOfRows(kept?.pages ?? [], ...sight.current).filter((at) => at > 0);
      const answers = new Map<number, Page>([[0, newest]]);
      for (const at of places.slice(0, 2)) {
        const cursor = kept?.pageParams[at];
        const limit = Math.min(LARGE_PAGE, Math.max(1, kept?.pages[at]?.items.length ?? PAGE));
        if (typeof cursor === 'string')
          answers.set(at, await api.listAlerts({ query: { ...query, cursor, limit } }, { signal }));
      }
      client.setQueryData<Pages>(key, (now) => {
        if (now === undefined) return now;
        const pages = now.pages.map((page, at) => {
          const answer = answers.get(at);
          return answer === undefined ? page : (renewed(page, answer, keep) as Page);
        });
        return pages.every((page, at) => page === now.pages[at]) ? now : { ...now, pages };
      });
      return newest.items;
    },
  });
  return data;
}

/** Puts an alert as it is now into every list and its own place. */
export function useAlertChanged(): (alert: Alert) => void {
  const client = useQueryClient();
  return useCallback(
    (alert) => {
      client.setQueryData(['alert', alert.id], alert);
      client.setQueriesData<Pages>({ queryKey: ['alerts'] }, (now) =>
        now === undefined ? now : { ...now, pages: [...withItem<Alert, Page>(now.pages, alert)] },
      );
      void client.invalidateQueries({ queryKey: ['overview'] });
      void client.invalidateQueries({ queryKey: ['approvals'] });
    },
    [client],
  );
}
