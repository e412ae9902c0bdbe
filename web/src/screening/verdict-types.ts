import type { z } from 'zod';
import type { verdictSchema } from '../../../src/api/verdict-schema.ts';

export type Verdict = z.output<typeof verdictSchema>;
export type VerdictReason = Verdict['reasons'][number];
