import type { AuditKey } from '../../access/audit-head.ts';
import type { AuditLog } from '../../access/audit-log.ts';
import { listAudit } from '../../access/list-audit.ts';
import { verifyAudit } from '../../access/verify-audit.ts';
import type { Records } from '../../store/records.ts';
import type { Handlers } from '../route.ts';
import type { auditRoutes } from '../routes/audit.ts';

export interface AuditParts {
  readonly records: Records;
  readonly log: AuditLog;
  readonly key: AuditKey;
}

export function auditHandlers({ records, log, key }: AuditParts): Handlers<typeof auditRoutes> {
  return {
    listAudit: async ({ query }) => {
      const { cursor, from, actor, action, subject, limit } = query;
      const { items, next } = await listAudit(records, {
        before: cursor === undefined ? undefined : Number(cursor),
        from: from === undefined ? undefined : new Date(from).toISOString(),
        actor,
        action,
        subject,
        limit,
      });
      return {
        items: items.map((entry) => ({ ...entry, detail: entry.detail ?? null })),
        next: next === null ? null : String(next),
      };
    },
    signAuditHead: () => key.sign(log.head()),
    verifyAudit: ({ body, signal }) =>
      verifyAudit(records, {
        signal,
        ...(body.head === undefined ? {} : { head: body.head }),
        ...(body.publicKey === undefined ? {} : { publicKey: body.publicKey }),
      }),
  };
}
