import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import type { AuditedWriter } from '../../access/audited.ts';
import type { Principal } from '../../access/principal.ts';
import { HaetaeError } from '../../base/errors.ts';
import { visibleText } from '../../base/visible-text.ts';
import type { jobSchema } from '../routes/jobs.ts';
import { commandOf, type JobCommand, type Wish } from './job-command.ts';
import type { JobEvent } from './job-event.ts';
import { type Ended, type JobProcess, startProcess } from './job-process.ts';
import type { JobSources } from './job-sources.ts';
import { Uploads } from './uploads.ts';

/** Two cores: a trace takes one, the service keeps the other. */
const MAX_RUNNING = 1;
const MAX_WAITING = 20;
const KEPT = 100;
const KEPT_LINES = 200;
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
  readonly audited: AuditedWriter;
  /** Milliseconds. */
  readonly clock: () => number;
  readonly log: (line: string) => void;
}

export type JobView = z.input<typeof jobSchema>;

type Writable<Value> = { -readonly [Name in keyof Value]: Value[Name] };

interface Task {
  readonly view: Writable<Omit<JobView, 'lines'>>;
  readonly lines: string[];
  readonly command: JobCommand;
  readonly folder: string;
  readonly upload: { readonly id: string; readonly name: string; readonly path: string } | null;
  process: JobProcess | null;
  cancelled: boolean;
}

/** Long work that somebody asked of the server: one command of Haetae after the other, each in a process of its own that works through the server. */
export class JobDesk {
  readonly uploads: Uploads;
  readonly #parts: JobDeskParts;
  /** In order of their start. */
  readonly #tasks = new Map<string, Task>();
  readonly #running = new Map<Task, Promise<void>>();
  #waiting: Task[] = [];
  /** Taken in, and not yet in the audit log. */
  #entering = 0;
  #sequence = 0;
  #closed = false;

  /** Throws E_STORE_WRITE. */
  constructor(parts: JobDeskParts) {
    this.#parts = parts;
    this.uploads = Uploads.open(`${parts.database}.uploads`);
  }

  get sources(): JobSources {
    return this.#parts.sources;
  }

  /** `at`: milliseconds. Throws E_BUSY, what commandOf throws, and of an upload E_NOT_FOUND and E_STATE. */
  async start(wish: Wish, { principal, at }: { principal: Principal; at: number }): Promise<JobView> {
    if (this.#closed || this.#waiting.length + this.#entering >= MAX_WAITING) throw busy(this.#closed);
    const id = `jb-${++this.#sequence}-${randomBytes(2).toString('hex')}`;
    const upload = 'upload' in wish ? { id: wish.upload, ...this.uploads.claim(wish.upload) } : null;
    this.#entering += 1;
    try {
      const folder = join(this.uploads.folder, id);
      const command = commandOf(wish, { sources: this.#parts.sources, folder, upload });
      const { title } = command;
      const detail = { kind: wish.kind, title: title.slice(0, 200), live: command.live };
      await this.#parts.audited.commit([{ actor: principal.id, action: 'job.start', subject: id, detail }], []);
      const view = {
        ...{ id, kind: wish.kind, title, state: 'waiting' as const, by: principal.person },
        ...{ startedAt: new Date(at).toISOString(), endedAt: null, progress: null, case: null, fault: null },
      };
      const task: Task = { view, lines: [], command, folder, upload, process: null, cancelled: false };
      this.#tasks.set(id, task);
      this.#waiting.push(task);
    } catch (error) {
      if (upload !== null) this.uploads.release(upload.id);
      throw error;
    } finally {
      this.#entering -= 1;
    }
    this.#forgetOld();
    this.#next();
    return this.get(id);
  }

  /** Newest first. */
  list(): JobView[] {
    return [...this.#tasks.values()].reverse().map(viewOf);
  }

  /** Throws E_NOT_FOUND. */
  get(id: string): JobView {
    return viewOf(this.#require(id));
  }

  /** Throws E_NOT_FOUND, E_STATE where it has ended. */
  async cancel(id: string, principal: Principal): Promise<JobView> {
    const task = this.#require(id);
    if (task.view.endedAt !== null) {
      throw new HaetaeError('E_STATE', 'the job has ended', {
        context: { job: id, state: task.view.state },
        remedy: 'nothing is left to stop',
      });
    }
    await this.#parts.audited.commit([{ actor: principal.id, action: 'job.cancel', subject: id }], []);
    // What ended meanwhile did what it did.
    if (task.view.endedAt === null) await this.#stop(task);
    return viewOf(task);
  }

  /** Takes in nothing more and ends what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const task of [...this.#waiting, ...this.#running.keys()]) await this.#stop(task);
    await Promise.all(this.#running.values());
    await this.uploads.close();
  }

  async #stop(task: Task): Promise<void> {
    task.cancelled = true;
    if (this.#running.has(task)) {
      task.process?.stop();
      return;
    }
    this.#waiting = this.#waiting.filter((other) => other !== task);
    await this.#tidy(task);
    this.#end(task, 'cancelled');
  }

  #next(): void {
    while (!this.#closed && this.#running.size < MAX_RUNNING && this.#waiting.length > 0) {
      const task = this.#waiting.shift()!;
      const done = this.#run(task)
        .catch((error: unknown) => {
          this.#parts.log(`job ${task.view.id}: ${error instanceof Error ? error.message : String(error)}`);
          const fault = {
            code: 'E_STORE_WRITE',
            detail: 'its files cannot be written',
            remedy: 'give the disk of the store room',
          };
          if (task.view.endedAt === null) this.#end(task, 'failed', fault);
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
      if (task.cancelled) return;
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
      if (ended !== null) this.#settle(task, ended);
      else if (task.cancelled) this.#end(task, 'cancelled');
    }
  }

  #say(task: Task, line: string): void {
    task.lines.push(this.#named(line));
    if (task.lines.length > KEPT_LINES) task.lines.shift();
  }

  #hear({ view }: Task, event: JobEvent): void {
    if (event.kind === 'progress')
      view.progress = { what: this.#named(visibleText(event.what)), done: event.done, total: event.total };
    else if (event.kind === 'case') view.case = event.id;
    else {
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

  #settle(task: Task, { code, signal }: Ended): void {
    if (code === 0 || task.cancelled) {
      this.#end(task, code === 0 ? 'done' : 'cancelled');
      return;
    }
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
    const fault = task.view.fault ?? {
      code: 'E_INTERRUPTED',
      detail: `its process was ended ${how}; nothing is half-written`,
      remedy: 'start it again',
    };
    this.#end(task, 'failed', fault);
  }

  #end({ view }: Task, state: 'done' | 'failed' | 'cancelled', fault: JobView['fault'] = null): void {
    view.state = state;
    view.fault = fault;
    view.endedAt = new Date(this.#parts.clock()).toISOString();
  }

  async #tidy({ folder, upload }: Task): Promise<void> {
    try {
      await rm(folder, { recursive: true, force: true });
      if (upload !== null) await this.uploads.remove(upload.id);
    } catch (error) {
      this.#parts.log(`uploads: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #forgetOld(): void {
    for (const [id, { view }] of this.#tasks) {
      if (this.#tasks.size <= KEPT) return;
      if (view.endedAt !== null) this.#tasks.delete(id);
    }
  }

  #require(id: string): Task {
    const task = this.#tasks.get(id);
    if (task !== undefined) return task;
    throw new HaetaeError('E_NOT_FOUND', 'no such job', {
      context: { job: id },
      remedy: `the last ${KEPT} since the start of the server are known`,
    });
  }
}

function viewOf({ view, lines }: Task): JobView {
  return { ...view, lines: [...lines] };
}

function busy(closed: boolean): HaetaeError {
  return new HaetaeError('E_BUSY', closed ? 'the server is ending' : `${MAX_WAITING} jobs wait already`, {
    remedy: 'wait until some have ended, or cancel one',
    retry: true,
  });
}
