import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Principal } from '../../access/principal.ts';
import { HaetaeError } from '../../base/errors.ts';
import { visibleText } from '../../base/visible-text.ts';

const MAX_OPEN = 8;
const MAX_BYTES_IN_ALL = 8 * 2 ** 30;
const MAX_PIECE_BYTES = 4 * 2 ** 20;
/** One that nobody sends to or uses is given up. */
const IDLE_MS = 3_600_000;
/** Where there is no room for another, after this. Longer than a request may take to come in: a piece on its way is not idle. */
const YIELDS_MS = 180_000;
/** Of a length that four divides. A form that says so itself would overflow the stack of the matcher at some megabytes. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export interface UploadView {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  readonly received: number;
}

interface Upload {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  readonly folder: string;
  readonly path: string;
  received: number;
  /** By a job, which removes it. */
  claimed: boolean;
  touchedAt: number;
  /** Pieces being written. */
  writing: number;
  /** Who began it; null: nobody in particular. */
  readonly by: string | null;
  /** The piece before: each is written after it. */
  last: Promise<unknown>;
}

/** Files on their way in, piece by piece, each in a folder of its own (0700, files 0600). Nothing of them outlives the server. */
export class Uploads {
  readonly folder: string;
  readonly #open = new Map<string, Upload>();
  #sequence = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** `folder`: of uploads alone; what an earlier server left there is removed. Throws E_STORE_WRITE. */
  static open(folder: string): Uploads {
    try {
      // A job of that server may be writing there until it hears that the server is gone.
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      mkdirSync(folder, { mode: 0o700 });
    } catch (cause) {
      throw notWritten(cause);
    }
    return new Uploads(folder);
  }

  /** `at`: milliseconds. `by`: a person. Throws E_BUSY, E_STORE_WRITE. */
  async begin(
    file: { readonly name: string; readonly bytes: number },
    at: number,
    by: string | null = null,
  ): Promise<UploadView> {
    const { bytes } = file;
    const name = file.name.replace(/^.*[\\/]/, '');
    await this.#removeIdle(at);
    const yielding = this.#makeRoom(bytes, at);
    const id = `up-${++this.#sequence}-${randomBytes(2).toString('hex')}`;
    // A folder of its own: names that are the same on disk do not meet.
    const folder = join(this.folder, id);
    const path = join(folder, safeName(name));
    const upload = {
      ...{ id, name: visibleText(name), bytes, folder, path, by },
      ...{ received: 0, claimed: false, touchedAt: at, writing: 0, last: Promise.resolve() },
    };
    this.#open.set(id, upload);
    for (const other of yielding) await rm(other.folder, { recursive: true, force: true });
    try {
      await mkdir(folder, { mode: 0o700 });
      await (await open(path, 'wx', 0o600)).close();
    } catch (cause) {
      await this.remove(id);
      throw notWritten(cause);
    }
    return viewOf(upload);
  }

  /** The next piece. Throws E_NOT_FOUND, E_FIELD, E_STATE (another offset is due; more than announced; in use), E_STORE_WRITE. */
  async add(id: string, offset: number, base64: string, at: number): Promise<UploadView> {
    const upload = this.#require(id);
    const bytes = bytesOf(base64);
    upload.writing += 1;
    const work = upload.last.then(() => this.#write(upload, offset, bytes, at));
    upload.last = work.catch(() => {});
    try {
      await work;
    } finally {
      upload.writing -= 1;
    }
    return viewOf(upload);
  }

  async #write(upload: Upload, offset: number, bytes: Buffer, at: number): Promise<void> {
    this.#require(upload.id);
    if (upload.claimed) throw inUse(upload.id);
    if (offset !== upload.received || offset + bytes.length > upload.bytes) {
      const wrong = offset === upload.received ? 'more bytes than were announced' : 'not the piece that is due';
      throw new HaetaeError('E_STATE', wrong, {
        context: { upload: upload.id, received: upload.received, bytes: upload.bytes },
        remedy: 'send the piece that begins at the byte in received',
      });
    }
    try {
      const file = await open(upload.path, 'r+');
      try {
        let done = 0;
        while (done < bytes.length)
          done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw notWritten(cause);
    }
    upload.received += bytes.length;
    upload.touchedAt = at;
  }

  /** For a job, which removes it when it has ended. Throws E_NOT_FOUND, E_STATE (not whole; in use). */
  claim(id: string): { readonly name: string; readonly path: string } {
    const upload = this.#require(id);
    if (upload.claimed) throw inUse(id);
    if (upload.received < upload.bytes) {
      throw new HaetaeError('E_STATE', 'the file is not uploaded whole', {
        context: { upload: id, received: upload.received, bytes: upload.bytes },
        remedy: 'send the rest of it first',
      });
    }
    upload.claimed = true;
    return { name: upload.name, path: upload.path };
  }

  release(id: string): void {
    const upload = this.#open.get(id);
    if (upload !== undefined) upload.claimed = false;
  }

  /** By the one who began it, or an admin. Throws E_NOT_FOUND, E_FORBIDDEN, E_STATE (in use). */
  async giveUp(id: string, { person, role }: Pick<Principal, 'person' | 'role'>): Promise<void> {
    const upload = this.#require(id);
    if (upload.by !== null && upload.by !== person && role !== 'admin') {
      throw new HaetaeError('E_FORBIDDEN', 'an upload is given up by the one who began it, or by an admin', {
        context: { upload: id, by: upload.by },
        remedy: 'ask one of them, or leave it: it yields when it is idle and its place is needed',
      });
    }
    if (upload.claimed) throw inUse(id);
    await this.remove(id);
  }

  async remove(id: string): Promise<void> {
    const upload = this.#open.get(id);
    this.#open.delete(id);
    await upload?.last;
    if (upload !== undefined) await rm(upload.folder, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    this.#open.clear();
    await rm(this.folder, { recursive: true, force: true });
  }

  #require(id: string): Upload {
    const upload = this.#open.get(id);
    if (upload !== undefined) return upload;
    throw new HaetaeError('E_NOT_FOUND', 'no such upload', {
      context: { upload: id },
      remedy:
        'begin it again: uploads are gone after the job that used them, when they are given up, after an idle hour (three minutes where others need the room) and at a restart',
    });
  }

  /** Takes out those, longest idle first, whose room is needed. Throws E_BUSY where all of it would not do; then nothing is taken out. */
  #makeRoom(bytes: number, at: number): readonly Upload[] {
    const all = [...this.#open.values()];
    let held = all.reduce((sum, upload) => sum + upload.bytes, 0);
    let open = all.length;
    const isIdle = ({ claimed, writing, touchedAt }: Upload): boolean =>
      !claimed && writing === 0 && at - touchedAt >= YIELDS_MS;
    const idle = all.filter(isIdle).sort((a, b) => a.touchedAt - b.touchedAt);
    const taken: Upload[] = [];
    while (open >= MAX_OPEN || held + bytes > MAX_BYTES_IN_ALL) {
      const next = idle[taken.length];
      if (next === undefined) {
        throw new HaetaeError('E_BUSY', 'there is no room for another upload', {
          context: { open: all.length, most: MAX_OPEN, bytes: all.reduce((sum, upload) => sum + upload.bytes, 0) },
          remedy:
            'wait until the imports of those before it have ended; one that nobody sends to yields after three minutes',
          retry: true,
        });
      }
      taken.push(next);
      open -= 1;
      held -= next.bytes;
    }
    for (const { id } of taken) this.#open.delete(id);
    return taken;
  }

  async #removeIdle(at: number): Promise<void> {
    for (const { id, claimed, writing, touchedAt } of [...this.#open.values()])
      if (!claimed && writing === 0 && at - touchedAt > IDLE_MS) await this.remove(id);
  }
}

function viewOf({ id, name, bytes, received }: Upload): UploadView {
  return { id, name, bytes, received };
}

/** Readers go by names (an ending, an asset in it): letters, digits, dot, dash and underscore are kept, as neither a hidden file nor an option. */
function safeName(name: string): string {
  const plain = name
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[.-]+/, '')
    .slice(-100)
    .replace(/^[.-]+/, '');
  return plain === '' ? 'file' : plain;
}

function bytesOf(base64: string): Buffer {
  const known = base64.length % 4 === 0 && BASE64.test(base64);
  const bytes = known ? Buffer.from(base64, 'base64') : null;
  if (bytes !== null && bytes.length <= MAX_PIECE_BYTES) return bytes;
  const message = bytes === null ? 'the piece is not base64' : `a piece has at most ${MAX_PIECE_BYTES} bytes`;
  throw new HaetaeError('E_FIELD', message, {
    context: { field: 'base64' },
    remedy: 'send base64 with padding, 4 MiB at most',
  });
}

function inUse(id: string): HaetaeError {
  return new HaetaeError('E_STATE', 'a job uses the upload already', {
    context: { upload: id },
    remedy: 'upload the file again for another job',
  });
}

function notWritten(cause: unknown): HaetaeError {
  return new HaetaeError('E_STORE_WRITE', 'the file cannot be kept', {
    context: { reason: String((cause as NodeJS.ErrnoException).code ?? 'unknown') },
    remedy: 'give the disk of the store room, and this user write permission to its folder',
    cause,
  });
}
