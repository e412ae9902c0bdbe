import { z } from 'zod';

const time = z.iso.datetime();
export const APPROVAL_STATES = ['pending', 'approved', 'rejected', 'expired'] as const;
/** Something proposed by one person, for another to approve. */
export const approvalSchema = z.strictObject({
  format: z.literal(1),
  id: z.string().regex(/^p-\d{1,15}$/),
  /** noun.verb: alert.release, rules.activate. */
  action: z.string(),
  /** Id of what it is to be done to. */
  subject: z.string(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  state: z.enum(APPROVAL_STATES),
  proposed: time,
  proposedBy: z.string(),
  proposedPerson: z.string(),
  expires: time,
  decided: time.nullable(),
  decidedBy: z.string().nullable(),
  decidedPerson: z.string().nullable(),
  note: z.string(),
});
export type Approval = z.output<typeof approvalSchema>;
