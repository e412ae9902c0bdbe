import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createDrill } from '../drill/drill.ts';
import { type Command, parseWords, type Terminal, terminalProgress, usageError } from './command.ts';

const usage = 'haetae drill --seed N --scale N --out DIR [--trace [--db FILE]]';

export const drill: Command = {
  usage,
  help: `Makes a simulated economy with thefts laundered by stages S1 to S8, and the truth beside it (docs/drill.md).
  --seed N    same seed and scale, same bytes (default 1)
  --scale N   background transfers, about (default 20000)
  --out DIR   where the files go
  --trace     imports it into the store and traces its thefts too`,
  run: runDrill,
};

async function runDrill(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(
    words,
    { seed: { type: 'string' }, scale: { type: 'string' }, out: { type: 'string' }, trace: { type: 'boolean' } },
    usage,
  );
  const folder = args.text('out');
  if (folder === undefined || args.words.length > 0) throw usageError('--out is needed', usage);
  const seed = args.whole('seed', 0, 2 ** 32 - 1) ?? 1;
  const scale = args.whole('scale', 100, 100_000_000) ?? 20_000;
  const names = await writeDrill(folder, seed, scale, terminal, args.flag('quiet'));
  terminal.out(
    `${folder}: ${names.join(', ')}\nSIMULATED: no real address, no real money (seed ${seed}, scale ${scale})\n`,
  );
  // The making of a drill alone must not pay for the database.
  if (args.flag('trace')) await (await import('./_drill-trace.ts')).traceDrill(folder, args, terminal);
}

/** Writes a drill's files and returns their names. */
export async function writeDrill(
  folder: string,
  seed: number,
  scale: number,
  terminal: Terminal,
  quiet: boolean,
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const progress = terminalProgress(terminal, quiet);
  const names: string[] = [];
  for (const file of createDrill({ seed, scale }).files()) {
    let bytes = 0;
    const counted = function* (): Generator<Uint8Array> {
      for (const chunk of file.chunks) {
        bytes += chunk.length;
        progress.report(`writing ${file.name}`, bytes, 0);
        yield chunk;
      }
    };
    await pipeline(Readable.from(counted()), createWriteStream(join(folder, file.name)));
    names.push(file.name);
  }
  progress.end();
  return names;
}
