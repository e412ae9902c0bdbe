/**
 * Every suite, some processes side by side: `node dist/test/run.js [--slow] [name part …]`.
 * A suite is a compiled *.test.js (beside its source, or under test/); *.slow.test.js run with --slow only.
 * HAETAE_SEED: what properties are drawn by; see seed.ts.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The longest come first. Walks in the browser go one after the other: two at a time would wait for each other. */
const FIRST = ['test/console', 'test/e2e', 'test/live'];
/** Suites that wait for nodes and commands: each is a process of its own. */
const ALONE = ['test/e2e', 'test/live', 'test/kill'];
const MOST_AT_ONCE = 4;

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
if (suites.length === 0) throw new Error(`no suite has ${parts.join(' or ')} in its name`);

const folderOf = (suite: string): string => suite.split('/').slice(0, 2).join('/');
const rankOf = (suite: string): number => {
  const at = FIRST.indexOf(folderOf(suite));
  return at < 0 ? FIRST.length : at;
};
const groups = new Map<string, string[]>();
for (const suite of suites.toSorted((a, b) => rankOf(a) - rankOf(b))) {
  const name = ALONE.includes(folderOf(suite)) ? suite : folderOf(suite);
  groups.set(name, [...(groups.get(name) ?? []), suite]);
}

const folder = mkdtempSync(join(tmpdir(), 'haetae-tests-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const files = [...groups.values()].map((group, at) => {
  const path = join(folder, `${at}.mjs`);
  const modules = ['test/seed.js', ...group].map((name) => pathToFileURL(join(distFolder, name)).href);
  writeFileSync(path, modules.map((url) => `await import(${JSON.stringify(url)});\n`).join(''));
  return path;
});

const tests = run({ files, concurrency: Math.min(MOST_AT_ONCE, availableParallelism()) });
tests.on('test:fail', ({ todo }) => {
  if (todo === undefined) process.exitCode = 1;
});
tests.on('test:pass', ({ name }) => {
  const at = files.indexOf(name);
  if (at < 0) return;
  console.error(`no test ran in ${[...groups.keys()][at]}`);
  process.exitCode = 1;
});
tests.compose(new spec()).pipe(process.stdout);
