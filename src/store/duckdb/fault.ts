import { HaetaeError } from '../../base/errors.ts';

const NO_ROOM =
  /no space left|disk (quota|full)|file too large|could not write|could not fsync|max_temp_directory_size|ENOSPC|EFBIG|EDQUOT/i;
const NO_MEMORY = /out of memory|could not allocate|failed to (allocate|pin)/i;
const NO_PERMISSION = /permission denied|read-only file system|access_mode.*read_only|read-only mode|EACCES|EROFS/i;
const CORRUPT = /not a valid duckdb|corrupt|checksum|failed to (deserialize|load metadata)/i;

/** What DuckDB says on open, as one of our codes. */
export function openFault(error: unknown, path: string): HaetaeError {
  if (error instanceof HaetaeError) return error;
  const text = messageOf(error);
  if (/conflicting lock|could not set lock|already open in/i.test(text)) return lockedFault(text, path, error);
  if (/version number|storage version|newer version/i.test(text)) {
    return new HaetaeError('E_STORE_VERSION', 'the store file was written by another version of DuckDB', {
      context: { path },
      remedy: 'use the version of Haetae that wrote it, or restore a backup with this one',
      cause: error,
    });
  }
  if (NO_ROOM.test(text) || NO_PERMISSION.test(text)) return writeFault(error, path);
  return new HaetaeError('E_STORE_CORRUPT', `the store cannot be opened: ${firstLine(text)}`, {
    context: { path },
    remedy: 'check that the file is a Haetae store; if it was damaged, restore a backup',
    cause: error,
  });
}

/** DuckDB names the holder: "Conflicting lock is held in /usr/bin/node (PID 4711) by user alice." */
function lockedFault(text: string, path: string, cause: unknown): HaetaeError {
  const pid = /PID (\d+)/.exec(text)?.[1];
  const user = /by user ([^\s.]+)/.exec(text)?.[1];
  const holder =
    pid === undefined ? 'another process' : `process ${pid}${user === undefined ? '' : ` of user ${user}`}`;
  return new HaetaeError('E_STORE_LOCKED', `the store is in use by ${holder}`, {
    context: { path, ...(pid === undefined ? {} : { pid: Number(pid) }), ...(user === undefined ? {} : { user }) },
    remedy: 'wait until it has ended, end it, or name another store with --db',
    cause,
    retry: true,
  });
}

/** A write that failed: nothing of it is kept. Faults that are ours already pass through. */
export function writeFault(error: unknown, path: string): HaetaeError {
  if (error instanceof HaetaeError) return error;
  const text = messageOf(error);
  const details = { context: { path }, cause: error };
  const kept = 'nothing of this write was kept, and what was stored before is still there';
  if (NO_MEMORY.test(text)) {
    const remedy =
      'give the store more memory (memoryLimitMb), or room on the disk for its temporary files, and try again';
    return new HaetaeError('E_STORE_WRITE', `the store ran out of memory; ${kept}`, { ...details, remedy });
  }
  if (NO_ROOM.test(text)) {
    const remedy = 'free room on the disk (or raise the file size limit) and run the same command again';
    return new HaetaeError('E_STORE_WRITE', `the store could not be written: the disk is full; ${kept}`, {
      ...details,
      remedy,
      retry: true,
    });
  }
  if (NO_PERMISSION.test(text)) {
    const remedy = 'check who owns the file and its folder, or name another store with --db';
    return new HaetaeError('E_STORE_WRITE', `the store is not writable; ${kept}`, { ...details, remedy });
  }
  if (CORRUPT.test(text) && /IO Error|Fatal|Serialization/i.test(text)) return readFault(error, path);
  return new HaetaeError('E_STORE_WRITE', `the store could not be written: ${firstLine(text)}; ${kept}`, {
    ...details,
    remedy: 'try again; if it fails the same way, keep the message and report it',
  });
}

export function readFault(error: unknown, path: string): HaetaeError {
  if (error instanceof HaetaeError) return error;
  const text = messageOf(error);
  if (NO_MEMORY.test(text) || NO_ROOM.test(text)) {
    return new HaetaeError(
      'E_STORE_WRITE',
      'the store ran out of memory or of room for temporary files while reading',
      {
        context: { path },
        remedy: 'give the store more memory (memoryLimitMb) or free room on the disk beside it',
        cause: error,
      },
    );
  }
  return new HaetaeError('E_STORE_CORRUPT', `the store failed on read: ${firstLine(text)}`, {
    context: { path },
    remedy: 'restore a backup; if this happens again, keep the message and report it',
    cause: error,
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 300);
}
