import { ByteReader } from '../bytes.ts';
import { parseHeader } from '../header.ts';
import type { ChainRules } from '../rules.ts';
import { parseTransaction } from '../transaction.ts';
import { spacingOf } from './network.ts';

/** Blocks come faster and slower than they should: a height is believed within these shares of what the block's time says. */
const [LEAST_SHARE, MOST_SHARE] = [0.5, 1.7];

/**
 * The height that a block names in its coinbase; null where no rule makes it name one (before BIP34). A coinbase from before may hold
 * anything there (Bitcoin block 164,384 reads as 1,983,702): version and time must fit. Throws Malformed.
 */
export function namedHeight(bytes: Uint8Array, rules: ChainRules): number | null {
  const reader = new ByteReader(bytes);
  const { bytes: header, time } = parseHeader(reader, rules);
  // Not held against the bytes that are left: a block that is cut short still has its height to be named by.
  reader.size();
  const height = scriptHeight(parseTransaction(reader, rules).firstScript);
  // Merge-mined chains keep their number in the version too.
  const version = rules.auxChain === null ? header.readInt32LE(0) : header[0]!;
  if (height === null || height < rules.heightFrom || version < 2) return null;
  const spacing = spacingOf(rules.chain.name);
  if (spacing === null) return height;
  const due = (time - rules.chain.genesis) / spacing;
  return height >= LEAST_SHARE * due && height <= MOST_SHARE * due ? height : null;
}

/** BIP34: a push of the height at the front of the script, as few bytes as hold it. */
export function scriptHeight(script: Buffer): number | null {
  const first = script[0];
  if (first === undefined) return null;
  if (first >= 0x51 && first <= 0x60) return first - 0x50;
  if (first < 1 || first > 4 || script.length <= first) return null;
  const height = script.readUIntLE(1, first);
  // Negative, or with a byte too many.
  if (script[first]! >= 0x80 || (first > 1 && script[first] === 0 && script[first - 1]! < 0x80)) return null;
  return height > 16 ? height : null;
}
