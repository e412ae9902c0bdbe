import { z } from 'zod';
import { HaetaeError } from '../base/errors.ts';

/** Query fields of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('Items on a page.'),
  cursor: z
    .string()
    .max(300)
    .regex(/^[A-Za-z0-9_-]+$/)
    .optional()
    .describe('`next` of the page before.'),
};

/** A page, for a response: pass `next` back as `cursor`; null on the last page. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), next: z.string().nullable() });
}

/** Where a list goes on, as text that callers hand back and do not look into: base64url. `place`: plain ASCII, such as a record's key. */
export function cursorOf(place: string): string {
  return btoa(place).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The place of a cursor; null without one. `form`: what a place of this list looks like. Throws E_FIELD. */
export function placeOf(cursor: string | undefined, form: RegExp): string | null {
  if (cursor === undefined) return null;
  const place = decode(cursor);
  if (place !== null && form.test(place)) return place;
  throw new HaetaeError('E_FIELD', 'cursor is not one that this list gave', {
    context: { field: 'cursor' },
    remedy: 'pass back `next` of the page before, with the same filters',
  });
}

function decode(cursor: string): string | null {
  try {
    return atob(cursor.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return null;
  }
}
