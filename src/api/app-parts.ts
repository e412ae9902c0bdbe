import { AccessDesk } from '../access/access-desk.ts';
import { Approvals } from '../access/approvals.ts';
import { AuditKey } from '../access/audit-head.ts';
import { AuditLog } from '../access/audit-log.ts';
import { LOCAL } from '../access/gate.ts';
import { KeyRing } from '../access/key-ring.ts';
import { Pseudonyms } from '../access/pseudonyms.ts';
import { Sessions } from '../access/sessions.ts';
import { describeError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import { AlertBook } from '../screen/alert-book.ts';
import { BoardBook } from '../screen/board-book.ts';
import { CaseFileBook } from '../screen/case-file-book.ts';
import { CumulativeBook } from '../screen/cumulative-book.ts';
import { Desk } from '../screen/desk.ts';
import { BatchDesk } from '../screen/desk-batch.ts';
import { ExposureBook } from '../screen/exposure-book.ts';
import { Knowledge } from '../screen/knowledge.ts';
import { LabelBook } from '../screen/label-book.ts';
import { LabelNames } from '../screen/label-names.ts';
import { OwnLabels } from '../screen/label-own.ts';
import { Rescreener } from '../screen/rescreen.ts';
import { RuleBook } from '../screen/rule-book.ts';
import { RuleDesk, rulesOf } from '../screen/rule-desk.ts';
import { SubjectBook } from '../screen/subject-book.ts';
import { TraceBook } from '../screen/trace-book.ts';
import { VerdictBook } from '../screen/verdict-book.ts';
import { Holds } from '../share/holds.ts';
import { OwnOrganisation } from '../share/organisation.ts';
import { Webhooks } from '../share/webhooks.ts';
import { openStore } from '../store/open.ts';
import { openRecords, recordsFolder } from '../store/open-records.ts';
import type { Store } from '../store/port.ts';
import type { Records } from '../store/records.ts';
import { EntityDesk } from './entity-desk.ts';
import { CasePictures } from './handlers/case-pictures.ts';
import type { ScreeningDesk } from './handlers/screening.ts';
import { Learning } from './learning.ts';
import { operatorOf } from './operator.ts';
import { SearchBook } from './search-book.ts';

export interface PartsOptions {
  /** A file, or ':memory:'. */
  readonly database: string;
  readonly progress: Progress;
  readonly twoPersons: boolean;
  readonly allowPrivateWebhooks?: boolean;
  /** Who draws up hold notices, and whom to answer, above what is set while it runs; null: what is set. */
  readonly organisation?: { readonly name: string; readonly contact: string } | null;
  /** Milliseconds. */
  readonly clock?: () => number;
  readonly software: string;
  readonly log?: (line: string) => void;
}

/** Beside the store: keys that the records do not hold. */
function keyFile(database: string, name: string): string | null {
  return database === ':memory:' ? null : `${recordsFolder(database)}/${name}`;
}

async function openAccess(records: Records, options: PartsOptions, clock: () => number) {
  const audited = await AuditLog.open(records, clock);
  const parts = { records, audited, clock };
  const auditKey = await AuditKey.open(keyFile(options.database, 'audit-key.pem'), audited);
  const keys = await KeyRing.open(parts);
  return {
    audited,
    auditKey,
    keys,
    sessions: await Sessions.open({ ...parts, keys }),
    approvals: await Approvals.open({ ...parts, twoPersons: options.twoPersons }),
    pseudonyms: await Pseudonyms.open({ ...parts, keyPath: keyFile(options.database, 'customer.key') }),
    organisation: await OwnOrganisation.open({ ...parts, commandLine: options.organisation ?? null }),
  };
}

async function openBooks(store: Store, records: Records, audited: AuditLog, options: PartsOptions) {
  const { database, progress } = options;
  const folder = database === ':memory:' ? null : `${database}.screen`;
  const labels = await LabelBook.open({ store, folder, progress });
  const exposures = await ExposureBook.open({ store, database, progress });
  const traces = await TraceBook.open(store);
  const rules = await RuleBook.open(records, audited);
  const subjects = await SubjectBook.open(records, progress);
  return {
    labels,
    exposures,
    traces,
    rules,
    subjects,
    knowledge: new Knowledge({ labels, exposures, traces, software: options.software }),
    verdicts: await VerdictBook.open(records, rules, subjects),
    cumulative: await CumulativeBook.open(records),
  };
}

export type AppParts = Awaited<ReturnType<typeof openParts>>;

/** Everything of the service but its ears: for the server, and for a command where none runs. Throws E_STORE_LOCKED, E_RECORDS, E_AUDIT and what its parts throw. */
export async function openParts(options: PartsOptions) {
  const clock = options.clock ?? Date.now;
  const store = await openStore({ path: options.database });
  try {
    const records = await openRecords({ path: recordsFolder(options.database) });
    return await assemble(store, records, options, clock);
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openSearch(
  { store, alerts, ...parts }: { store: Store; alerts: AlertBook; records: Records; audited: AuditLog },
  { labels, traces, verdicts }: Awaited<ReturnType<typeof openBooks>>,
  database: string,
) {
  const caseFiles = await CaseFileBook.open({ ...parts, alerts });
  const names = new LabelNames({ store, state: () => labels.hash });
  const verdictOf = (id: string) => verdicts.verdictOf(id);
  return {
    caseFiles,
    names,
    search: new SearchBook({ store, records: parts.records, names, labels, traces, caseFiles, verdictOf }),
    entities: new EntityDesk({ store, database, labels: () => labels.hash }),
  };
}

function screensOf(desk: Desk, batches: BatchDesk): ScreeningDesk {
  return {
    screenAddress: (question, by, how) => desk.screenAddress(question, by, how),
    screenTransfer: (question, by, how) => desk.screenTransfer(question, by, how),
    screenBatch: (chain, addresses, by, how) => batches.screenBatch(chain, addresses, by, how),
    screenBatches: (groups, by, how) => batches.screenBatches(groups, by, how),
  };
}

async function assemble(store: Store, records: Records, options: PartsOptions, clock: () => number) {
  const access = await openAccess(records, options, clock);
  const { audited, approvals, pseudonyms, keys, sessions, auditKey, organisation } = access;
  const common = { records, audited, clock };
  const webhooks = await Webhooks.open({ ...common, allowPrivate: options.allowPrivateWebhooks ?? false });
  const announce = webhooks.outbox.bind(webhooks);
  const alerts = await AlertBook.open({ ...common, approvals, announce });
  const books = await openBooks(store, records, audited, options);
  const { knowledge, rules, subjects, verdicts, cumulative } = books;
  const desk = new Desk({
    store,
    audited,
    knowledge,
    rules,
    cumulative,
    pseudonyms,
    alerts,
    subjects,
    verdicts,
    announce,
  });
  const batches = new BatchDesk({ audited, desk, knowledge, rules, subjects, verdicts });
  const screens = screensOf(desk, batches);
  const rescreener = new Rescreener({
    records,
    audited,
    subjects,
    again: async (ref, cause) => {
      const verdict = await verdicts.verdictAt(ref);
      return verdict === null ? 'gone' : desk.screenAgain(verdict, cause, clock());
    },
  });
  const learning = new Learning({ ...common, ...books, rescreener });
  const ownLabels = await OwnLabels.open({
    store,
    ...common,
    // The label is kept: what of the re-screening fails is made good later, and is no fault of who added it.
    changed: async (_addresses, cause) => {
      await learning.labels(cause).catch((error: unknown) => options.log?.(`after a label: ${describeError(error)}`));
    },
  });
  const pictures = new CasePictures(store);
  const ruleDesk = new RuleDesk({ book: rules, records, approvals, clock });
  const asked = { verdictOf: (id: string) => verdicts.verdictOf(id), caseOf: (id: string) => store.loadCase(id) };
  const search = await openSearch({ store, records, audited, alerts }, books, options.database);
  const holds = await Holds.open({ ...common, ...asked, approvals, alerts, organisation, announce });
  return {
    ...access,
    ...books,
    store,
    records,
    clock,
    webhooks,
    alerts,
    desk: screens,
    learning,
    ownLabels,
    ruleDesk,
    holds,
    boards: new BoardBook({ records, audited }),
    pictures,
    ...search,
    screening: operatorOf({ desk: screens, shelf: verdicts, by: LOCAL, clock }),
    access: new AccessDesk({ records, log: audited, auditKey, keys, sessions }),
    rules: rulesOf(ruleDesk, LOCAL),
    ruleBook: rules,
    close: async () => {
      await search.entities.close();
      await learning.close();
      await webhooks.stop();
      await pictures.stop(true);
      await audited.settled();
      await books.labels.close();
      await books.exposures.close();
      await records.close();
      await store.close();
    },
  };
}
