import type { HaetaeError } from '../../base/errors.ts';
import { badAnswer, type Named, sourceFault } from '../net/fault.ts';

/** What the endpoint says does not fit a hash, a root, a signature or another answer. `field` as the API names it. */
export function lie(endpoint: Named, what: string, block: bigint, field: string, tx?: string): HaetaeError {
  return sourceFault(
    'E_SOURCE_LIES',
    endpoint,
    what,
    'use another endpoint of the same chain; nothing of this block was kept',
    { block: Number(block), field, ...(tx === undefined ? {} : { tx }) },
  );
}

export function malformed(endpoint: Named, what: string, block: bigint, field: string, tx?: string): HaetaeError {
  return badAnswer(endpoint, what, { block: Number(block), field, ...(tx === undefined ? {} : { tx }) });
}
