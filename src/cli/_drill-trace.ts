import { withStore } from './_store.ts';
import { drillSources, traceFiles } from './_trace-files.ts';
import type { Arguments, Terminal } from './command.ts';

/** The files of a drill into the store, and its thefts traced by every method. */
export function traceDrill(folder: string, args: Arguments, terminal: Terminal): Promise<void> {
  return withStore(
    args,
    terminal,
    async (store, progress) => {
      const { result } = await traceFiles(store, drillSources(folder), terminal, progress);
      terminal.out(`\nCase ${result.case} kept. SIMULATED: no real address, no real money.\n`);
    },
    'create',
  );
}
