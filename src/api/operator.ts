import type { Principal } from '../access/principal.ts';
import { assert } from '../base/assert.ts';
import { type ErrorCode, HaetaeError } from '../base/errors.ts';
import type { AddressQuestion, TransferQuestion } from '../screen/request.ts';
import type { Decision, Verdict } from '../screen/verdict.ts';
import type { ScreeningAnswer, ScreeningDesk, ScreeningOptions } from './handlers/screening.ts';
import type { VerdictShelf } from './handlers/verdicts.ts';

/** What the command line on this machine asks of the screening desk. Arguments and answers are plain values, so that a running server can be asked from outside. */
export interface ScreeningOperator {
  screenAddress(question: AddressQuestion, options: OperatorOptions): Promise<ScreeningAnswer>;
  screenTransfer(question: TransferQuestion, options: OperatorOptions): Promise<ScreeningAnswer>;
  /** An answer a row, in order: a row that is refused fails no other. At most {@link MAX_ROWS}. Throws what is no fault of a row: E_STORE_WRITE, E_CLOCK. */
  screenRows(rows: readonly ScreeningRow[], options: OperatorOptions): Promise<readonly RowAnswer[]>;
  /** The stored bytes. Throws E_NOT_FOUND. */
  verdict(id: string): Promise<Uint8Array>;
  /** Throws E_NOT_FOUND, E_VERDICT. */
  replay(id: string): Promise<OperatorReplay>;
}

/** Every method, for who offers them from outside: the compiler sees to it. */
export const SCREENING_METHODS = Object.keys({
  screenAddress: 0,
  screenTransfer: 0,
  screenRows: 0,
  verdict: 0,
  replay: 0,
} satisfies Readonly<Record<keyof ScreeningOperator, 0>>);

export interface OperatorOptions {
  /** Looks up and answers; keeps nothing. */
  readonly dry: boolean;
}

export type ScreeningRow =
  | { readonly kind: 'address'; readonly question: AddressQuestion }
  | { readonly kind: 'transfer'; readonly question: TransferQuestion };

/** A verdict in short, or why there is none. */
export type RowAnswer =
  | {
      /** null where nothing was kept. */
      readonly id: string | null;
      readonly decision: Decision;
      readonly score: number;
      readonly reasons: readonly { readonly rule: string; readonly text: string }[];
      readonly error: null;
    }
  | { readonly error: { readonly code: ErrorCode; readonly detail: string } };

export interface OperatorReplay {
  readonly same: boolean;
  readonly storedSha256: string;
  readonly replayedSha256: string;
}

export interface OperatorParts {
  readonly desk: ScreeningDesk;
  readonly shelf: VerdictShelf;
  /** With whose rights. */
  readonly by: Principal;
  /** Milliseconds. */
  readonly clock: () => number;
}

export const MAX_ROWS = 1000;

/** These say that the row is wrong; whatever else is thrown would fail the next row too. */
const FAULTS_OF_A_ROW: ReadonlySet<ErrorCode> = new Set([
  'E_ADDRESS',
  'E_AMOUNT',
  'E_ASSET',
  'E_FIELD',
  'E_NOT_FOUND',
  'E_TIME',
] as const);

const TEXT = new TextDecoder();

/** The desk with one person's rights. */
export function operatorOf({ desk, shelf, by, clock }: OperatorParts): ScreeningOperator {
  const options = ({ dry }: OperatorOptions): ScreeningOptions => ({ dry, atMs: clock(), keep: () => [] });
  const screen = async ({ kind, question }: ScreeningRow, how: OperatorOptions): Promise<ScreeningAnswer> =>
    kind === 'address'
      ? await desk.screenAddress(question, by, options(how))
      : await desk.screenTransfer(question, by, options(how));
  return {
    screenAddress: (question, how) => screen({ kind: 'address', question }, how),
    screenTransfer: (question, how) => screen({ kind: 'transfer', question }, how),
    screenRows: async (rows, how) => {
      assert(rows.length <= MAX_ROWS, 'rows are asked for in groups');
      // All are waited for, so that after a fault nothing goes on unseen.
      const answers = await Promise.allSettled(rows.map((row) => screen(row, how).then(inShort, faultOfRow)));
      return answers.map((answer) => {
        if (answer.status === 'fulfilled') return answer.value;
        throw answer.reason;
      });
    },
    verdict: async (id) => {
      const bytes = await shelf.bytesOf(id);
      if (bytes !== null) return bytes;
      throw new HaetaeError('E_NOT_FOUND', 'there is no verdict of this id', {
        context: { verdict: id.slice(0, 40) },
        remedy: 'copy the id as the verdict shows it: v-1234-0a1b',
      });
    },
    replay: async (id) => await shelf.replay(id),
  };
}

function inShort({ id, decision, bytes }: ScreeningAnswer): RowAnswer {
  const { score, reasons } = JSON.parse(TEXT.decode(bytes)) as Verdict;
  return { id, decision, score, reasons: reasons.map(({ rule, text }) => ({ rule, text })), error: null };
}

function faultOfRow(error: unknown): RowAnswer {
  if (!(error instanceof HaetaeError) || !FAULTS_OF_A_ROW.has(error.code)) throw error;
  return { error: { code: error.code, detail: error.message } };
}
