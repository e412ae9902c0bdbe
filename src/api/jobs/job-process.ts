import { spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import { visibleText } from '../../base/visible-text.ts';
import { JOB_VARIABLE, type JobEvent } from './job-event.ts';

/** Ends at the first signal, unless it hangs. */
const KILL_AFTER_MS = 5000;
const LONGEST_LINE = 1000;
/** What else a command may need of the environment: where to find things, how to write them, whom to trust. */
const PASSED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'] as const;

export interface ProcessParts {
  /** Of Haetae's main program. */
  readonly entry: string;
  readonly words: readonly string[];
  /** The working folder. */
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  readonly onEvent: (event: JobEvent) => void;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A command of Haetae in a process and process group of its own; no shell has part in it. */
export interface JobProcess {
  readonly pid: number | undefined;
  readonly ended: Promise<Ended>;
  /** As Ctrl-C does; for good 5 seconds later. */
  stop(): void;
}

export function startProcess({ entry, words, folder, variables, onLine, onEvent }: ProcessParts): JobProcess {
  const child = spawn(process.execPath, [entry, ...words], {
    cwd: folder,
    env: { ...passedOn(), ...variables, [JOB_VARIABLE]: '1' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  let fault: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<Ended>((resolve) => {
    child.once('error', (error) => {
      fault = error.message;
      // Without a process there is no end to wait for.
      if (child.pid === undefined) resolve({ code: null, signal: fault });
    });
    child.once('close', (code, signal) => resolve({ code, signal }));
  }).finally(() => clearTimeout(timer));
  child.on('message', (message) => {
    const event = eventOf(message);
    if (event !== null) onEvent(event);
  });
  readLines(child.stdout!, onLine);
  readLines(child.stderr!, onLine);
  const signalAll = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // It has ended already.
    }
  };
  return {
    pid: child.pid,
    ended,
    stop: () => {
      if (timer !== undefined || child.exitCode !== null || child.signalCode !== null) return;
      signalAll('SIGINT');
      timer = setTimeout(() => signalAll('SIGKILL'), KILL_AFTER_MS);
    },
  };
}

function passedOn(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of PASSED) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

function eventOf(message: unknown): JobEvent | null {
  const known = typeof message === 'object' && message !== null && 'kind' in message;
  return known && ['progress', 'case', 'fault'].includes(String(message.kind)) ? (message as JobEvent) : null;
}

/** Whole lines, made safe to show; the rest of one that is too long is cut. */
function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const pass = (line: string): void => onLine(visibleText(line.replace(/\r$/, '').slice(0, LONGEST_LINE)));
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop()!.slice(0, LONGEST_LINE);
    lines.forEach(pass);
  });
  stream.on('end', () => rest !== '' && pass(rest));
  stream.on('error', () => {});
}
