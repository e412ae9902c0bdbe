import type { AppParts } from './app-parts.ts';
import { alertHandlers } from './handlers/alerts.ts';
import { approvalHandlers } from './handlers/approvals.ts';
import { auditHandlers } from './handlers/audit.ts';
import { boardHandlers } from './handlers/boards.ts';
import { caseHandlers } from './handlers/cases.ts';
import { customerHandlers } from './handlers/customers.ts';
import { holdHandlers } from './handlers/holds.ts';
import { jobHandlers } from './handlers/jobs.ts';
import { keyHandlers } from './handlers/keys.ts';
import { labelHandlers } from './handlers/labels.ts';
import { type OperationParts, operationHandlers } from './handlers/operation.ts';
import { organisationHandlers } from './handlers/organisation.ts';
import { overviewHandlers } from './handlers/overview.ts';
import { pictureHandlers } from './handlers/pictures.ts';
import { ruleHandlers } from './handlers/rules.ts';
import { screeningHandlers } from './handlers/screening.ts';
import { searchHandlers } from './handlers/search.ts';
import { sessionHandlers } from './handlers/sessions.ts';
import { verdictHandlers } from './handlers/verdicts.ts';
import { webhookHandlers } from './handlers/webhooks.ts';
import type { JobDesk } from './jobs/job-desk.ts';
import type { Metrics } from './metrics.ts';
import { type Operation, operationsOf } from './route.ts';
import { alertRoutes } from './routes/alerts.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { auditRoutes } from './routes/audit.ts';
import { boardRoutes } from './routes/boards.ts';
import { caseRoutes } from './routes/cases.ts';
import { customerRoutes } from './routes/customers.ts';
import { holdRoutes } from './routes/holds.ts';
import { jobRoutes } from './routes/jobs.ts';
import { keyRoutes } from './routes/keys.ts';
import { labelRoutes } from './routes/labels.ts';
import { operationRoutes } from './routes/operation.ts';
import { organisationRoutes } from './routes/organisation.ts';
import { overviewRoutes } from './routes/overview.ts';
import { pictureRoutes } from './routes/pictures.ts';
import { ruleRoutes } from './routes/rules.ts';
import { screeningRoutes } from './routes/screening.ts';
import { searchRoutes } from './routes/search.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { verdictRoutes } from './routes/verdicts.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { sessionCookie } from './session-cookie.ts';

/** Every route with what answers it. */
export function allOperations(parts: AppParts, operation: OperationParts, jobs: JobDesk | null): readonly Operation[] {
  const { store, records, audited, auditKey } = parts;
  return [
    ...operationsOf(screeningRoutes, screeningHandlers(parts.desk)),
    ...operationsOf(verdictRoutes, verdictHandlers(parts.verdicts)),
    ...operationsOf(ruleRoutes, ruleHandlers(parts.ruleDesk)),
    ...operationsOf(labelRoutes, labelHandlers({ store, own: parts.ownLabels })),
    ...operationsOf(approvalRoutes, approvalHandlers(parts.approvals)),
    ...operationsOf(keyRoutes, keyHandlers(parts.keys)),
    ...operationsOf(sessionRoutes, sessionHandlers(parts.sessions, sessionCookie)),
    ...operationsOf(customerRoutes, customerHandlers(parts.pseudonyms)),
    ...operationsOf(auditRoutes, auditHandlers({ records, log: audited, key: auditKey })),
    ...operationsOf(alertRoutes, alertHandlers(parts.alerts)),
    ...operationsOf(caseRoutes, caseHandlers({ cases: parts.caseFiles, store })),
    ...operationsOf(pictureRoutes, pictureHandlers(parts)),
    ...operationsOf(boardRoutes, boardHandlers(parts)),
    ...operationsOf(holdRoutes, holdHandlers(parts.holds)),
    ...operationsOf(organisationRoutes, organisationHandlers(parts.organisation)),
    ...operationsOf(jobRoutes, jobHandlers(jobs)),
    ...operationsOf(searchRoutes, searchHandlers(parts)),
    ...operationsOf(webhookRoutes, webhookHandlers(parts.webhooks)),
    ...operationsOf(overviewRoutes, overviewHandlers({ ...parts, jobs })),
    ...operationsOf(operationRoutes, operationHandlers(operation)),
  ];
}

/** What /metrics shows of the service itself, beside the server's own figures. */
export function registerFigures(metrics: Metrics, parts: AppParts): void {
  const { alerts, webhooks, holds, cumulative, subjects, audited, clock } = parts;
  const gauge = (name: string, help: string, read: () => number): void =>
    metrics.register({ name: `haetae_${name}`, help, kind: 'gauge', read });
  const ages = (state: 'open' | 'assigned') => () => ({ label: 'age', values: alerts.counts(clock())[state] });
  metrics.register({ name: 'haetae_alerts_open', help: 'Open alerts by age.', kind: 'gauge', read: ages('open') });
  metrics.register({
    name: 'haetae_alerts_assigned',
    help: 'Assigned alerts by age.',
    kind: 'gauge',
    read: ages('assigned'),
  });
  metrics.register({
    name: 'haetae_holds',
    help: 'Hold notices by state.',
    kind: 'gauge',
    read: () => ({ label: 'state', values: holds.figures().states }),
  });
  gauge('webhook_deliveries_waiting', 'Deliveries not yet acknowledged.', () => webhooks.counts().waiting);
  gauge('webhook_endpoints_failing', 'Endpoints whose last delivery failed.', () => webhooks.counts().failing);
  gauge(
    'past_subjects',
    'Addresses of past verdicts that are screened again when something changes.',
    () => subjects.size,
  );
  gauge('search_labels_left_out', 'Labels that had no room in the index of search.', () => parts.names.leftOut);
  gauge('cumulative_held', 'Transfers that count toward cumulative limits.', () => cumulative.held);
  gauge('cumulative_dropped', 'Transfers that had to make room: sums may be short.', () => cumulative.dropped);
  metrics.register({
    name: 'haetae_audit_entries_total',
    help: 'Entries of the audit log.',
    kind: 'counter',
    read: () => audited.head().seq,
  });
}
