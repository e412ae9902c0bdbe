/** The real transactions of the coinjoin/ data set by the file they stand in, and peers to measure detectors against. */
import { join } from 'node:path';
import { SILENT } from '../src/base/progress.ts';
import type { CoinJoin } from '../src/detect/coinjoin.ts';
import { ScriptKind, scriptKind } from '../src/detect/coinjoin-view.ts';
import { requireChain } from '../src/model/chain.ts';
import type { UtxoTransaction } from '../src/model/transfer.ts';
import { digestFile } from '../src/source/file/digest.ts';
import { parseDumpling } from '../src/source/file/dumplings.ts';
import { readLines } from '../src/source/file/lines.ts';

export const MIX_FILES = ['SamouraiCoinJoins', 'WasabiCoinJoins', 'OtherCoinJoins'] as const;
export const POST_MIX_FILES = ['SamouraiPostMixTxs', 'WasabiPostMixTxs', 'OtherCoinJoinPostMixTxs'] as const;
export type CoinJoinFile = (typeof MIX_FILES)[number] | (typeof POST_MIX_FILES)[number] | 'SamouraiTx0s';
export type CoinJoinSet = Readonly<Record<CoinJoinFile, readonly UtxoTransaction[]>>;

const ARCHIVES = ['sw_202403', 'ww1_202405', 'jm_202406'];
/** 2026-01-01: no figure depends on the day it is taken. */
const LATEST = 1_767_225_600;

/** Throws where a line is refused: all of the set is read, or none. */
export async function readCoinJoinSet(datasets: string): Promise<CoinJoinSet> {
  const chain = requireChain('bitcoin');
  const found: Record<CoinJoinFile, UtxoTransaction[]> = {
    SamouraiCoinJoins: [],
    WasabiCoinJoins: [],
    OtherCoinJoins: [],
    SamouraiPostMixTxs: [],
    WasabiPostMixTxs: [],
    OtherCoinJoinPostMixTxs: [],
    SamouraiTx0s: [],
  };
  for (const archive of ARCHIVES) {
    const digest = await digestFile(join(datasets, 'coinjoin', `dumplings__${archive}.zip`), SILENT);
    for await (const { name, text, line } of readLines(digest)) {
      const tx = parseDumpling(text, chain, LATEST, { batch: 0, file: 0, row: line });
      if ('reason' in tx) throw new Error(`${name} line ${line}: ${tx.reason}`);
      const file = /(\w+)\.txt$/.exec(name)?.[1] ?? '';
      found[file as CoinJoinFile].push(tx);
    }
  }
  return found;
}

/** Those that stand in no file of CoinJoins or Tx0s. */
export function postMixOutside(set: CoinJoinSet, file: (typeof POST_MIX_FILES)[number]): readonly UtxoTransaction[] {
  const listed = new Set([...MIX_FILES, 'SamouraiTx0s' as const].flatMap((name) => set[name].map(({ tx }) => tx)));
  return set[file].filter(({ tx }) => !listed.has(tx));
}

export function hasDataOutput({ outputs }: UtxoTransaction): boolean {
  return outputs.some(({ address }) => address.startsWith('script:6a'));
}

/**
 * Why a transaction judged to be a mix may stand in no CoinJoin file although it is one, by the code that filed them (Dumplings,
 * Scanner.cs): it files a Whirlpool mix or Wasabi round only where every script is P2WPKH, and a JoinMarket mix only where no input comes
 * near the amount and the largest change, which is what every maker's input does who paid with one. null: nothing known explains it.
 */
export function whyUnlisted({ inputs, outputs }: UtxoTransaction, found: CoinJoin): string | null {
  const otherScript = [...inputs, ...outputs].some(({ address }) => scriptKind(address) !== ScriptKind.witnessKey);
  if (found.kind === 'whirlpool') return otherScript ? 'Whirlpool with an output that is not P2WPKH' : null;
  if (found.kind === 'wasabi2') return 'Wasabi 2, which the set has no file of';
  if (found.kind !== 'joinmarket' || found.confidence !== 'high') return null;
  return 'JoinMarket of five and more with two accounts that balance';
}

/** Peer: several inputs, and at least three equal outputs. */
export function naiveRule({ inputs, outputs }: UtxoTransaction): boolean {
  return inputs.length >= 3 && largestGroup(outputs).count >= 3;
}

/** Peer: BlockSci's isCoinjoin (citp/BlockSci, src/heuristics/tx_identification.cpp), rule for rule. */
export function blockSciRule({ inputs, outputs }: UtxoTransaction): boolean {
  if (inputs.length < 2 || outputs.length < 3) return false;
  const participants = Math.floor((outputs.length + 1) / 2);
  if (participants > inputs.length || participants > new Set(inputs.map(({ address }) => address)).size) return false;
  const { count, value } = largestGroup(outputs);
  return count === participants && value !== 546n && value !== 2730n;
}

function largestGroup(outputs: UtxoTransaction['outputs']): { readonly count: number; readonly value: bigint } {
  const counts = new Map<bigint, number>();
  for (const { value } of outputs) counts.set(value, (counts.get(value) ?? 0) + 1);
  let best = { count: 0, value: 0n };
  for (const [value, count] of counts) if (count > best.count) best = { count, value };
  return best;
}
