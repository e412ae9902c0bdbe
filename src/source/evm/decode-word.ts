import type { AssetId } from '../../model/asset.ts';
import type { ChainId } from '../../model/chain.ts';

/** Begin of a 32-byte word that holds an address: 12 bytes of zero. */
export const ADDRESS_PAD = '0x000000000000000000000000';
export const ZERO_WORD = `0x${'0'.repeat(64)}`;
/** Begin of a word that fits 52 bits. */
const SMALL_PAD = `0x${'0'.repeat(51)}`;

export function wordAddress(word: string): string {
  return `0x${word.slice(26)}`;
}

/** BigInt of a whole word costs three times BigInt of a number; most amounts of six-decimal tokens fit one. */
export function wordAmount(word: string): bigint {
  return word.startsWith(SMALL_PAD) ? BigInt(Number.parseInt(word.slice(53), 16)) : BigInt(word);
}

/** How many whole words the data have. */
export function wordCount(data: string): number {
  return (data.length - 2) >> 6;
}

/** The 32-byte word at a position of ABI-encoded data; the caller has checked the length. */
export function dataWord(data: string, position: number): string {
  return `0x${data.slice(2 + 64 * position, 66 + 64 * position)}`;
}

/** A dynamic array of words in ABI-encoded data: its offset stands in the word `position`. null where it does not fit the data. */
export function dataList(data: string, position: number): readonly string[] | null {
  const words = wordCount(data);
  const start = smallNumber(data, position, words);
  if (start === null || start % 32 !== 0) return null;
  const count = smallNumber(data, start / 32, words);
  if (count === null || start / 32 + 1 + count > words) return null;
  return Array.from({ length: count }, (_, i) => dataWord(data, start / 32 + 1 + i));
}

function smallNumber(data: string, position: number, words: number): number | null {
  if (position >= words) return null;
  const value = wordAmount(dataWord(data, position));
  return value <= 0xffff_ffffn ? Number(value) : null;
}

/** Ids by contract: a token's log costs no new text. */
const known = new Map<string, AssetId>();
let knownChain = '';
const MAX_KNOWN = 100_000;

export function erc20(chain: ChainId, contract: string): AssetId {
  if (chain !== knownChain || known.size >= MAX_KNOWN) {
    known.clear();
    knownChain = chain;
  }
  const met = known.get(contract);
  if (met !== undefined) return met;
  const id = `${chain}/erc20:${contract}`;
  known.set(contract, id);
  return id;
}

/** CAIP-19 with the token's number in decimal. */
export function nft(chain: ChainId, standard: 'erc721' | 'erc1155', contract: string, numberWord: string): AssetId {
  return `${chain}/${standard}:${contract}/${wordAmount(numberWord)}`;
}
