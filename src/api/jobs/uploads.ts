import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HaetaeError } from '../../base/errors.ts';
import { visibleText } from '../../base/visible-text.ts';

const MAX_OPEN = 8;
const MAX_BYTES_IN_ALL = 8 * 2 ** 30;
const MAX_PIECE_BYTES = 4 * 2 ** 20;
/** One that nobody sends to or uses makes room for another. */
const IDLE_MS = 3_600_000;
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
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { mode: 0o700 });
    } catch (cause) {
      throw notWritten(cause);
    }
    return new Uploads(folder);
  }

  /** `at`: milliseconds. Throws E_BUSY, E_STORE_WRITE. */
  async begin(file: { readonly name: string; readonly bytes: number }, at: number): Promise<UploadView> {
    const { bytes } = file;
    const name = file.name.replace(/^.*[\\/]/, '');
    await this.#removeIdle(at);
    const held = [...this.#open.values()].reduce((sum, upload) => sum + upload.bytes, 0);
    if (this.#open.size >= MAX_OPEN || held + bytes > MAX_BYTES_IN_ALL) {
      throw new HaetaeError('E_BUSY', 'there is no room for another upload', {
        context: { open: this.#open.size, most: MAX_OPEN, bytes: held },
        remedy: 'wait until the imports of those before it have ended',
        retry: true,
      });
    }
    const id = `up-${++this.#sequence}-${randomBytes(2).toString('hex')}`;
    const folder = join(this.folder, id);
    const path = join(folder, safeName(name));
    const last = Promise.resolve();
    const upload = {
      id,
      name: visibleText(name),
      bytes,
      folder,
      path,
      received: 0,
      claimed: false,
      touchedAt: at,
      last,
    };
    this.#open.set(id, upload);
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
    const work = upload.last.then(() => this.#write(upload, offset, bytes, at));
    upload.last = work.catch(() => {});
    await work;
    return viewOf(upload);
  }

  async #write(upload: Upload, offset: number, bytes: Buffer, at: number): Promise<void> {
    if (upload.claimed || !this.#open.has(upload.id)) throw inUse(upload.id);
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

  async remove(id: string): Promise<void> {
    const upload = this.#open.get(id);
    this.#open.delete(id);
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
      remedy: 'begin it again: uploads are gone after the job that used them, after an idle hour and at a restart',
    });
  }

  async #removeIdle(at: number): Promise<void> {
    for (const { id, claimed, touchedAt } of [...this.#open.values()])
      if (!claimed && at - touchedAt > IDLE_MS) await this.remove(id);
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
