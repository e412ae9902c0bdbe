import type { Progress } from '../base/progress.ts';
import type { EntityReport } from '../exposure/entity-report.ts';
import type { Store } from '../store/port.ts';
import { entityJson, entityText } from './_entity-text.ts';
import { storePath, withStore } from './_store.ts';
import { type Arguments, type Command, parseWords, type Terminal, usageError } from './command.ts';

const usage = 'haetae entity ADDRESS [--chain ID] [--limit N] [--json] [--db FILE] [--quiet]';

const DEFAULT_LIMIT = 10;
const MOST = 100_000;

export const entity: Command = {
  usage,
  help: `Which addresses belong to one owner, what says so, and what was not believed: members, labels with source and dates, the transactions that joined
them, addresses that may have taken change (never joined), deposit addresses with their confidence, and unions that the collapse guard refused.
Entities are kept beside the store and brought up to date when transfers or labels have changed.

  --chain ID   the chain: CAIP-2 id or name; needed only where several chains hold the address
  --limit N    so many lines of each list (default ${DEFAULT_LIMIT}); the rest is counted
  --json       prints one JSON object

docs/entities.md says how addresses are joined and how wrong each rule can be.`,
  run: runEntity,
};

async function runEntity(words: string[], terminal: Terminal): Promise<void> {
  const options = { chain: { type: 'string' }, limit: { type: 'string' }, json: { type: 'boolean' } } as const;
  const args = parseWords(words, options, usage);
  const [address, ...rest] = args.words;
  if (address === undefined || rest.length > 0) throw usageError('one address is needed', usage);
  const limit = args.whole('limit', 1, MOST) ?? DEFAULT_LIMIT;
  const report = await withStore(args, terminal, (store, progress) =>
    reportOf({ store, progress, database: storePath(args, terminal) }, args, address, limit),
  );
  terminal.out(args.flag('json') ? entityJson(report) : entityText(report));
}

interface Place {
  readonly store: Store;
  readonly progress: Progress;
  readonly database: string;
}

async function reportOf(
  { store, progress, database }: Place,
  args: Arguments,
  text: string,
  limit: number,
): Promise<EntityReport> {
  const { findChain } = await import('./_find-chain.ts');
  const { openEntities } = await import('../exposure/entity-open.ts');
  const { entityFolder } = await import('../exposure/entity-files.ts');
  const { reportEntity } = await import('../exposure/entity-report.ts');
  const { chain, id } = await findChain(store, database, args.text('chain'), text);
  try {
    const { flow, parts } = chain;
    const folder = parts === null ? null : entityFolder(database, flow.chain);
    const index = await openEntities({ store, flow, parts: parts ?? [], folder, progress });
    try {
      return await reportEntity({ store, flow, index, address: id, limit });
    } finally {
      index.close();
    }
  } finally {
    chain.close();
  }
}
