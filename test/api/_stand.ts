/** A server as it stands in production, on a free port, over records in memory; with a small desk that knows no labels. */
import { Approvals } from '../../src/access/approvals.ts';
import { AuditKey } from '../../src/access/audit-head.ts';
import { AuditLog } from '../../src/access/audit-log.ts';
import { Gate, LOCAL } from '../../src/access/gate.ts';
import { KeyRing } from '../../src/access/key-ring.ts';
import { Pseudonyms } from '../../src/access/pseudonyms.ts';
import { Sessions } from '../../src/access/sessions.ts';
import { approvalHandlers } from '../../src/api/handlers/approvals.ts';
import { auditHandlers } from '../../src/api/handlers/audit.ts';
import { customerHandlers } from '../../src/api/handlers/customers.ts';
import { keyHandlers } from '../../src/api/handlers/keys.ts';
import { operationHandlers } from '../../src/api/handlers/operation.ts';
import { ruleHandlers } from '../../src/api/handlers/rules.ts';
import { type ScreeningDesk, screeningHandlers } from '../../src/api/handlers/screening.ts';
import { sessionHandlers } from '../../src/api/handlers/sessions.ts';
import { type VerdictShelf, verdictHandlers } from '../../src/api/handlers/verdicts.ts';
import { Metrics } from '../../src/api/metrics.ts';
import { type Operation, operationsOf } from '../../src/api/route.ts';
import { approvalRoutes } from '../../src/api/routes/approvals.ts';
import { auditRoutes } from '../../src/api/routes/audit.ts';
import { customerRoutes } from '../../src/api/routes/customers.ts';
import { keyRoutes } from '../../src/api/routes/keys.ts';
import { operationRoutes } from '../../src/api/routes/operation.ts';
import { ruleRoutes } from '../../src/api/routes/rules.ts';
import { screeningRoutes } from '../../src/api/routes/screening.ts';
import { sessionRoutes } from '../../src/api/routes/sessions.ts';
import { verdictRoutes } from '../../src/api/routes/verdicts.ts';
import { type ApiServer, buildServer, type ServerParts } from '../../src/api/server.ts';
import { sessionCookie } from '../../src/api/session-cookie.ts';
import { HaetaeError } from '../../src/base/errors.ts';
import { requireAddress } from '../../src/model/address.ts';
import { requireChain } from '../../src/model/chain.ts';
import { readAddressQuestion, readTransferQuestion } from '../../src/screen/request.ts';
import { RuleBook } from '../../src/screen/rule-book.ts';
import { RuleDesk } from '../../src/screen/rule-desk.ts';
import { openRecords } from '../../src/store/open-records.ts';
import { orderKey, type Records } from '../../src/store/records.ts';

export interface Stand {
  readonly server: ApiServer;
  readonly url: string;
  /** Key of an administrator. */
  readonly key: string;
  readonly viewerKey: string;
  readonly sessions: Sessions;
  readonly records: Records;
  /** What the server said of faults of its own. */
  readonly faults: string[];
  close(): Promise<void>;
}

export interface StandOptions {
  readonly limits?: NonNullable<ServerParts['limits']>;
  readonly more?: readonly Operation[];
}

const TEXT = new TextEncoder();

export async function openStand({ limits = {}, more = [] }: StandOptions = {}): Promise<Stand> {
  const records = await openRecords({ path: ':memory:' });
  const clock = Date.now;
  const log = await AuditLog.open(records, clock);
  const parts = { records, audited: log, clock };
  const keys = await KeyRing.open(parts);
  const sessions = await Sessions.open({ ...parts, keys });
  const faults: string[] = [];
  const metrics = new Metrics();
  const operations = [...(await operationsOver(parts, keys, sessions)), ...more];
  const routes = [...operations.map(({ route }) => route), ...Object.values(operationRoutes)];
  const ready = (): boolean => server.ready;
  const server: ApiServer = buildServer({
    operations: [
      ...operations,
      ...operationsOf(operationRoutes, operationHandlers({ ready, metrics, version: '0.0.0', routes })),
    ],
    gate: new Gate({ keys, sessions, localToken: null }),
    kept: { records, audited: log },
    metrics,
    limits: { delayMs: 60_000, ...limits },
    log: (line) => faults.push(line),
  });
  const { url } = await server.listen({ port: 0, host: '127.0.0.1' });
  const { secret: key } = await keys.create({ role: 'admin', person: 'ada' }, LOCAL);
  const { secret: viewerKey } = await keys.create({ role: 'viewer', person: 'vic' }, LOCAL);
  const close = async (): Promise<void> => {
    await server.drain(1000);
    await records.close();
  };
  return { server, url, key, viewerKey, sessions, records, faults, close };
}

interface Parts {
  readonly records: Records;
  readonly audited: AuditLog;
  readonly clock: () => number;
}

async function operationsOver(parts: Parts, keys: KeyRing, sessions: Sessions): Promise<readonly Operation[]> {
  const { records, audited, clock } = parts;
  const pseudonyms = await Pseudonyms.open({ ...parts, keyPath: null });
  const auditKey = await AuditKey.open(null, audited);
  const approvals = await Approvals.open({ ...parts, twoPersons: true });
  const book = await RuleBook.open(records, audited, undefined, clock());
  const desk = new PlainDesk(parts);
  return [
    ...operationsOf(screeningRoutes, screeningHandlers(desk)),
    ...operationsOf(verdictRoutes, verdictHandlers(desk)),
    ...operationsOf(ruleRoutes, ruleHandlers(new RuleDesk({ book, records, approvals, clock }))),
    ...operationsOf(keyRoutes, keyHandlers(keys)),
    ...operationsOf(auditRoutes, auditHandlers({ records, log: audited, key: auditKey })),
    ...operationsOf(approvalRoutes, approvalHandlers(approvals)),
    ...operationsOf(customerRoutes, customerHandlers(pseudonyms)),
    ...operationsOf(sessionRoutes, sessionHandlers(sessions, sessionCookie)),
  ];
}

/** Allows whatever is asked well, and keeps it. */
class PlainDesk implements ScreeningDesk, VerdictShelf {
  readonly #parts: Parts;
  #sequence = 0;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  screenAddress: ScreeningDesk['screenAddress'] = (question, principal, options) =>
    this.#keep(readAddressQuestion(question, options.atMs / 1000).request, principal.id, options);

  screenTransfer: ScreeningDesk['screenTransfer'] = async (question, principal, options) =>
    this.#keep(readTransferQuestion(question, options.atMs / 1000).request, principal.id, options);

  screenBatch: ScreeningDesk['screenBatch'] = (chain, addresses, principal, options) =>
    this.screenBatches([{ chain, addresses }], principal, options);

  /** Keeps nothing. */
  screenBatches: ScreeningDesk['screenBatches'] = (groups) => {
    const asked = groups.flatMap(({ chain: name, addresses }) => {
      const chain = requireChain(name);
      return addresses.map((address) => ({ chain, address }));
    });
    return {
      lines: linesOf(
        asked.map(({ chain, address }) => lineOf(() => requireAddress(chain, address, 'address'), address)),
      ),
    };
  };

  async bytesOf(id: string): Promise<Uint8Array | null> {
    return this.#parts.records.get('verdict', orderKey(Number(id.split('-')[1])));
  }

  async page(_filter: unknown, before: string | null, limit: number) {
    const until = before === null ? {} : { until: before };
    const rows = await this.#parts.records.list('verdict', { ...until, reverse: true, limit });
    return { items: rows.map(({ value }) => value), next: rows.length < limit ? null : rows.at(-1)!.key };
  }

  async replay(id: string): Promise<never> {
    throw new HaetaeError('E_NOT_FOUND', 'no such verdict', { context: { id } });
  }

  async #keep(request: unknown, actor: string, { dry, keep }: Parameters<ScreeningDesk['screenAddress']>[2]) {
    const sequence = ++this.#sequence;
    const id = `v-${sequence}-0000`;
    const bytes = TEXT.encode(JSON.stringify({ id, decision: 'allow', request }));
    const place = { table: 'verdict' as const, key: orderKey(sequence) };
    if (!dry)
      await this.#parts.audited.commit(
        [{ actor, action: 'verdict.decide', subject: id }],
        [{ ...place, value: bytes }, ...keep(place)],
      );
    return { id: dry ? null : id, decision: 'allow' as const, bytes };
  }
}

function lineOf(read: () => string, address: string): string {
  try {
    return `${JSON.stringify({ address: read(), decision: 'allow' })}\n`;
  } catch (error) {
    if (!(error instanceof HaetaeError)) throw error;
    return `${JSON.stringify({ address, error: { code: error.code, detail: error.message } })}\n`;
  }
}

async function* linesOf(lines: readonly string[]): AsyncGenerator<string> {
  for (const line of lines) yield line;
}
