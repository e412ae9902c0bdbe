import { seededRandom } from '../base/random.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import { TRANSFER_KINDS } from '../model/transfer.ts';
import { ascii } from './ascii.ts';
import { ACCOUNT_CHAIN, ASSETS, baseUnits } from './asset.ts';
import { CsvWriter, TRANSFER_HEADER } from './csv.ts';
import { planDecoys } from './decoy.ts';
import { DumplingsWriter, scriptAddress, utxoTransaction } from './dumplings.ts';
import { Economy } from './economy.ts';
import { mix32, type Names, namesOf } from './name.ts';
import { Plan } from './plan.ts';
import { Prices } from './price.ts';
import { rosterOf } from './roster.ts';
import type { RowBatch } from './row.ts';
import { assetsFile, labelsFile, linkLines, noticeFile, theftFile, truthLines } from './side-file.ts';
import { testify } from './testify.ts';
import { type PlannedTheft, planHeists, planTheft, planUtxoTheft } from './theft.ts';
import type { DrillTruth } from './truth.ts';
import { UtxoEconomy } from './utxo-economy.ts';
import { UtxoPlan } from './utxo-plan.ts';
import { addressOf, type Scene } from './witness.ts';

export interface DrillOptions {
  /** Any whole number; only its low 32 bits count. */
  readonly seed: number;
  /** Honest rows on the account chain, about; from 100. The thefts come on top: 2 at first, at most 10. */
  readonly scale: number;
}

export interface DrillFile {
  readonly name: string;
  /** ASCII bytes; each chunk has memory of its own. Every iteration makes the same bytes anew. */
  readonly chunks: Iterable<Uint8Array>;
}

/** A UTXO transaction with what a detector of CoinJoins wants to know about it. */
export interface DrillUtxo {
  readonly transaction: UtxoTransaction;
  readonly coinJoin: boolean;
}

/** A simulated economy with thefts whose truth is known. Same seed and scale, same bytes. */
export interface Drill extends DrillOptions {
  readonly truth: DrillTruth;
  /** All files of a drill, to be written in any order. */
  files(): Iterable<DrillFile>;
  /** The rows of transfers.csv as the importer makes them, in order. */
  transfers(): Iterable<Transfer>;
  /** The lines of bitcoin.txt as the importer makes them, in order. */
  utxoTransactions(): Iterable<DrillUtxo>;
}

export const SMALLEST_SCALE = 100;

export function createDrill(options: DrillOptions): Drill {
  const seed = options.seed >>> 0;
  const scale = Math.max(SMALLEST_SCALE, Math.floor(options.scale));
  const names = namesOf(seed);
  const plan = new Plan(rosterOf(scale), new Prices(stream(seed, 1)));
  const coins = new UtxoPlan(stream(seed, 2));
  const thefts: PlannedTheft[] = [];
  for (const heist of planHeists(scale, stream(seed, 3), plan, coins)) {
    thefts.push(planTheft(heist, heist.theft % 2 === 1 ? thefts[heist.theft - 1]! : null));
  }
  const decoys = planDecoys(scale, stream(seed, 4), plan, coins);
  coins.settle();
  for (const theft of thefts) planUtxoTheft(theft);
  const scene = { names, plan, coins, scriptAddress: remembered((script) => scriptAddress(names, script)) };
  let known: DrillTruth | null = null;
  const truth = (): DrillTruth => (known ??= testify(scene, { seed, scale }, thefts, decoys));
  const rows = (): Iterable<RowBatch> => new Economy(plan, scale, stream(seed, 5)).batches();
  const utxos = (): UtxoEconomy => new UtxoEconomy(coins, Math.max(60, Math.floor(scale / 25)), stream(seed, 6));
  return {
    seed,
    scale,
    get truth() {
      return truth();
    },
    files: () => filesOf(scene, truth(), rows, utxos),
    transfers: () => transfersOf(names, rows()),
    *utxoTransactions() {
      let row = 0;
      for (const tx of utxos().run()) yield { transaction: utxoTransaction(tx, names, ++row), coinJoin: tx.coinJoin };
    },
  };
}

function remembered(make: (id: number) => string): (id: number) => string {
  const made = new Map<number, string>();
  return (id) => {
    const found = made.get(id) ?? make(id);
    made.set(id, found);
    return found;
  };
}

/** Independent random numbers for each part of the drill: one part drawing more leaves the others as they are. */
function stream(seed: number, part: number): ReturnType<typeof seededRandom> {
  return seededRandom(mix32(seed + Math.imul(part, 0x632be5ab)));
}

function* filesOf(
  scene: Scene,
  truth: DrillTruth,
  rows: () => Iterable<RowBatch>,
  utxos: () => UtxoEconomy,
): Iterable<DrillFile> {
  const { names, plan, coins } = scene;
  const actors = plan.roster.firstPlanned + plan.actors.length;
  yield text('SIMULATED.txt', noticeFile(truth));
  yield text('assets.csv', assetsFile());
  yield text('labels.csv', labelsFile(names, coins));
  for (const theft of truth.thefts) {
    yield text(theft.file, theftFile(theft.title, [theft]));
    const links = linkLines(truth, theft.id);
    yield text(theft.file.replace('.yaml', '-linked.yaml'), theftFile(theft.title, [theft], links));
  }
  const [first] = truth.thefts;
  if (first !== undefined) yield text('theft.yaml', theftFile(first.title, [first], linkLines(truth, first.id)));
  yield text('theft-all.yaml', theftFile('All thefts of the drill (simulated)', truth.thefts));
  yield { name: 'truth.json', chunks: repeatable(() => truthChunks(truth)) };
  yield { name: 'transfers.csv', chunks: repeatable(() => csvChunks(names, actors, rows())) };
  yield { name: 'bitcoin.txt', chunks: repeatable(() => lineChunks(names, utxos())) };
}

function text(name: string, content: string): DrillFile {
  return { name, chunks: [ascii(content)] };
}

function repeatable<T>(make: () => Iterator<T>): Iterable<T> {
  return { [Symbol.iterator]: make };
}

function* truthChunks(truth: DrillTruth): Generator<Uint8Array> {
  for (const lines of truthLines(truth)) yield ascii(lines);
}

function* csvChunks(names: Names, actors: number, rows: Iterable<RowBatch>): Generator<Uint8Array> {
  const writer = new CsvWriter(names, actors);
  yield ascii(TRANSFER_HEADER);
  for (const batch of rows) yield writer.write(batch);
}

function* lineChunks(names: Names, utxos: UtxoEconomy): Generator<Uint8Array> {
  const writer = new DumplingsWriter(names);
  for (const tx of utxos.run()) {
    const chunk = writer.write(tx);
    if (chunk !== null) yield chunk;
  }
  yield writer.close();
}

function* transfersOf(names: Names, rows: Iterable<RowBatch>): Generator<Transfer> {
  let number = 0;
  for (const batch of rows) {
    for (let row = 0; row < batch.count; row++) {
      const asset = batch.asset[row]!;
      yield {
        chain: ACCOUNT_CHAIN,
        time: batch.time[row]!,
        block: BigInt(batch.block[row]!),
        txIndex: batch.txIndex[row]!,
        leg: batch.leg[row]!,
        tx: `0x${names.tx.hex(batch.tx[row]!)}`,
        kind: TRANSFER_KINDS[batch.kind[row]!]!,
        from: addressOf(names, batch.from[row]!) || null,
        to: addressOf(names, batch.to[row]!) || null,
        asset: ASSETS[asset]!.id,
        amount: BigInt(baseUnits(asset, batch.amount[row]!)),
        rounded: false,
        source: { batch: 0, file: 0, row: ++number },
      };
    }
  }
}
