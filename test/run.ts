/**
 * Every suite in one process: `node dist/test/run.js [--slow] [name part …]`.
 * A suite is a compiled *.test.js (beside its source, or under test/); *.slow.test.js run with --slow only.
 */
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const distFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const words = process.argv.slice(2);
const slow = words.includes('--slow');
const parts = words.filter((word) => !word.startsWith('--'));

const suites = ['src', 'test', 'web']
  .flatMap((folder) =>
    readdirSync(join(distFolder, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  .filter((name) => name.endsWith('.test.js') && name.endsWith('.slow.test.js') === slow)
  .filter((name) => parts.length === 0 || parts.some((part) => name.includes(part)))
  .sort();

for (const suite of suites) await import(pathToFileURL(join(distFolder, suite)).href);
