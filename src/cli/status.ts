import { formatTime } from '../base/time.ts';
import { visibleText } from '../base/visible-text.ts';
import { refusedRows } from '../store/port.ts';
import { storePath, withStore } from './_store.ts';
import { type Command, parseWords, type Terminal } from './command.ts';

const usage = 'haetae status [--db FILE]';

export const status: Command = {
  usage,
  help: 'What the store holds: imports with their counts, labels and prices by list, cases.',
  run: runStatus,
};

async function runStatus(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(words, {}, usage);
  await withStore(args, terminal, async (store) => {
    const totals = await store.totals();
    const out = (line: string): void => terminal.out(`${visibleText(line)}\n`);
    out(storePath(args, terminal));
    out(
      `${totals.transfers} transfers, ${totals.utxoTransactions} UTXO transactions, ${totals.labels} labels, ${totals.cases} cases`,
    );
    for (const batch of await store.batches()) {
      const span =
        batch.firstTime === null
          ? ''
          : `, ${formatTime(batch.firstTime)} to ${formatTime(batch.lastTime ?? batch.firstTime)}`;
      const refused = refusedRows(batch);
      const files = batch.files.map((file) => file.name).join(', ');
      out(
        `  import ${batch.id} ${batch.preset} ${batch.chain} ${files}: ${batch.rowsRead} rows read, ${batch.rowsKept} movements kept, ${refused} rows refused${span}`,
      );
    }
    for (const list of await store.labelLists()) {
      out(
        `  labels ${list.source} ${list.listDate === null ? 'undated' : formatTime(list.listDate).slice(0, 10)} ${list.fileName}: ${list.entries}`,
      );
    }
    for (const list of await store.priceLists()) {
      out(`  prices ${list.source} ${list.firstDay} to ${list.lastDay} ${list.fileName}: ${list.prices}`);
    }
  });
}
