import { z } from 'zod';

/** A session, for a list of who is signed in. */
export const sessionViewSchema = z.strictObject({
  id: z.string(),
  person: z.string(),
  since: z.iso.datetime(),
  /** Ends then at the latest. */
  until: z.iso.datetime(),
  /** Id of the key it was made from: it ends with it. */
  key: z.string().nullable(),
});
export type SessionView = z.output<typeof sessionViewSchema>;
