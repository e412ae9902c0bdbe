/**
 * `node dist/bench/run.js [name part …]`: every *.bench.js beside this file, one after the other, each in a process of its
 * own so that its memory is its own. Ends with 1 where a bench failed to run; a limit missed is printed, not an error.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const parts = process.argv.slice(2);
const benches = readdirSync(folder)
  .filter((name) => name.endsWith('.bench.js'))
  .filter((name) => parts.length === 0 || parts.some((part) => name.includes(part)))
  .sort();

if (benches.length === 0) {
  console.error(`no bench has ${parts.join(' or ')} in its name`);
  process.exitCode = 2;
}
const processors = cpus();
const gigabytes = (totalmem() / 1e9).toFixed(0);
console.log(
  `node ${process.version}, ${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}, ${gigabytes} GB`,
);
for (const name of benches) {
  console.log(`\n${name.replace('.bench.js', '')}`);
  const { status, signal } = spawnSync(process.execPath, [join(folder, name)], { stdio: 'inherit' });
  if (status === 0) continue;
  console.error(`${name} failed (${signal ?? `exit code ${status}`})`);
  process.exitCode = 1;
}
