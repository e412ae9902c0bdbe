import { HaetaeError } from '../../base/errors.ts';

/** The error for what does not fit: block and field, and the transaction where there is one. */
export function lie(block: { readonly number: bigint }, field: string, message: string, tx?: string): HaetaeError {
  const context = { block: block.number.toString(), field };
  return new HaetaeError('E_SOURCE_LIES', message, {
    context: tx === undefined ? context : { ...context, tx },
    remedy: 'ask another endpoint; nothing of this block was taken',
  });
}
