import { formatTime, requireTime } from '../base/time.ts';
import { ACCOUNT_CHAIN, ASSETS, UTXO_CHAIN } from './asset.ts';
import { scriptAddress } from './dumplings.ts';
import { START } from './era.ts';
import type { Names } from './name.ts';
import { EXCHANGES, SERVICES } from './roster.ts';
import type { DrillTruth, TruthTheft } from './truth.ts';
import type { UtxoPlan } from './utxo-plan.ts';
import { addressOf } from './witness.ts';

export const LABEL_SOURCE = 'drill';

/** asset,symbol,decimals: what an importer must know of the drill's assets. */
export function assetsFile(): string {
  return `asset,symbol,decimals\n${ASSETS.map(({ id, symbol, decimals }) => `${id},${symbol},${decimals}\n`).join('')}`;
}

/** Who the services are; deposit addresses of exchanges are not labelled, as in life. */
export function labelsFile(names: Names, coins: UtxoPlan): string {
  const rows = SERVICES.flatMap(({ name, category, entity }, actor) =>
    category === null ? [] : [[addressOf(names, actor), ACCOUNT_CHAIN, name, category, entity]],
  );
  for (const [exchange, name] of EXCHANGES.entries()) {
    const address = scriptAddress(names, coins.hotScripts[exchange]!);
    rows.push([address, UTXO_CHAIN, `Drill ${name} hot wallet (simulated)`, 'exchange', `drill-${name.toLowerCase()}`]);
  }
  rows.push([
    scriptAddress(names, coins.vaultScript),
    UTXO_CHAIN,
    'Drill Bridge vault (simulated)',
    'bridge',
    'drill-bridge',
  ]);
  const lines = rows.map((row) => `${row.join(',')},${LABEL_SOURCE},ownership,${formatTime(START)},\n`);
  return `address,chain,label,category,actor,source,confidence,valid_from,valid_to\n${lines.join('')}`;
}

/** One theft file: a mark for each stolen asset, at the second after the drain, where the loot first landed. */
export function theftFile(title: string, thefts: readonly TruthTheft[], links = ''): string {
  const entries = thefts.flatMap((theft) => theft.stolen.map((stolen) => theftEntry(theft, stolen)));
  return `# A drill: nothing in this file happened.\ntitle: ${quoted(title)}\nsimulated: true\nthefts:\n${entries.join('')}${links}`;
}

function theftEntry(theft: TruthTheft, stolen: TruthTheft['stolen'][number]): string {
  const { symbol, decimals } = ASSETS.find((asset) => asset.id === stolen.asset)!;
  const lines = [
    `  - id: ${stolen.id}`,
    `    title: ${quoted(`${theft.title}, ${symbol}`)}`,
    `    chain: ${ACCOUNT_CHAIN}`,
    `    asset: ${stolen.asset}`,
    `    decimals: ${decimals}`,
    `    sources: [${LABEL_SOURCE}]`,
    '    seeds:',
    '      - kind: mark',
    `        address: "${stolen.address}"`,
    `        baseUnits: "${stolen.amount}"`,
    `        time: ${stolen.time}`,
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Documented links for every crossing of the bridge by one theft: what an analyst would write who has
 * the bridge's records. The time is the second after the payout, when the output is there and not yet spent.
 */
export function linkLines(truth: DrillTruth, theft: string): string {
  const lines = truth.crossings
    .filter((crossing) => crossing.theft === theft)
    .map(({ from, to }) => {
      const time = formatTime(requireTime(to.time, 'crossing') + 1);
      return [
        `  - from: { chain: "${from.chain}", tx: "${from.tx}", to: "${from.to}" }`,
        `    to: { chain: "${to.chain}", address: ${to.address}, outpoint: "${to.outpoint}", baseUnits: "${to.amount}", time: ${time}, kind: mark }`,
        '    reason: paid out of the vault for this deposit (drill truth)',
      ].join('\n');
    });
  return lines.length === 0 ? '' : `links:\n${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** truth.json, a line an entry of its long lists. */
export function* truthLines(truth: DrillTruth): Generator<string> {
  const { thefts, crossings, decoys, ...head } = truth;
  yield `${JSON.stringify(head).slice(0, -1)},\n"thefts":[\n`;
  for (const [index, { hops, ...theft }] of thefts.entries()) {
    yield `${index > 0 ? ',\n' : ''}${JSON.stringify(theft).slice(0, -1)},\n"hops":[\n`;
    yield* listLines(hops);
    yield ']}';
  }
  yield '\n],\n"crossings":[\n';
  yield* listLines(crossings);
  yield '],\n"decoys":[\n';
  yield* listLines(decoys);
  yield ']}\n';
}

const LINES_TOGETHER = 1_000;

function* listLines(list: readonly unknown[]): Generator<string> {
  for (let at = 0; at < list.length; at += LINES_TOGETHER) {
    const lines = list.slice(at, at + LINES_TOGETHER).map((entry) => JSON.stringify(entry));
    yield `${lines.join(',\n')}${at + LINES_TOGETHER < list.length ? ',' : ''}\n`;
  }
}

/** What a person reads who finds the folder. */
export function noticeFile({ seed, scale }: Pick<DrillTruth, 'seed' | 'scale'>): string {
  return [
    'SIMULATED DATA. Nothing in this folder happened: no address, transaction, theft or service in it is real.',
    `Made by: haetae drill --seed ${seed} --scale ${scale}`,
    '',
    'transfers.csv       movements of the account chain eip155:31337',
    'bitcoin.txt         full transactions of the UTXO chain (bitcoin regtest)',
    'assets.csv          symbols and decimals of the assets',
    'labels.csv          who the services are',
    'theft-N.yaml        the thefts, one file each; theft-N-linked.yaml adds what the bridge knows; theft-all.yaml holds all',
    'theft.yaml          the first theft, linked: the one to begin with',
    'truth.json          what really happened: hops, stages, addresses of the thieves, where everything is now',
    '',
  ].join('\n');
}
