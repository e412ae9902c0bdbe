import { join } from 'node:path';
import { openStore } from '../../src/store/open.ts';
import type { StoredCase } from '../../src/store/port.ts';
import { datasetPath, ROOT, type Workplace } from '../e2e/_cli.ts';

export const ronin = datasetPath('ronin');

/** A drill of both models of chains, traced by every method, as a person would do it. */
export async function traceDrill(work: Workplace, seed: number, scale: number): Promise<void> {
  const drill = work.path('drill');
  await work.ok('drill', '--seed', `${seed}`, '--scale', `${scale}`, '--out', drill);
  await work.ok('import', 'transfers', join(drill, 'transfers.csv'), '--preset', 'haetae', '--complete');
  const bitcoin = ['--preset', 'dumplings', '--chain', 'bitcoin-regtest', '--complete'];
  await work.ok('import', 'transfers', join(drill, 'bitcoin.txt'), ...bitcoin);
  await work.ok('import', 'labels', join(drill, 'labels.csv'));
  await work.ok('trace', join(drill, 'theft.yaml'), '--all');
}

export async function traceRonin(work: Workplace): Promise<void> {
  await work.ok('import', 'transfers', join(ronin.path, 'transfers.csv'), '--preset', 'ronin');
  await work.ok('trace', join(ROOT, 'examples', 'ronin.theft.yaml'), '--all');
}

/** The one case of a store that nobody has open. */
export async function onlyCase(work: Workplace): Promise<StoredCase> {
  const store = await openStore({ path: work.db });
  try {
    const [summary] = await store.cases();
    return (await store.loadCase(summary!.id))!;
  } finally {
    await store.close();
  }
}
