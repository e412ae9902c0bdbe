import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { AuditedWriter } from '../../access/audited.ts';
import type { Principal } from '../../access/principal.ts';
import { HaetaeError } from '../../base/errors.ts';
import { visibleText } from '../../base/visible-text.ts';
import type { Records } from '../../store/records.ts';
import { INTERRUPTED, JobBook, type JobEntry, type JobView, KEPT_JOBS } from './job-book.ts';
import { commandOf, type JobCommand, THEFT_NAME, type Wish } from './job-command.ts';
import type { JobEvent } from './job-event.ts';
import { type Ended, type JobProcess, startProcess } from './job-process.ts';
import type { JobSources } from './job-sources.ts';
import { TheftReader } from './theft-reader.ts';
import { Uploads } from './uploads.ts';

/** Two cores: a trace takes one, the service keeps the other. */
const MAX_RUNNING = 1;
const MAX_WAITING = 20;
const KEPT_LINES = 200;
/** Of so many jobs, the newest. */
const KEPT_PRINTED = 100;
/** Of the list of refused rows, which goes with the upload. */
const REFUSED_SHOWN = 20;

export interface JobSettings {
  /** Path of Haetae's main program, as compiled. */
  readonly entry: string;
  readonly sources: JobSources;
}

export interface JobDeskParts extends JobSettings {
  /** A file. */
  readonly database: string;
  readonly records: Records;
  readonly audited: AuditedWriter;
  /** Milliseconds. */
  readonly clock: () => number;
  readonly log: (line: string) => void;
}

type Writable<Value> = { -readonly [Name in keyof Value]: Value[Name] };

interface Task {
  readonly view: Writable<Omit<JobView, 'lines'>>;
  readonly lines: string[];
  readonly command: JobCommand;
  readonly folder: string;
  readonly upload: { readonly id: string; readonly name: string; readonly path: string } | null;
  process: JobProcess | null;
  /** Asked to end, by a person or by the end of the server. */
  stopped: 'cancelled' | 'interrupted' | null;
}

/** Long work that somebody asked of the server: one command of Haetae after the other, each in a process of its own that works through the server. */
export class JobDesk {
  readonly uploads: Uploads;
  readonly #parts: JobDeskParts;
  readonly #book: JobBook;
  readonly #thefts = new TheftReader();
  /** Of servers before this one, oldest first. */
  readonly #past: Map<string, JobEntry>;
  /** In order of their start. */
  readonly #tasks = new Map<string, Task>();
  readonly #running = new Map<Task, Promise<void>>();
  #waiting: Task[] = [];
  /** Taken in, and not yet in the audit log. */
  #entering = 0;
  #sequence: number;
  #closed = false;

  private constructor(parts: JobDeskParts, book: JobBook) {
    this.#parts = parts;
    this.#book = book;
    this.#past = new Map(book.past);
    this.#sequence = book.last;
    this.uploads = Uploads.open(`${parts.database}.uploads`);
  }

  /** Throws E_STORE_WRITE. */
  static async open(parts: JobDeskParts): Promise<JobDesk> {
    return new JobDesk(parts, await JobBook.open(parts, parts.clock()));
  }

  get sources(): JobSources {
    return this.#parts.sources;
  }

  /**
   * `at`: milliseconds. Throws E_BUSY, what commandOf throws, of a theft file what is wrong with it, of an upload E_NOT_FOUND and E_STATE, and E_STORE_WRITE.
   */
  async start(wish: Wish, { principal, at }: { principal: Principal; at: number }): Promise<JobView> {
    if (this.#closed || this.#waiting.length + this.#entering >= MAX_WAITING) throw busy(this.#closed);
    const upload = 'upload' in wish ? { id: wish.upload, ...this.uploads.claim(wish.upload) } : null;
    this.#entering += 1;
    try {
      const theft = wish.kind === 'trace-file' ? await this.#thefts.read({ text: wish.text, name: THEFT_NAME }) : null;
      if (this.#closed) throw busy(true);
      const id = `jb-${++this.#sequence}-${randomBytes(2).toString('hex')}`;
      const folder = join(this.uploads.folder, id);
      const command = commandOf(wish, { sources: this.#parts.sources, folder, upload, theft });
      const view = {
        ...{ id, kind: wish.kind, title: command.title, state: 'waiting' as const, by: principal.person },
        ...{ startedAt: new Date(at).toISOString(), endedAt: null, progress: null, case: null, fault: null },
      };
      await this.#enter({ view, lines: [], command, folder, upload, process: null, stopped: null }, principal);
      this.#next();
      return this.get(id);
    } catch (error) {
      if (upload !== null) this.uploads.release(upload.id);
      throw error;
    } finally {
      this.#entering -= 1;
    }
  }

  /** Newest first. */
  list(): JobView[] {
    const now = [...this.#tasks.values()].reverse().map(viewOf);
    return [...now, ...[...this.#past.values()].reverse().map(pastView)];
  }

  /** Throws E_NOT_FOUND. */
  get(id: string): JobView {
    const task = this.#tasks.get(id);
    if (task !== undefined) return viewOf(task);
    const past = this.#past.get(id);
    if (past !== undefined) return pastView(past);
    throw new HaetaeError('E_NOT_FOUND', 'no such job', {
      context: { job: id },
      remedy: `the last ${KEPT_JOBS} are known`,
    });
  }

  /** By the one who started it, or an admin. Throws E_NOT_FOUND, E_FORBIDDEN, E_STATE where it has ended. */
  async cancel(id: string, principal: Principal): Promise<JobView> {
    const { endedAt, state, by } = this.get(id);
    const task = this.#tasks.get(id);
    if (endedAt !== null || task === undefined) {
      throw new HaetaeError('E_STATE', 'the job has ended', {
        context: { job: id, state },
        remedy: 'nothing is left to stop',
      });
    }
    if (principal.person !== by && principal.role !== 'admin') {
      throw new HaetaeError('E_FORBIDDEN', 'a job is cancelled by the one who started it, or by an admin', {
        context: { job: id, by },
        remedy: 'ask one of them to cancel it',
      });
    }
    await this.#parts.audited.commit([{ actor: principal.id, action: 'job.cancel', subject: id }], []);
    // What ended meanwhile did what it did.
    if (task.view.endedAt === null) await this.#stop(task, 'cancelled');
    return viewOf(task);
  }

  /** Takes in nothing more and ends what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#thefts.close();
    for (const task of [...this.#waiting, ...this.#running.keys()]) await this.#stop(task, 'interrupted');
    await Promise.all(this.#running.values());
    await this.uploads.close();
  }

  /** In the list once it is kept there, with its entry in the audit log. */
  async #enter(task: Task, principal: Principal): Promise<void> {
    const { view, command } = task;
    const { id, kind, title } = view;
    const detail = { kind, title: title.slice(0, 200), live: command.live };
    const forgotten = this.#ended().slice(0, Math.max(0, this.#past.size + this.#tasks.size + 1 - KEPT_JOBS));
    await this.#book.write(view, [{ actor: principal.id, action: 'job.start', subject: id, detail }], forgotten);
    for (const old of forgotten) {
      this.#past.delete(old);
      this.#tasks.delete(old);
    }
    this.#tasks.set(id, task);
    this.#waiting.push(task);
    for (const old of [...this.#tasks.values()].slice(0, -KEPT_PRINTED))
      if (old.view.endedAt !== null) old.lines.length = 0;
  }

  /** Oldest first. */
  #ended(): string[] {
    const now = [...this.#tasks.values()].filter(({ view }) => view.endedAt !== null).map(({ view }) => view.id);
    return [...this.#past.keys(), ...now];
  }

  async #stop(task: Task, why: 'cancelled' | 'interrupted'): Promise<void> {
    task.stopped ??= why;
    if (this.#running.has(task)) {
      task.process?.stop();
      return;
    }
    this.#waiting = this.#waiting.filter((other) => other !== task);
    await this.#tidy(task);
    await this.#endStopped(task, task.stopped);
  }

  #next(): void {
    while (!this.#closed && this.#running.size < MAX_RUNNING && this.#waiting.length > 0) {
      const task = this.#waiting.shift()!;
      const done = this.#run(task)
        .catch(async (error: unknown) => {
          this.#parts.log(`job ${task.view.id}: ${error instanceof Error ? error.message : String(error)}`);
          const fault = {
            code: 'E_STORE_WRITE',
            detail: 'its files cannot be written',
            remedy: 'give the disk of the store room',
          };
          if (task.view.endedAt === null) await this.#end(task, 'failed', fault);
        })
        .finally(() => {
          this.#running.delete(task);
          this.#next();
        });
      this.#running.set(task, done);
    }
  }

  async #run(task: Task): Promise<void> {
    const { command, folder, view } = task;
    const { entry, sources, database } = this.#parts;
    view.state = 'running';
    let ended: Ended | null = null;
    try {
      await mkdir(folder, { mode: 0o700 });
      for (const [name, text] of Object.entries(command.files))
        await writeFile(join(folder, name), text, { mode: 0o600, flag: 'wx' });
      if (task.stopped !== null) return;
      const [name, ...rest] = command.words;
      task.process = startProcess({
        entry,
        words: [name!, `--db=${database}`, ...rest],
        folder,
        variables: command.live ? sources.variables : {},
        onLine: (line) => this.#say(task, line),
        onEvent: (event) => this.#hear(task, event),
      });
      ended = await task.process.ended;
      await this.#sayRefused(task);
    } finally {
      // Whoever sees that it has ended finds nothing of it left.
      await this.#tidy(task);
      if (ended !== null) await this.#settle(task, ended);
      else if (task.stopped !== null) await this.#endStopped(task, task.stopped);
    }
  }

  #say(task: Task, line: string): void {
    task.lines.push(this.#named(line));
    if (task.lines.length > KEPT_LINES) task.lines.shift();
  }

  #hear({ view }: Task, event: JobEvent): void {
    if (view.endedAt !== null) return;
    if (event.kind === 'progress')
      view.progress = { what: this.#named(visibleText(event.what)), done: event.done, total: event.total };
    else if (event.kind === 'case') {
      view.case = event.id;
      void this.#write(view);
    } else {
      const { code, detail, remedy } = event;
      const shown = (text: string): string => this.#named(visibleText(text));
      view.fault = { code, detail: shown(detail), remedy: remedy === null ? null : shown(remedy) };
    }
  }

  /** Names of files as the user knows them, without the folders of this machine. */
  #named(text: string): string {
    return text.replaceAll(/\/(?:up|jb)-\d+-[0-9a-f]{4}(?=\/)/g, '').replaceAll(`${this.uploads.folder}/`, '');
  }

  async #sayRefused(task: Task): Promise<void> {
    if (task.upload === null) return;
    const folder = dirname(task.upload.path);
    const list = (await readdir(folder).catch(() => [])).find((name) => name.endsWith('.refused.csv'));
    if (list === undefined) return;
    let count = 0;
    for await (const line of createInterface({ input: createReadStream(join(folder, list)) })) {
      if (count > REFUSED_SHOWN) break;
      this.#say(task, visibleText(line.slice(0, 500)));
      count += 1;
    }
  }

  async #settle(task: Task, { code, signal }: Ended): Promise<void> {
    if (code === 0) return this.#end(task, 'done');
    if (task.stopped !== null) return this.#endStopped(task, task.stopped);
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
    const fault = task.view.fault ?? {
      code: 'E_INTERRUPTED',
      detail: `its process was ended ${how}; nothing is half-written`,
      remedy: 'start it again',
    };
    await this.#end(task, 'failed', fault);
  }

  #endStopped(task: Task, why: 'cancelled' | 'interrupted'): Promise<void> {
    return this.#end(task, why, why === 'interrupted' ? INTERRUPTED : null);
  }

  /** Whoever sees that it has ended finds it so after a restart too. */
  async #end({ view }: Task, state: Exclude<JobView['state'], 'waiting' | 'running'>, fault: JobView['fault'] = null) {
    const end = { state, fault, endedAt: new Date(this.#parts.clock()).toISOString() };
    await this.#write({ ...view, ...end });
    Object.assign(view, end);
  }

  /** A list that cannot be written ends no job. */
  async #write(view: JobEntry): Promise<void> {
    try {
      await this.#book.write(view);
    } catch (error) {
      this.#parts.log(`job ${view.id}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #tidy({ folder, upload }: Task): Promise<void> {
    try {
      await rm(folder, { recursive: true, force: true });
      if (upload !== null) await this.uploads.remove(upload.id);
    } catch (error) {
      this.#parts.log(`uploads: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function viewOf({ view, lines }: Task): JobView {
  return { ...view, lines: [...lines] };
}

function pastView(entry: JobEntry): JobView {
  return { ...entry, progress: null, lines: [] };
}

function busy(closed: boolean): HaetaeError {
  return new HaetaeError('E_BUSY', closed ? 'the server is ending' : `${MAX_WAITING} jobs wait already`, {
    remedy: 'wait until some have ended, or cancel one',
    retry: true,
  });
}
