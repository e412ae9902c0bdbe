/**
 * Recall and false alarms of the CoinJoin detectors on the real transactions of the data set, beside BlockSci's rule and a naive one; false
 * alarms on a real block and on generated withdrawals; speed of both forms. The files' labels are the output of a scanner, not the truth:
 * each figure stands first as the files have it, then with what the transactions themselves show.
 */
import { createHash } from 'node:crypto';
import { seededRandom } from '../src/base/random.ts';
import { type CoinJoin, type CoinJoinInput, coinJoinOf, coinJoinOfColumns } from '../src/detect/coinjoin.ts';
import type { UtxoTransaction } from '../src/model/transfer.ts';
import { gatherColumns } from './_coinjoin-columns.ts';
import { PAYOUT_STYLES, payout, realBlock, withGuessedInputs } from './_coinjoin-ordinary.ts';
import {
  blockSciRule,
  type CoinJoinSet,
  hasDataOutput,
  naiveRule,
  POST_MIX_FILES,
  postMixOutside,
  readCoinJoinSet,
  whyUnlisted,
} from './_coinjoin-set.ts';
import { count, fastest, type Limit, printFigure, printPeakMemory } from './_print.ts';

type Txs = readonly UtxoTransaction[];
type Test = (tx: UtxoTransaction) => boolean;

const isMix: Test = (tx) => coinJoinOf(tx)?.mix === true;
const isKind =
  (...kinds: CoinJoin['kind'][]): Test =>
  (tx) =>
    kinds.some((kind) => kind === coinJoinOf(tx)?.kind);

function share(name: string, txs: Txs, test: Test, limit?: Limit): void {
  const hits = txs.filter(test).length;
  const value = (100 * hits) / txs.length;
  printFigure({
    name,
    value,
    unit: '%',
    size: `${count(hits)} of ${count(txs.length)}`,
    ...(limit ? { limit } : {}),
  });
}

/** A set's halves by a hash of the id, so that a figure that hangs on a few transactions shows. */
function halves(name: string, txs: Txs, test: Test): void {
  const first = (tx: UtxoTransaction) => createHash('sha256').update(tx.tx).digest()[0]! < 128;
  share(`  ${name}, half a`, txs.filter(first), test);
  share(
    `  ${name}, half b`,
    txs.filter((tx) => !first(tx)),
    test,
  );
}

function recall(set: CoinJoinSet): void {
  console.log('recall, as the files have it');
  share('Whirlpool', set.SamouraiCoinJoins, isKind('whirlpool'), { atLeast: 99.5 });
  share('Wasabi 1, judged a mix', set.WasabiCoinJoins, isMix, { atLeast: 99.5 });
  share('  judged Wasabi 1', set.WasabiCoinJoins, isKind('wasabi1'));
  share('  judged JoinMarket', set.WasabiCoinJoins, isKind('joinmarket'));
  halves('Wasabi 1', set.WasabiCoinJoins, isMix);
  share('JoinMarket-like, judged a mix', set.OtherCoinJoins, isMix, { atLeast: 85 });
  halves('JoinMarket-like', set.OtherCoinJoins, isMix);
  share('  judged a mix or joint', set.OtherCoinJoins, isKind('joinmarket', 'joint'));
  share('Tx0', set.SamouraiTx0s, isKind('tx0'), { atLeast: 99 });
  console.log('recall, of what the transactions show');
  share('Tx0 with a data output', set.SamouraiTx0s.filter(hasDataOutput), isKind('tx0'), { atLeast: 99 });
  const five = set.OtherCoinJoins.filter(mayBeJoinMarket);
  share('JoinMarket of five and more', five, isKind('joinmarket'), { atLeast: 85 });
  console.log('Wasabi 2: not measured (the set has no file of it)');
}

/** What can be JoinMarket at all by its own constants: five equal amounts of 27,300 satoshi and more, no address paid that pays. */
function mayBeJoinMarket({ inputs, outputs }: UtxoTransaction): boolean {
  const counts = new Map<bigint, number>();
  for (const { value } of outputs) counts.set(value, (counts.get(value) ?? 0) + 1);
  const paying = new Set(inputs.map(({ address }) => address));
  const fresh = outputs.every(({ address }) => !paying.has(address));
  return fresh && [...counts].some(([value, times]) => times >= 5 && value >= 27_300n);
}

function falseAlarms(set: CoinJoinSet): void {
  console.log('false alarms, as the files have it');
  share('Tx0 judged a mix', set.SamouraiTx0s, isMix, { atMost: 1 });
  share(
    'post-mix, all, judged a mix',
    POST_MIX_FILES.flatMap((file) => set[file]),
    isMix,
  );
  const outside = POST_MIX_FILES.map((file) => postMixOutside(set, file));
  share('post-mix in no other file', outside.flat(), isMix, { atMost: 2 });
  for (const [at, file] of POST_MIX_FILES.entries()) share(`  ${file}`, outside[at]!, isMix);
  share('  judged joint (no mix)', outside.flat(), isKind('joint'));
  console.log('false alarms, of what the transactions show');
  share('Tx0 with a data output, a mix', set.SamouraiTx0s.filter(hasDataOutput), isMix, { atMost: 1 });
  share('  judged joint (no mix)', set.SamouraiTx0s.filter(hasDataOutput), isKind('joint'));
  share('post-mix, not explained', outside.flat(), (tx) => explained(tx) === null, { atMost: 2 });
  const reasons = new Map<string, number>();
  for (const tx of [...outside.flat(), ...set.SamouraiTx0s]) {
    const why = explained(tx);
    if (why !== null && why !== '') reasons.set(why, (reasons.get(why) ?? 0) + 1);
  }
  for (const [why, times] of reasons) console.log(`  ${count(times)} × ${why}`);
}

/** '' where it is judged no mix, null where nothing explains why the files do not list it. */
function explained(tx: UtxoTransaction): string | null {
  const found = coinJoinOf(tx);
  return found?.mix === true ? whyUnlisted(tx, found) : '';
}

function peers(set: CoinJoinSet): void {
  for (const [name, rule] of [
    ['BlockSci', blockSciRule],
    ['naive', naiveRule],
  ] as const) {
    console.log(`peer: ${name}`);
    share('Whirlpool', set.SamouraiCoinJoins, rule);
    share('Wasabi 1', set.WasabiCoinJoins, rule);
    share('JoinMarket-like', set.OtherCoinJoins, rule);
    share('Tx0 judged a mix', set.SamouraiTx0s, rule);
    share('Tx0 with a data output, a mix', set.SamouraiTx0s.filter(hasDataOutput), rule);
    const outside = POST_MIX_FILES.map((file) => postMixOutside(set, file));
    share('post-mix in no other file', outside.flat(), rule);
    for (const [at, file] of POST_MIX_FILES.entries()) share(`  ${file}`, outside[at]!, rule);
  }
}

const PAYOUTS = 5_000;

function ordinary(): readonly CoinJoinInput[] {
  console.log('false alarms on ordinary transactions');
  const block = realBlock().slice(1).map(withGuessedInputs);
  printKinds('block 357238, inputs guessed', block);
  for (const style of PAYOUT_STYLES) {
    const random = seededRandom(4);
    printKinds(
      `payouts: ${style}`,
      Array.from({ length: PAYOUTS }, () => payout(random, style)),
    );
  }
  return block;
}

function printKinds(name: string, txs: readonly CoinJoinInput[]): void {
  const found = txs.map(coinJoinOf).filter((result) => result !== null);
  const kinds = new Map<string, number>();
  for (const { kind } of found) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  const words = [...kinds].map(([kind, times]) => `${count(times)} ${kind}`).join(', ');
  const mixes = found.filter(({ mix }) => mix).length;
  printFigure({
    name,
    value: (100 * mixes) / txs.length,
    unit: '% a mix',
    size: `${count(txs.length)}${words === '' ? '' : `; ${words}`}`,
  });
}

function speed(name: string, txs: readonly CoinJoinInput[]): void {
  const times = Math.ceil(60_000 / txs.length);
  const repeated = Array.from({ length: times }, () => txs).flat();
  const size = `${count(repeated.length)} transactions (${count(txs.length)}, ${times} times)`;
  const plain = fastest(3, () => repeated.reduce((sum, { outputs }) => sum + outputs.length, 0)).seconds;
  const objects = fastest(3, () => repeated.filter((tx) => coinJoinOf(tx) !== null).length);
  const { columns, ranges } = gatherColumns(repeated);
  const inColumns = fastest(3, () => ranges.filter((range) => coinJoinOfColumns(columns, range) !== null).length);
  const rate = (seconds: number) => repeated.length / seconds / 1e6;
  const ratio = { to: 'a loop that counts ends', value: plain / objects.seconds };
  printFigure({ name: `${name}: objects`, value: rate(objects.seconds), unit: 'M tx/s', size, ratio });
  const toObjects = { to: 'objects', value: objects.seconds / inColumns.seconds };
  printFigure({ name: `${name}: columns`, value: rate(inColumns.seconds), unit: 'M tx/s', size, ratio: toObjects });
}

const block = ordinary();
speed('a real block', block);
const datasets = process.env.HAETAE_DATASETS;
if (datasets === undefined)
  console.log('HAETAE_DATASETS is not set: recall and false alarms on real mixes are not measured');
else {
  const set = await readCoinJoinSet(datasets);
  console.log('real transactions: crocs-muni/pets26_coinjoin_analysis, MIT');
  recall(set);
  falseAlarms(set);
  peers(set);
  speed('the data set', Object.values(set).flat());
}
printPeakMemory();
