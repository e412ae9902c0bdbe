import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { JobEvent } from '../api/jobs/job-event.ts';
import { HaetaeError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';

/** What a command may touch of the outside: tests pass their own. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly columns: number;
  readonly color: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Unix seconds. */
  now(): number;
  /** Of a command that a server runs as a job: what a person reads off the terminal, in a form for programs. */
  tell?(event: JobEvent): void;
}

export interface Command {
  readonly usage: string;
  /** What it does, with every option; printed by `haetae COMMAND --help`. */
  readonly help: string;
  run(words: string[], terminal: Terminal): Promise<void>;
}

type Options = NonNullable<ParseArgsConfig['options']>;

/** Options that every command takes. */
const SHARED: Options = { db: { type: 'string' }, quiet: { type: 'boolean' } };

export interface Arguments {
  text(name: string): string | undefined;
  list(name: string): readonly string[];
  /** As {@link list}, each value whole: a comma may stand in a URL. */
  texts(name: string): readonly string[];
  flag(name: string): boolean;
  /** A whole number within bounds, or undefined where the option is not given. */
  whole(name: string, min: number, max: number): number | undefined;
  readonly words: readonly string[];
}

/** Parses a command's words. Throws E_USAGE with the command's usage line. */
export function parseWords(words: string[], options: Options, usage: string): Arguments {
  try {
    const parsed = parseArgs({ args: words, options: { ...SHARED, ...options }, allowPositionals: true, strict: true });
    const values = parsed.values as Record<string, string | boolean | (string | boolean)[] | undefined>;
    const text = (name: string): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined);
    return {
      words: parsed.positionals,
      text,
      list: (name) => {
        const value = values[name];
        return (Array.isArray(value) ? value : [])
          .flatMap((item) => String(item).split(','))
          .filter((item) => item !== '');
      },
      texts: (name) => {
        const value = values[name];
        return (Array.isArray(value) ? value : []).map(String);
      },
      flag: (name) => values[name] === true,
      whole: (name, min, max) => wholeNumber(name, text(name), min, max, usage),
    };
  } catch (cause) {
    if (cause instanceof HaetaeError) throw cause;
    throw new HaetaeError('E_USAGE', cause instanceof Error ? cause.message : String(cause), { remedy: usage });
  }
}

function wholeNumber(
  name: string,
  text: string | undefined,
  min: number,
  max: number,
  usage: string,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new HaetaeError('E_USAGE', `--${name} takes a whole number from ${min} to ${max}`, {
    context: { value: text },
    remedy: usage,
  });
}

export function usageError(message: string, usage: string): HaetaeError {
  return new HaetaeError('E_USAGE', message, { remedy: usage });
}

/**
 * Progress for work over two seconds: a bar on a terminal, a line every few seconds when piped, nothing with --quiet. A job tells it from the start.
 */
export function terminalProgress(terminal: Terminal, quiet: boolean): Progress & { end(): void } {
  const started = Date.now();
  let shown = 0;
  let dirty = false;
  const report = (stage: string, done: number, total: number): void => {
    const now = Date.now();
    if (terminal.tell !== undefined) {
      if (now - shown < 200) return;
      shown = now;
      terminal.tell({ kind: 'progress', what: stage, done, total: total > 0 ? total : null });
      return;
    }
    if (quiet || now - started < 2000 || now - shown < (terminal.color ? 200 : 5000)) return;
    shown = now;
    const share = total > 0 ? ` of ${total.toLocaleString('en')} (${Math.floor((100 * done) / total)} %)` : '';
    const line = `${stage}: ${done.toLocaleString('en')}${share}, ${Math.round((now - started) / 1000)} s`;
    dirty = terminal.color;
    terminal.err(terminal.color ? `\r\x1b[2K${bar(done, total)}${line}` : `${line}\n`);
  };
  return { report, end: () => dirty && terminal.err('\r\x1b[2K') };
}

function bar(done: number, total: number): string {
  if (total <= 0) return '';
  const filled = Math.min(20, Math.floor((20 * done) / total));
  return `[${'#'.repeat(filled)}${'.'.repeat(20 - filled)}] `;
}
