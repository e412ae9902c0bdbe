/**
 * Entities. Multi-input clustering over the columns of a UTXO chain, CoinJoin search included, beside a loop that only reads them; the
 * deposit heuristic over the columns of an account chain; then real CoinJoins, left out and not, and the deposit addresses of
 * a drill, whose truth is known. HAETAE_BENCH_INPUTS sets the size: 5,000,000 inputs and movements by default.
 */
import { join } from 'node:path';
import { SILENT } from '../src/base/progress.ts';
import { Clusters } from '../src/cluster/clusters.ts';
import { DEFAULT_SIZE_LIMIT } from '../src/cluster/guard.ts';
import { joinGroups } from '../src/cluster/multi-input.ts';
import { ACCOUNT_CHAIN, UTXO_CHAIN } from '../src/drill/asset.ts';
import { createDrill } from '../src/drill/drill.ts';
import { namesOf } from '../src/drill/name.ts';
import { rosterOf } from '../src/drill/roster.ts';
import { addressOf } from '../src/drill/witness.ts';
import { buildAccountEntities, DEFAULT_DEPOSIT_OPTIONS } from '../src/exposure/entity-account.ts';
import { sizesOf } from '../src/exposure/entity-index.ts';
import { findMixes, MIX_KINDS } from '../src/exposure/entity-mixes.ts';
import { type ServiceTable, serviceTable } from '../src/exposure/entity-services.ts';
import { SpendReader } from '../src/exposure/entity-spends.ts';
import { buildUtxoEntities } from '../src/exposure/entity-utxo.ts';
import { Uint32Column } from '../src/flow/column.ts';
import type { AccountFlow, UtxoFlow } from '../src/flow/flow.ts';
import { loadKernels } from '../src/flow/kernel-loader.ts';
import { accountFlowOf, utxoFlowOf } from '../src/flow/memory.ts';
import { parseLabelBytes } from '../src/label/open.ts';
import { requireChain } from '../src/model/chain.ts';
import type { Label } from '../src/model/label.ts';
import type { UtxoTransaction } from '../src/model/transfer.ts';
import { parseDumpling } from '../src/source/file/dumplings.ts';
import { openZip } from '../src/source/file/zip.ts';
import { depositChain, MAINS, walletChain } from './_entity-chains.ts';
import { count, fastest, printFigure, printPeakMemory } from './_print.ts';

const INPUTS = Number(process.env.HAETAE_BENCH_INPUTS ?? 5_000_000);
const kernels = await loadKernels();
const NOBODY = { services: new Uint32Array(0), sizeLimit: DEFAULT_SIZE_LIMIT };

function multiInput(): void {
  const flow = walletChain(INPUTS, Math.floor(INPUTS * 0.4));
  const inputs = flow.segments[0]!.inputs.length;
  const size = `${count(inputs)} inputs, ${count(flow.txCount)} transactions, ${count(flow.addresses.size)} addresses`;
  const read = fastest(3, () => {
    let sum = 0;
    for (const { owners } of new SpendReader(flow).range(0, flow.txCount)) for (const owner of owners) sum += owner;
    return sum;
  });
  const mixes = fastest(1, () => findMixes(flow, 0, flow.txCount));
  const joined = fastest(3, () => joinAll(flow, mixes.result.txs));
  const whole = fastest(1, () => buildUtxoEntities(flow, { kernels, ...NOBODY, progress: SILENT }));
  const figure = (name: string, seconds: number): void =>
    printFigure({
      name,
      value: inputs / seconds / 1e6,
      unit: 'M inputs/s',
      size,
      ratio: { to: 'reading the columns', value: read.seconds / seconds },
    });
  figure('owners of inputs, read only', read.seconds);
  figure('search for mixes', mixes.seconds);
  figure('guarded clusters of known mixes', joined.seconds);
  figure('entities from columns, all', whole.seconds);
  const { clusters } = whole.result;
  const more = fastest(1, () => {
    const earlier = { state: whole.result, same: flow.txCount, touched: [clusters.roots.length - 1] };
    return buildUtxoEntities(flow, { kernels, ...NOBODY, progress: SILENT }, earlier);
  });
  printFigure({ name: 'entities again, one label changed', value: more.seconds, unit: 's', size });
}

function joinAll(flow: UtxoFlow, mixes: Uint32Array): Uint32Array {
  const clusters = new Clusters(kernels, { members: flow.addresses.size, ...NOBODY });
  for (const spends of new SpendReader(flow).range(0, flow.txCount))
    clusters.run(joinGroups(spends, { mixes, open: [], only: null }));
  return clusters.save().roots;
}

function deposits(): void {
  const flow = depositChain(INPUTS, Math.floor(INPUTS / 10));
  const mains = new Map(Array.from({ length: MAINS }, (_, address) => [address, 1 + (address % 10)]));
  const services: ServiceTable = { ...serviceTable([], flow.addresses), mains };
  const { seconds, result } = fastest(1, () => accountEntities(flow, services));
  printFigure({
    name: 'deposit addresses',
    value: INPUTS / seconds / 1e6,
    unit: 'M movements/s',
    size: `${count(INPUTS)} movements, a fifth of them to ${MAINS} main addresses; ${count(result.deposits.count)} found`,
  });
}

function accountEntities(flow: AccountFlow, services: ServiceTable) {
  return buildAccountEntities(flow, {
    kernels,
    services,
    sizeLimit: DEFAULT_SIZE_LIMIT,
    rules: DEFAULT_DEPOSIT_OPTIONS,
    progress: SILENT,
  });
}

/** Every transaction of the public CoinJoin sets once. */
async function realTransactions(folder: string): Promise<UtxoTransaction[]> {
  const chain = requireChain('bitcoin');
  const found = new Map<string, UtxoTransaction>();
  for (const name of ['jm_202406', 'sw_202403', 'ww1_202405']) {
    const zip = await openZip(join(folder, 'coinjoin', `dumplings__${name}.zip`));
    for (const member of zip.members) {
      let text = '';
      for await (const chunk of await zip.read(member)) text += (chunk as Buffer).toString('latin1');
      for (const line of text.split('\n').filter((each) => each !== '')) {
        const tx = parseDumpling(line.trim(), chain, 2_000_000_000, { batch: 0, file: 0, row: 1 });
        if ('tx' in tx) found.set(tx.tx, tx);
      }
    }
    zip.close();
  }
  return [...found.values()];
}

/** CoinJoins of the drill, which follow no protocol: how many are left out, and how many other transactions with them. */
function drillMixes(made: ReturnType<typeof createDrill>): void {
  const all = [...made.utxoTransactions()];
  const mixed = new Map(all.map(({ transaction, coinJoin }) => [transaction.tx, coinJoin]));
  const transactions = all
    .map(({ transaction }) => transaction)
    .sort((a, b) => a.time - b.time || a.txIndex - b.txIndex);
  const flow = utxoFlowOf(UTXO_CHAIN, transactions);
  const { txs } = findMixes(flow, 0, flow.txCount);
  const right = txs.filter((tx) => mixed.get(transactions[tx]!.tx) === true).length;
  const truth = all.filter(({ coinJoin }) => coinJoin).length;
  const size = `drill ${SEED}: ${count(truth)} CoinJoins in ${count(all.length)} transactions, ${count(txs.length)} left out`;
  printFigure({ name: 'CoinJoins of a drill left out', value: (100 * right) / truth, unit: '%', size });
}

function realCoinJoins(transactions: readonly UtxoTransaction[]): void {
  const flow = utxoFlowOf(requireChain('bitcoin').id, transactions);
  const mixes = findMixes(flow, 0, flow.txCount);
  const kinds = MIX_KINDS.map((kind, at) => [kind, mixes.kinds.filter((each) => each === at).length] as const);
  const size = `${count(flow.txCount)} real transactions, ${count(flow.addresses.size)} addresses`;
  for (const [name, left] of [
    ['mixes left out', mixes.txs],
    ['mixes not left out', new Uint32Array(0)],
  ] as const) {
    const sizes = sizesOf(Uint32Column.of(joinAll(flow, left)));
    const several = sizes.filter((each) => each > 1);
    const largest = several.reduce((most, each) => Math.max(most, each), 0);
    const of = `${size}; ${count(several.length)} clusters`;
    printFigure({ name: `largest cluster, ${name}`, value: largest, unit: 'addresses', size: of });
  }
  const told = kinds.filter(([, each]) => each > 0).map(([kind, each]) => `${kind} ${count(each)}`);
  printFigure({ name: 'transactions left out', value: mixes.txs.length, unit: 'transactions', size: told.join(', ') });
}

const SEED = 11;
const SCALE = 100_000;

function drill(): void {
  const made = createDrill({ seed: SEED, scale: SCALE });
  drillMixes(made);
  const flow = accountFlowOf(ACCOUNT_CHAIN, [...made.transfers()]);
  const { deposits: found, clusters } = accountEntities(flow, serviceTable(drillLabels(made), flow.addresses));
  const names = namesOf(SEED);
  const { firstDeposit, persons } = rosterOf(SCALE);
  const truth = new Set(Array.from({ length: persons }, (_, at) => addressOf(names, firstDeposit + at)));
  for (const { exchanges } of made.truth.thefts)
    for (const { chain, addresses } of exchanges)
      if (chain === ACCOUNT_CHAIN) for (const each of addresses) truth.add(each);
  const used = [...truth].filter((address) => flow.addresses.find(address) >= 0);
  const right = [...found.address].filter((id) => truth.has(flow.addresses.text(id))).length;
  const size = `drill ${SEED}, ${count(SCALE)} movements: ${count(used.length)} deposit addresses, ${count(found.count)} found`;
  printFigure({ name: 'deposit addresses, precision', value: (100 * right) / found.count, unit: '%', size });
  printFigure({ name: 'deposit addresses, recall', value: (100 * right) / used.length, unit: '%', size });
  const owner = new Map(
    made.truth.thefts.flatMap(({ id, controlled }) => controlled.map(({ address }) => [address, id] as const)),
  );
  const joined = [...clusters.roots.entries()].filter(([id, root]) => id !== root);
  const same = joined.filter(([id, root]) => {
    const [a, b] = [owner.get(flow.addresses.text(id)), owner.get(flow.addresses.text(root))];
    return a !== undefined && a === b;
  });
  const of = `${count(joined.length)} addresses joined to another by one deposit address`;
  printFigure({ name: 'senders of one deposit address', value: same.length, unit: "one thief's", size: of });
}

function drillLabels(made: ReturnType<typeof createDrill>): Label[] {
  const file = [...made.files()].find(({ name }) => name === 'labels.csv')!;
  const bytes = Buffer.concat([...file.chunks]);
  return parseLabelBytes(bytes, file.name).lists.flatMap(({ list, entries }) =>
    entries.map((entry) => ({
      ...entry,
      list,
      firstListed: null,
      lastListed: null,
      endedBy: null,
      status: 'current' as const,
      caseFrom: null,
    })),
  );
}

multiInput();
deposits();
if (process.env.HAETAE_DATASETS === undefined) console.log('real CoinJoins: skipped, HAETAE_DATASETS is not set');
else realCoinJoins(await realTransactions(process.env.HAETAE_DATASETS));
drill();
printPeakMemory();
