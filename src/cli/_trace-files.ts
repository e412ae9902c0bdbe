import { join } from 'node:path';
import type { Progress } from '../base/progress.ts';
import { readLabelFile } from '../label/open.ts';
import { saveLabelList } from '../label/save.ts';
import { summaryText } from '../report/terminal.ts';
import { readPriceFile } from '../source/file/price-file.ts';
import type { Store } from '../store/port.ts';
import { METHODS } from '../taint/engine.ts';
import { DEFAULT_TRACE_OPTIONS } from '../trace/options.ts';
import { runTrace } from '../trace/run.ts';
import type { TraceOutput } from '../trace/trace.ts';
import type { Terminal } from './command.ts';
import { importTransfers, loadText } from './import.ts';
import { readTheftInput } from './trace.ts';
import { VERSION } from './version.ts';

/** Everything that one case is made of, as files. */
export interface CaseSources {
  readonly imports: readonly {
    readonly files: string[];
    readonly preset: string;
    readonly chain?: string;
    readonly complete?: boolean;
  }[];
  readonly labels: readonly string[];
  /** Daily prices, for dollar values in the console. */
  readonly prices: readonly string[];
  readonly theft: string;
}

/** What `haetae drill` writes into a folder. */
export function drillSources(folder: string): CaseSources {
  return {
    imports: [
      { files: [join(folder, 'transfers.csv')], preset: 'haetae', complete: true },
      { files: [join(folder, 'bitcoin.txt')], preset: 'dumplings', chain: 'bitcoin-regtest', complete: true },
    ],
    labels: [join(folder, 'labels.csv')],
    prices: [],
    theft: join(folder, 'theft.yaml'),
  };
}

/** The files into the store, and their theft traced by every method; prints what it did and found. */
export async function traceFiles(
  store: Store,
  sources: CaseSources,
  terminal: Terminal,
  progress: Progress,
): Promise<TraceOutput> {
  for (const item of sources.imports) terminal.out(loadText(await importTransfers(store, item, terminal, progress)));
  for (const path of sources.labels) {
    const { lists } = await readLabelFile(path, {});
    for (const parsed of lists) await saveLabelList(store, parsed);
  }
  for (const path of sources.prices) {
    const { list, prices } = await readPriceFile(path, { now: terminal.now() });
    await store.savePrices(list, prices);
  }
  const input = await readTheftInput(sources.theft);
  const options = { ...DEFAULT_TRACE_OPTIONS, methods: Object.keys(METHODS) };
  const output = await runTrace(store, input, options, { version: VERSION, now: terminal.now() }, progress);
  terminal.tell?.({ kind: 'case', id: output.result.case });
  terminal.out(`\n${summaryText(output.result, { width: terminal.columns, color: terminal.color })}`);
  return output;
}
