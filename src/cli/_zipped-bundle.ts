import { describeError, HaetaeError } from '../base/errors.ts';
import { type OpenZip, openZip, type ZipMember } from '../source/file/zip.ts';

/** Files of a bundle and its manifest. */
const MOST_FILES = 101;
const MOST_FILE_BYTES = 2 ** 31 - 1;
const MOST_BYTES = 2 ** 32;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** The files of a bundle out of one zip file. What is in them is not looked at. Throws E_BUNDLE. */
export async function readZippedBundle(path: string): Promise<Map<string, Uint8Array>> {
  const zip = await openZip(path).catch((cause: unknown) => {
    throw refused('the file is no zip that can be read', path, cause);
  });
  try {
    checkMembers(zip.members, path);
    const files = new Map<string, Uint8Array>();
    for (const member of zip.members) files.set(member.name, await readMember(zip, member));
    return files;
  } finally {
    zip.close();
  }
}

function checkMembers(members: readonly ZipMember[], path: string): void {
  if (members.length > MOST_FILES) throw refused(`the zip holds more than ${MOST_FILES} files`, path);
  const names = new Set<string>();
  let all = 0;
  for (const { name, bytes } of members) {
    if (!NAME.test(name)) throw refused('a file of the zip has a name that no bundle gives', name);
    if (names.has(name)) throw refused('the zip holds two files of one name', name);
    names.add(name);
    all += bytes;
    if (bytes > MOST_FILE_BYTES || all > MOST_BYTES) throw refused('the zip holds more than a bundle may', name);
  }
}

async function readMember(zip: OpenZip, member: ZipMember): Promise<Uint8Array> {
  try {
    const pieces: Buffer[] = [];
    for await (const piece of await zip.read(member)) pieces.push(piece as Buffer);
    return Buffer.concat(pieces);
  } catch (cause) {
    throw refused(`${member.name} cannot be read out of the zip`, member.name, cause);
  }
}

function refused(message: string, file: string, cause?: unknown): HaetaeError {
  const fault = cause === undefined ? {} : { fault: describeError(cause).slice(0, 200) };
  return new HaetaeError('E_BUNDLE', message, {
    context: { file, ...fault },
    remedy: 'give the zip as it was downloaded, or a folder with its files',
    cause,
  });
}
