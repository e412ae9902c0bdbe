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

/** Every route there is: what the client, the document and the fuzz go by. */
export const ALL_ROUTES = {
  ...screeningRoutes,
  ...verdictRoutes,
  ...ruleRoutes,
  ...labelRoutes,
  ...approvalRoutes,
  ...keyRoutes,
  ...sessionRoutes,
  ...customerRoutes,
  ...auditRoutes,
  ...alertRoutes,
  ...caseRoutes,
  ...pictureRoutes,
  ...boardRoutes,
  ...holdRoutes,
  ...organisationRoutes,
  ...jobRoutes,
  ...searchRoutes,
  ...webhookRoutes,
  ...overviewRoutes,
  ...operationRoutes,
};
