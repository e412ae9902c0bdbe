import type { Principal } from '../../access/principal.ts';
import { HaetaeError } from '../../base/errors.ts';
import { requireChain } from '../../model/chain.ts';
import type { BatchGroup, BatchIds } from '../../screen/desk-batch.ts';
import type { AddressQuestion, TransferQuestion } from '../../screen/request.ts';
import type { Decision } from '../../screen/verdict.ts';
import type { RecordChange } from '../../store/records.ts';
import { parseJsonBody, refuse } from '../json-body.ts';
import { type Handlers, type KeepAnswer, Raw } from '../route.ts';
import { MAX_BATCH, type screeningRoutes } from '../routes/screening.ts';

export interface ScreeningOptions {
  /** Looks up and answers; keeps nothing. */
  readonly dry: boolean;
  readonly atMs: number;
  /** Changes for the verdict's commit, once its record is known. */
  readonly keep: KeepAnswer;
}

export interface ScreeningAnswer {
  /** null where nothing was kept. */
  readonly id: string | null;
  readonly decision: Decision;
  /** The verdict as kept, and as answered. */
  readonly bytes: Uint8Array;
}

export interface BatchOptions {
  readonly dry: boolean;
  readonly atMs: number;
  readonly signal: AbortSignal;
  /** Changes for the commit of the batches, once their ids are known. Left out: none. */
  readonly keep?: (ids: BatchIds) => readonly RecordChange[];
  /** Of a request that came before: its lines are told from what was kept then, and nothing is screened. */
  readonly kept?: BatchIds | null;
}

/** What screens: the desk. A dry look-up may answer at once, without a promise. */
export interface ScreeningDesk {
  screenAddress(
    question: AddressQuestion,
    principal: Principal,
    options: ScreeningOptions,
  ): Promise<ScreeningAnswer> | ScreeningAnswer;
  screenTransfer(question: TransferQuestion, principal: Principal, options: ScreeningOptions): Promise<ScreeningAnswer>;
  /** One line an address, in order, each piece one or more whole lines that end with a line feed; a bad address is a line `{"address","error"}`. Throws E_ASSET at once. */
  screenBatch(
    chain: string,
    addresses: readonly string[],
    principal: Principal,
    options: BatchOptions,
  ): { readonly lines: AsyncIterable<string | Uint8Array> };
  /** Several batches, each of another chain, kept in one commit; the lines of one after those of the other. Throws E_ASSET at once. */
  screenBatches(
    groups: readonly BatchGroup[],
    principal: Principal,
    options: BatchOptions,
  ): { readonly lines: AsyncIterable<string | Uint8Array> };
}

const LINE_LIMITS = { depth: 4, keys: 20 };

export function screeningHandlers(desk: ScreeningDesk): Handlers<typeof screeningRoutes> {
  return {
    screenAddress: ({ body, query, principal, at, keep }) => {
      const answer = desk.screenAddress(body, principal, { dry: query.dry === '1', atMs: at, keep });
      return answer instanceof Promise ? answer.then(rawOf) : rawOf(answer);
    },
    screenTransfer: async ({ body, query, principal, at, keep }) =>
      rawOf(await desk.screenTransfer(body, principal, { dry: query.dry === '1', atMs: at, keep })),
    screenBatch: ({ body, lines, query, principal, at, signal, keep, origin }) => {
      const options: BatchOptions = {
        ...{ dry: query.dry === '1', atMs: at, signal, kept: origin as BatchIds | null },
        keep: (ids) => keep({ origin: ids }),
      };
      if (lines === null) return new Raw(desk.screenBatches([body], principal, options).lines);
      const asked = readLines(lines, query.chain);
      const chain = chainOfAll(asked);
      if (chain !== null) {
        const addresses = asked.map(({ address }) => address);
        return new Raw(desk.screenBatches([{ chain, addresses }], principal, options).lines);
      }
      return new Raw(mixed(desk, asked, principal, options));
    },
  };
}

function rawOf({ bytes }: ScreeningAnswer): Raw {
  return new Raw(bytes);
}

interface AskedLine {
  readonly address: string;
  readonly chain: string;
  readonly fault: { readonly code: string; readonly detail: string } | null;
}

/** Throws E_BODY where there are too many. */
function readLines(bytes: Uint8Array, chain: string | undefined): readonly AskedLine[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const asked: AskedLine[] = [];
  for (let start = 0; start < buffer.length; ) {
    const found = buffer.indexOf(10, start);
    const end = found < 0 ? buffer.length : found;
    const line = buffer.subarray(start, end);
    start = end + 1;
    if (line.length === 0 || (line.length === 1 && line[0] === 13)) continue;
    if (asked.length === MAX_BATCH)
      throw refuse(`more than ${MAX_BATCH} lines`, 'send them in several batches', 'size');
    asked.push(readLine(line, chain));
  }
  return asked;
}

function readLine(line: Buffer, chain: string | undefined): AskedLine {
  try {
    const value = parseJsonBody(line, LINE_LIMITS);
    const { address, chain: own = chain } = (
      typeof value === 'string' ? { address: value } : (value ?? {})
    ) as Partial<AskedLine>;
    if (typeof address !== 'string' || address.length > 200) return badLine('', 'E_FIELD', 'no address in this line');
    if (typeof own !== 'string' || own.length > 60) return badLine(address, 'E_FIELD', 'no chain in this line');
    return { address, chain: own, fault: null };
  } catch (error) {
    if (error instanceof HaetaeError) return badLine('', error.code, error.message);
    throw error;
  }
}

function badLine(address: string, code: string, detail: string): AskedLine {
  return { address, chain: '', fault: { code, detail } };
}

/** The one chain of all lines, where none is bad. */
function chainOfAll(asked: readonly AskedLine[]): string | null {
  const first = asked[0];
  if (first === undefined) return null;
  return asked.every(({ chain, fault }) => fault === null && chain === first.chain) ? first.chain : null;
}

const TEXT = new TextDecoder();

/** Lines of several chains, or bad ones among them: each chain is one batch, all are kept at once, and the answers go back into the order of the lines. */
async function* mixed(
  desk: ScreeningDesk,
  asked: readonly AskedLine[],
  principal: Principal,
  options: BatchOptions,
): AsyncGenerator<string> {
  const answers: string[] = asked.map(({ address, fault }) => JSON.stringify({ address, error: fault }));
  const groups: BatchGroup[] = [];
  const order: number[] = [];
  for (const [chain, places] of groupOf(asked)) {
    const refused = refusalOf(chain);
    if (refused === null) {
      groups.push({ chain, addresses: places.map((place) => asked[place]!.address) });
      order.push(...places);
    } else
      for (const place of places) answers[place] = JSON.stringify({ address: asked[place]!.address, error: refused });
  }
  let text = '';
  for await (const piece of desk.screenBatches(groups, principal, options).lines)
    text += typeof piece === 'string' ? piece : TEXT.decode(piece, { stream: true });
  const found = text.split('\n');
  for (const [index, place] of order.entries()) answers[place] = found[index]!;
  if (answers.length > 0) yield `${answers.join('\n')}\n`;
}

/** Of a chain that is not known. */
function refusalOf(chain: string): { readonly code: string; readonly detail: string } | null {
  try {
    requireChain(chain);
    return null;
  } catch (error) {
    if (error instanceof HaetaeError) return { code: error.code, detail: error.message };
    throw error;
  }
}

/** Places of the good lines by their chain. */
function groupOf(asked: readonly AskedLine[]): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  for (const [place, { chain, fault }] of asked.entries()) {
    if (fault !== null) continue;
    const group = groups.get(chain);
    if (group === undefined) groups.set(chain, [place]);
    else group.push(place);
  }
  return groups;
}
