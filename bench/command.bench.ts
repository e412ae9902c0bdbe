/** Whole commands as a user runs them: start of the program, and Ronin from import to report. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fastest, printFigure } from './_print.ts';

const MAIN = join(dirname(fileURLToPath(import.meta.url)), '../src/main.js');
const folder = mkdtempSync(join(tmpdir(), 'haetae-bench-'));

function run(...words: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, ...words], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

const bare = fastest(10, () => spawnSync(process.execPath, ['-e', '0'])).seconds;
const help = fastest(10, () => run('--help')).seconds;
printFigure({
  name: 'haetae --help',
  value: help * 1000,
  unit: 'ms',
  size: 'best of 10',
  limit: { atMost: 150 },
  ratio: { to: 'node -e 0', value: help / bare },
});
const datasets = process.env.HAETAE_DATASETS;
if (datasets === undefined || !existsSync(join(datasets, 'ronin', 'transfers.csv'))) {
  console.log('Ronin skipped: HAETAE_DATASETS holds no ronin set');
} else {
  const ronin = fastest(3, () => {
    rmSync(join(folder, 'out'), { recursive: true, force: true });
    run('start', '--out', join(folder, 'out'), '--quiet');
  }).seconds;
  const size = '436 rows, 8 methods, 2 thefts, labels, HTML report; new store each time, best of 3';
  printFigure({
    name: 'Ronin, import to report',
    value: ronin,
    unit: 's',
    size,
    limit: { atMost: 3 },
    ratio: { to: 'haetae --help', value: ronin / help },
  });
}
rmSync(folder, { recursive: true, force: true });
