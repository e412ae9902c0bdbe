import { HaetaeError } from '../../base/errors.ts';
import { requireTime } from '../../base/time.ts';
import { requireAddress } from '../../model/address.ts';
import { type ChainId, requireChain } from '../../model/chain.ts';
import type { Decision } from '../../screen/verdict.ts';
import { cursorOf, placeOf } from '../cursor.ts';
import { type Handlers, Raw } from '../route.ts';
import type { verdictRoutes } from '../routes/verdicts.ts';

export interface VerdictFilter {
  readonly decision: Decision | null;
  readonly chain: ChainId | null;
  /** Canonical. */
  readonly address: string | null;
  /** Milliseconds: in. */
  readonly fromMs: number | null;
  /** Milliseconds: out. */
  readonly untilMs: number | null;
}

/** Verdicts that were given, as their bytes. */
export interface VerdictShelf {
  /** null: no such verdict. */
  bytesOf(id: string): Promise<Uint8Array | null>;
  /** Newest first. `before`: place of the last one of the page before; `next`: place to go on from, null at the end. A place is plain ASCII. */
  page(
    filter: VerdictFilter,
    before: string | null,
    limit: number,
  ): Promise<{ readonly items: readonly Uint8Array[]; readonly next: string | null }>;
  /** Throws E_NOT_FOUND, E_VERDICT. */
  replay(
    id: string,
  ): Promise<{ readonly same: boolean; readonly storedSha256: string; readonly replayedSha256: string }>;
}

const PLACE = /^[ -~]{1,200}$/;
const TEXT = new TextEncoder();
const OPEN = TEXT.encode('{"items":[');
const COMMA = TEXT.encode(',');

export function verdictHandlers(shelf: VerdictShelf): Handlers<typeof verdictRoutes> {
  return {
    getVerdict: async ({ params }) => {
      const bytes = await shelf.bytesOf(params.id);
      if (bytes === null) throw unknown(params.id);
      return new Raw(bytes);
    },
    listVerdicts: async ({ query }) => {
      const { items, next } = await shelf.page(filterOf(query), placeOf(query.cursor, PLACE), query.limit);
      const pieces = items.flatMap((bytes, index) => (index === 0 ? [bytes] : [COMMA, bytes]));
      const cursor = JSON.stringify(next === null ? null : cursorOf(next));
      return new Raw(Buffer.concat([OPEN, ...pieces, TEXT.encode(`],"next":${cursor}}`)]));
    },
    replayVerdict: async ({ params }) => ({ id: params.id, ...(await shelf.replay(params.id)) }),
  };
}

interface ListQuery {
  readonly decision?: Decision | undefined;
  readonly chain?: string | undefined;
  readonly address?: string | undefined;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

function filterOf({ decision, chain, address, from, until }: ListQuery): VerdictFilter {
  const known = chain === undefined ? null : requireChain(chain);
  if (address !== undefined && known === null) {
    throw new HaetaeError('E_FIELD', 'address is given without its chain', {
      context: { field: 'chain' },
      remedy: 'give chain too',
    });
  }
  return {
    decision: decision ?? null,
    chain: known?.id ?? null,
    address: address === undefined || known === null ? null : requireAddress(known, address, 'address'),
    fromMs: from === undefined ? null : requireTime(from, 'from') * 1000,
    untilMs: until === undefined ? null : requireTime(until, 'until') * 1000,
  };
}

function unknown(id: string): HaetaeError {
  return new HaetaeError('E_NOT_FOUND', 'no such verdict', {
    context: { id },
    remedy: 'see /v1/verdicts; what was looked up dry, and plain allows of a batch, have no record',
  });
}
