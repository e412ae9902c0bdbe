import { writeFile } from 'node:fs/promises';
import { writeBackup } from '../manifest.ts';
import type { BackupManifest, StoreTotals } from '../port.ts';

const DATA_NAME = 'store.jsonl';

/** Everything kept, one JSON object a line; amounts and blocks as decimal text, case files in base64. It is for reading, not for `restore`. */
export function backupLines(
  folder: string,
  lines: Iterable<readonly [kind: string, value: unknown]>,
  totals: StoreTotals,
): Promise<BackupManifest> {
  return writeBackup(folder, DATA_NAME, async (path) => {
    const text = Array.from(lines, ([kind, value]) => `${JSON.stringify({ kind, value }, plain)}\n`);
    await writeFile(path, text.join(''), { mode: 0o600 });
    return totals;
  });
}

function plain(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value;
}
