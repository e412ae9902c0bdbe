import { useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { api } from '../server/api.ts';

export type Alert = Awaited<ReturnType<typeof api.getAlert>>;
export type AlertQuery = NonNullable<NonNullable<Parameters<typeof api.listAlerts>[0]>['query']>;

export const STATES = ['open', 'assigned', 'closed'] as const;
export const KINDS = ['verdict', 'change'] as const;
export const DECISIONS = ['block', 'review', 'allow'] as const;
export const ORDERS = ['newest', 'score'] as const;
export const OUTCOMES = ['true-positive', 'false-positive', 'filed', 'duplicate', 'released'] as const;
/** Outcomes that let blocked money go. */
export const RELEASES: readonly string[] = ['false-positive', 'released'];

const WORDS = { state: STATES, kind: KINDS, decision: DECISIONS, order: ORDERS } as const;
const TEXTS = ['assignee', 'category', 'chain', 'address', 'customer', 'from', 'until'] as const;
export type FilterName = keyof typeof WORDS | (typeof TEXTS)[number];

export interface Filters {
  /** Only what is set; what the address bar holds beside, or holds wrongly, is left out. */
  readonly query: AlertQuery;
  readonly search: string;
  set(part: Partial<Record<FilterName, string>>): void;
  clear(): void;
}

/** The filters as the address bar holds them, so that a list can be linked to and survives a reload. */
export function useFilters(): Filters {
  const search = useSearch();
  const [path, go] = useLocation();
  return useMemo(() => {
    const given = new URLSearchParams(search);
    const to = (next: URLSearchParams): void => {
      const text = next.toString();
      go(text === '' ? path : `${path}?${text}`, { replace: true });
    };
    return {
      query: queryOf(given),
      search,
      set: (part) => {
        const next = new URLSearchParams(search);
        for (const [name, value] of Object.entries(part)) {
          if (value === '') next.delete(name);
          else next.set(name, value);
        }
        to(next);
      },
      clear: () => to(new URLSearchParams()),
    };
  }, [search, path, go]);
}

function queryOf(given: URLSearchParams): AlertQuery {
  const query: Record<string, string> = {};
  for (const [name, known] of Object.entries(WORDS)) {
    const value = given.get(name);
    if (value !== null && (known as readonly string[]).includes(value)) query[name] = value;
  }
  for (const name of TEXTS) {
    const value = given.get(name)?.trim() ?? '';
    if (value !== '') query[name] = value;
  }
  return query as AlertQuery;
}
