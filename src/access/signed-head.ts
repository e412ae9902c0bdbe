import { z } from 'zod';

/** A head taken out of the machine and kept elsewhere: what the log says later must still lead to it. */
export const signedHeadSchema = z.strictObject({
  format: z.literal(1),
  /** Number, hash and time of the last entry when it was taken. */
  seq: z.int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime({ precision: 3 }).nullable(),
  /** Ed25519, PEM. */
  publicKey: z.string().max(200),
  /** Base64, over the four fields before `publicKey` as JSON in this order. */
  signature: z.string().max(100),
});
export type SignedHead = z.output<typeof signedHeadSchema>;
