/** A drill of a million transfers: planned, played and formatted to bytes, not written to a disk. */
import { createDrill, type DrillFile } from '../src/drill/drill.ts';
import { count, fastest, printFigure, printPeakMemory } from './_print.ts';

const SCALE = 1_000_000;
const NEWLINE = 10;

function megabytes(files: Iterable<DrillFile>): number {
  let bytes = 0;
  for (const { chunks } of files) for (const chunk of chunks) bytes += chunk.length;
  return bytes / 1e6;
}

function lines({ chunks }: DrillFile): number {
  let found = 0;
  for (const chunk of chunks) for (const byte of chunk) if (byte === NEWLINE) found += 1;
  return found;
}

const before = process.cpuUsage();
const { seconds, result: written } = fastest(2, () => megabytes(createDrill({ seed: 1, scale: SCALE }).files()));
const { user, system } = process.cpuUsage(before);
const drill = createDrill({ seed: 1, scale: SCALE });
const [transfers, utxo] = ['transfers.csv', 'bitcoin.txt'].map(
  (name) => [...drill.files()].find((file) => file.name === name)!,
);
const size = `${count(lines(transfers!) - 1)} transfers, ${count(lines(utxo!))} UTXO transactions, ${count(Math.round(written))} MB`;

printFigure({ name: 'drill, all files', value: seconds, unit: 's', size, limit: { atMost: 5 } });
printFigure({ name: 'drill, all files', value: written / seconds, unit: 'MB/s', size });
// On a busy machine the seconds are those of the queue for a processor; these are not.
printFigure({ name: 'drill, all files, processor time', value: (user + system) / 2e6, unit: 's', size });
const csvStart = performance.now();
const csv = megabytes([transfers!]);
const csvSeconds = (performance.now() - csvStart) / 1000;
printFigure({ name: 'drill, transfers.csv alone', value: csvSeconds, unit: 's', size: `${count(Math.round(csv))} MB` });
printPeakMemory();
