import type { BlockRef } from '../chain-source.ts';
import type { Named } from '../net/fault.ts';
import { blockId } from './block-id.ts';
import { lie, malformed } from './fault.ts';
import type { HeaderAnswer } from './schema.ts';

/** Latest second a Date can print. */
const MAX_TIME_MS = 8_640_000_000_000_000n;

/** The block as a reference, its id recomputed from its header. `wanted`: the height asked for, null for the newest. */
export function checkHeader(endpoint: Named, wanted: bigint | null, answer: HeaderAnswer): BlockRef {
  const raw = answer.block_header.raw_data;
  const at = wanted ?? raw.number;
  if (raw.number !== at || raw.number < 0n) {
    throw lie(endpoint, 'another block came than the one asked for', at, 'block_header.raw_data.number');
  }
  if (blockId(answer.block_header) !== answer.blockID) {
    throw lie(endpoint, 'a header does not hash to its block id', at, 'blockID');
  }
  if (raw.parentHash.length !== 64) throw malformed(endpoint, 'a block names no parent', at, 'parentHash');
  if (raw.timestamp < 0n || raw.timestamp > MAX_TIME_MS) throw malformed(endpoint, 'a time is none', at, 'timestamp');
  return {
    number: raw.number,
    hash: answer.blockID,
    parent: raw.parentHash,
    time: Number(raw.timestamp / 1000n),
  };
}
