import type { Principal } from '../../access/principal.ts';
import { HaetaeError } from '../../base/errors.ts';
import type { Act } from '../../screen/alert.ts';
import type { CaseFile } from '../../screen/case-file.ts';
import type { CaseFileBook } from '../../screen/case-file-book.ts';
import type { CaseSummary, Store, StoredCase } from '../../store/port.ts';
import { MANIFEST, sealBundle } from '../../trace/bundle.ts';
import { type Handlers, Raw } from '../route.ts';
import type { caseRoutes } from '../routes/cases.ts';
import { CaseReports } from './cases-report.ts';

export interface CaseParts {
  readonly cases: CaseFileBook;
  readonly store: Pick<Store, 'cases' | 'loadCase'>;
}

export function caseHandlers({ cases, store }: CaseParts): Handlers<typeof caseRoutes> {
  const reports = new CaseReports();
  const traced = async (id: string): Promise<StoredCase> => {
    const stored = await store.loadCase(id);
    if (stored === null) throw new HaetaeError('E_NOT_FOUND', 'no such traced case', { context: { case: id } });
    return stored;
  };
  return {
    listCases: async ({ query }) => {
      if (query.kind === 'trace') return tracedPage(await store.cases(), query);
      const page = await cases.list(query);
      return { items: page.items.map(deskView), next: page.next };
    },
    createCase: async ({ body, principal, at }) => deskView(await cases.create(body, { principal, at })),
    getCase: async ({ params }) => {
      if (params.id.startsWith('cs-')) return deskView(await cases.get(params.id));
      const summary = (await store.cases()).find(({ id }) => id === params.id);
      if (summary !== undefined) return tracedView(summary);
      throw new HaetaeError('E_NOT_FOUND', 'no such case', { context: { case: params.id } });
    },
    changeCaseAlerts: async (call) => deskView(await cases.changeAlerts(call.params.id, call.body, actOf(call))),
    noteCase: async (call) => deskView(await cases.note(call.params.id, call.body.text, actOf(call))),
    closeCase: async (call) => deskView(await cases.close(call.params.id, call.body.reason, actOf(call))),
    reopenCase: async (call) => deskView(await cases.reopen(call.params.id, call.body.reason, actOf(call))),
    getCaseResults: async ({ params }) => new Raw(fileOf(await traced(params.id), 'results.json')),
    listCaseFiles: async ({ params }) => {
      const stored = await traced(params.id);
      const { digest, manifest } = sealBundle(stored.id, stored.files);
      const files = [...stored.files].map(([name, bytes]) => ({ name, bytes: bytes.byteLength }));
      return { digest, files: [...files, { name: MANIFEST, bytes: Buffer.byteLength(manifest) }] };
    },
    getCaseFile: async ({ params }) => {
      const stored = await traced(params.id);
      const { name } = params;
      if (name === MANIFEST) return new Raw(sealBundle(stored.id, stored.files).manifest, name);
      return new Raw(fileOf(stored, name), name);
    },
    getCaseReport: async ({ params, signal }) => {
      const stored = await traced(params.id);
      return new Raw(await reports.draw(stored.files, signal), `${stored.id}.html`);
    },
  };
}

function fileOf(stored: StoredCase, name: string): Uint8Array {
  const bytes = stored.files.get(name);
  if (bytes !== undefined) return bytes;
  throw new HaetaeError('E_NOT_FOUND', 'the case has no such file', { context: { case: stored.id, file: name } });
}

function deskView(file: CaseFile): CaseFile & { kind: 'desk' } {
  return { kind: 'desk', ...file };
}

function tracedView(summary: CaseSummary): Omit<CaseSummary, 'createdAt'> & { kind: 'trace'; createdAt: string } {
  const { id, title, createdAt, simulated, bytes } = summary;
  return { kind: 'trace', id, title, createdAt: new Date(createdAt * 1000).toISOString(), simulated, bytes };
}

/** Few: they are sorted here. */
function tracedPage(
  all: readonly CaseSummary[],
  query: { readonly cursor?: string | undefined; readonly limit: number },
): { items: ReturnType<typeof tracedView>[]; next: string | null } {
  const sorted = [...all].sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
  const from = query.cursor === undefined ? 0 : sorted.findIndex(({ id }) => id === query.cursor) + 1;
  if (from === 0 && query.cursor !== undefined) {
    throw new HaetaeError('E_NOT_FOUND', 'the cursor names no case', { context: { case: query.cursor } });
  }
  const page = sorted.slice(from, from + query.limit);
  return { items: page.map(tracedView), next: from + query.limit < sorted.length ? page.at(-1)!.id : null };
}

function actOf(call: { principal: Principal; at: number; body: { version?: number | undefined } }): Act {
  return { principal: call.principal, at: call.at, expected: call.body.version };
}
