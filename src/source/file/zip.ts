import type { Readable } from 'node:stream';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { readError } from './digest.ts';

export interface ZipMember {
  readonly name: string;
  readonly bytes: number;
  readonly packedBytes: number;
  readonly entry: Entry;
}

export interface OpenZip {
  /** Files, not folders, by name. */
  readonly members: readonly ZipMember[];
  read(member: ZipMember): Promise<Readable>;
  close(): void;
}

/** yauzl checks CRC and sizes while a member is read. Throws E_FILE_READ. */
export async function openZip(path: string): Promise<OpenZip> {
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true, autoClose: false, validateEntrySizes: true }, (error, opened) => {
      if (error === null) resolve(opened);
      else reject(readError(path, error, 'the .zip cannot be opened'));
    });
  });
  const entries = await listEntries(zip, path);
  const members = entries
    .filter((entry) => !entry.fileName.endsWith('/'))
    .map((entry) => ({ name: entry.fileName, bytes: entry.uncompressedSize, packedBytes: entry.compressedSize, entry }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    members,
    read: (member) =>
      new Promise((resolve, reject) => {
        zip.openReadStream(member.entry, (error, stream) => (error === null ? resolve(stream) : reject(error)));
      }),
    close: () => zip.close(),
  };
}

function listEntries(zip: ZipFile, path: string): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', (error: Error) => reject(readError(path, error, 'the .zip cannot be read')));
    zip.readEntry();
  });
}
