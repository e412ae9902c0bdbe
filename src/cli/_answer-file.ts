import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { HaetaeError } from '../base/errors.ts';
import { type CsvRecord, CsvRecords, recordsOf } from './_csv-records.ts';

export interface AnswerFiles {
  readonly input: string;
  readonly output: string;
  /** First line of the output, as latin1. */
  readonly head: string;
  /** What the output answers: a run goes on only with the same. */
  readonly asked: string;
}

/**
 * Answers while they are written: OUT.part, which becomes OUT when the last row is there, and beside it what they answer (OUT.part.json). Rows go out
 * whole and at once, so that a run that is stopped leaves whole rows; what a power cut left of one is taken off.
 */
export class AnswerFile {
  readonly #output: string;
  readonly #fd: number;
  #at = 0;

  private constructor(output: string, fd: number) {
    this.#output = output;
    this.#fd = fd;
  }

  /** Throws E_USAGE where an unfinished run is in the way, E_FILE_WRITE. */
  static begin({ input, output, head, asked }: AnswerFiles): AnswerFile {
    const part = partOf(output);
    if ([output, part].some((path) => resolve(path) === resolve(input))) {
      throw new HaetaeError('E_USAGE', 'the answers cannot go into the file that is read', {
        context: { file: input },
        remedy: 'name another file with --out',
      });
    }
    if (existsSync(part)) {
      throw new HaetaeError('E_USAGE', 'a run that was stopped has left its rows here', {
        context: { file: part },
        remedy: 'go on with --resume, or remove that file to begin anew',
      });
    }
    return attempt(part, () => {
      writeFileSync(askedOf(output), asked);
      const file = new AnswerFile(output, openSync(part, 'wx'));
      file.write([head]);
      return file;
    });
  }

  /** Gives each row that is there. Throws E_NOT_FOUND where there is none to go on with, E_USAGE where it answers something else, E_FILE_WRITE. */
  static async resume(
    { input, output, head, asked }: AnswerFiles,
    each: (row: CsvRecord) => void,
  ): Promise<AnswerFile> {
    const part = partOf(output);
    if (!existsSync(part)) {
      throw new HaetaeError('E_NOT_FOUND', 'there is no stopped run to go on with', {
        context: { file: part },
        remedy: 'leave out --resume',
      });
    }
    const rows = new CsvRecords(part);
    let first = true;
    for await (const row of recordsOf(part, rows, { unclosed: 'leave' })) {
      if (!first) each(row);
      first = false;
    }
    const same = attempt(part, () => existsSync(askedOf(output)) && readFileSync(askedOf(output), 'utf8') === asked);
    if (!same) {
      throw new HaetaeError('E_USAGE', 'the run that was stopped read another file, or was asked otherwise', {
        context: { file: input, part },
        remedy: 'give the same file and options, or remove the unfinished file to begin anew',
      });
    }
    return attempt(part, () => {
      const file = new AnswerFile(output, openSync(part, 'r+'));
      ftruncateSync(file.#fd, rows.end);
      file.#at = rows.end;
      if (first) file.write([head]);
      return file;
    });
  }

  /** Whole lines, latin1. Throws E_FILE_WRITE. */
  write(lines: readonly string[]): void {
    const bytes = Buffer.from(`${lines.join('\n')}\n`, 'latin1');
    attempt(partOf(this.#output), () => {
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#at + done);
    });
    this.#at += bytes.length;
  }

  /** Throws E_FILE_WRITE. */
  finish(): void {
    attempt(this.#output, () => {
      fsyncSync(this.#fd);
      renameSync(partOf(this.#output), this.#output);
      rmSync(askedOf(this.#output), { force: true });
    });
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function partOf(output: string): string {
  return `${output}.part`;
}

function askedOf(output: string): string {
  return `${output}.part.json`;
}

function attempt<Result>(file: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new HaetaeError('E_FILE_WRITE', `the answers cannot be written: ${reason}`, {
      context: { file },
      remedy: 'check the folder, its permissions and the free space, then go on with --resume',
      cause,
    });
  }
}
