import { ZipFile } from 'yazl';
import { MANIFEST, sealBundle } from '../../trace/bundle.ts';

/**
 * The evidence bundle as one zip file, in pieces. Entries are stored as they are, in order of name, and all dated alike: the same case gives the same
 * bytes on any machine. A date of local time without the field that adds its UTC, because DOS dates know no time zone.
 */
export function bundleZip(caseId: string, files: ReadonlyMap<string, Uint8Array>): AsyncIterable<Uint8Array> {
  const { manifest } = sealBundle(caseId, files);
  const all = [...files, [MANIFEST, manifest] as const].sort(([a], [b]) => (a < b ? -1 : 1));
  const zip = new ZipFile();
  const options = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true, mode: 0o100644, compress: false };
  for (const [name, bytes] of all) {
    zip.addBuffer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), name, options);
  }
  zip.end();
  return zip.outputStream as unknown as AsyncIterable<Uint8Array>;
}
