import { api } from '../server/api.ts';

export type CaseView = Awaited<ReturnType<typeof api.getCaseView>>;
export type TheftView = CaseView['thefts'][number];
export type MethodView = TheftView['methods'][number];
export type CaseFlow = Awaited<ReturnType<typeof api.getCaseFlow>>;
export type CasePlace = Awaited<ReturnType<typeof api.getCasePlace>>;
export type CaseTransfer = Awaited<ReturnType<typeof api.listCaseTransfers>>['items'][number];
export type CaseService = Awaited<ReturnType<typeof api.listCaseServices>>['items'][number];
export type Job = Awaited<ReturnType<typeof api.getJob>>;
export type JobWish = NonNullable<Parameters<typeof api.startJob>[0]>['body'];
export type JobOptions = Awaited<ReturnType<typeof api.getJobOptions>>;

/** What a part of the page of a case is about. */
export interface CaseScene {
  readonly view: CaseView;
  readonly theft: TheftView;
  readonly method: MethodView;
}

/** Traced cases do not change: what was read of one stays. */
const KEPT = { staleTime: 300_000 } as const;

export function viewQuery(id: string) {
  return {
    queryKey: ['case', id, 'view'],
    queryFn: ({ signal }: { signal: AbortSignal }) => api.getCaseView({ params: { id } }, { signal }),
    ...KEPT,
  };
}

export function flowQuery(id: string, theft: string, method: string) {
  return {
    // As the graph asks for it: one answer serves both.
    queryKey: ['case-flow', id, theft, method],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      api.getCaseFlow({ params: { id }, query: { theft, method } }, { signal }),
    ...KEPT,
  };
}

export function placeQuery(id: string, theft: string, chain: string, address: string) {
  return {
    queryKey: ['case', id, 'place', theft, chain, address],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      api.getCasePlace({ params: { id }, query: { theft, chain, address } }, { signal }),
    ...KEPT,
  };
}

export function servicesQuery(id: string, theft: string) {
  return {
    queryKey: ['case', id, 'services', theft],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      api.listCaseServices({ params: { id }, query: { theft } }, { signal }),
  };
}

/** A plain link to a download of the server. */
export function downloadOf(id: string, rest: string): string {
  return `/v1/cases/${encodeURIComponent(id)}/${rest}`;
}
