import { formatTime } from '../base/time.ts';
import { storePath, withStore } from './_store.ts';
import { type Command, parseWords, type Terminal } from './command.ts';

const usage = 'haetae status [--db FILE]';

export const status: Command = {
  usage,
  help: 'What the store holds: imports with their counts, labels by list, cases.',
  run: runStatus,
};

async function runStatus(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(words, {}, usage);
  await withStore(args, terminal, async (store) => {
    const totals = await store.totals();
    terminal.out(`${storePath(args, terminal)}\n`);
    terminal.out(
      `${totals.transfers} transfers, ${totals.utxoTransactions} UTXO transactions, ${totals.labels} labels, ${totals.cases} cases\n`,
    );
    for (const batch of await store.batches()) {
      const span =
        batch.firstTime === null
          ? ''
          : `, ${formatTime(batch.firstTime)} to ${formatTime(batch.lastTime ?? batch.firstTime)}`;
      const refused = Object.values(batch.refused).reduce((sum, count) => sum + count, 0);
      const files = batch.files.map((file) => file.name).join(', ');
      terminal.out(
        `  import ${batch.id} ${batch.preset} ${batch.chain} ${files}: ${batch.rowsKept} of ${batch.rowsRead} rows kept, ${refused} refused${span}\n`,
      );
    }
    for (const list of await store.labelLists()) {
      terminal.out(
        `  labels ${list.source} ${list.listDate === null ? 'undated' : formatTime(list.listDate).slice(0, 10)} ${list.fileName}: ${list.entries}\n`,
      );
    }
  });
}
