import { resolve } from 'node:path';
import { requireNoServer, storePath, withStore } from './_store.ts';
import { type Command, parseWords, type Terminal, usageError } from './command.ts';

const backupUsage = 'haetae backup FOLDER [--db FILE]';
const restoreUsage = 'haetae restore FOLDER [--db FILE] [--replace]';

export const backup: Command = {
  usage: backupUsage,
  help: 'Copies everything kept (transfers, labels, cases) into a new folder, with SHA-256 and counts in manifest.json.',
  run: runBackup,
};

export const restore: Command = {
  usage: restoreUsage,
  help: 'Checks a backup against its manifest and puts it in the place of the store. An existing store is kept unless --replace is given.',
  run: runRestore,
};

async function runBackup(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(words, {}, backupUsage);
  const [folder] = args.words;
  if (folder === undefined) throw usageError('a folder is needed', backupUsage);
  const manifest = await withStore(args, terminal, (store, progress) => store.backup(resolve(folder), progress));
  terminal.out(
    `${resolve(folder)}\n${manifest.totals.transfers} transfers, ${manifest.totals.utxoTransactions} UTXO transactions, `,
  );
  terminal.out(`${manifest.totals.labels} labels, ${manifest.totals.cases} cases\n`);
}

async function runRestore(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(words, { replace: { type: 'boolean' } }, restoreUsage);
  const [folder] = args.words;
  if (folder === undefined) throw usageError('a folder is needed', restoreUsage);
  const { restoreBackup } = await import('../store/duckdb/restore.ts');
  const target = storePath(args, terminal);
  await requireNoServer(target);
  await restoreBackup(resolve(folder), target, { replace: args.flag('replace') });
  terminal.out(`${target}\n`);
}
