import type { Named } from '../net/fault.ts';
import { fieldOf, requireHash, requireHex, requireList, requireNumber } from './answer.ts';
import { hashBytes } from './hash.ts';

/**
 * A raw block from a node's verbose JSON: the header's fields and every transaction's `hex`. Nothing else of the JSON is used: what
 * is checked afterwards are bytes, as with a raw block.
 */
export function rebuildBlock(block: unknown, source: Named): Buffer {
  const transactions = requireList(source, fieldOf(block, 'tx'), 'list of transactions');
  const raw = transactions.map((transaction) => requireHex(source, fieldOf(transaction, 'hex'), 'raw transaction'));
  const header = rebuildHeader(
    {
      version: fieldOf(block, 'version'),
      parent: fieldOf(block, 'previousblockhash'),
      root: fieldOf(block, 'merkleroot'),
      time: fieldOf(block, 'time'),
      bits: Number.parseInt(String(fieldOf(block, 'bits')), 16),
      nonce: fieldOf(block, 'nonce'),
    },
    source,
  );
  return Buffer.concat([header, compactSize(raw.length), ...raw]);
}

export interface HeaderFields {
  readonly version: unknown;
  /** Absent for the first block. */
  readonly parent: unknown;
  readonly root: unknown;
  readonly time: unknown;
  readonly bits: unknown;
  readonly nonce: unknown;
}

/** The 80 bytes whose hash tells whether the fields are true. */
export function rebuildHeader(fields: HeaderFields, source: Named): Buffer {
  const header = Buffer.alloc(80);
  header.writeInt32LE(requireInteger(fields.version, source) | 0, 0);
  const parent = fields.parent ?? '0'.repeat(64);
  hashBytes(requireHash(source, parent, 'hash of the parent')).copy(header, 4);
  hashBytes(requireHash(source, fields.root, 'merkle root')).copy(header, 36);
  header.writeUInt32LE(requireInteger(fields.time, source) >>> 0, 68);
  header.writeUInt32LE(requireInteger(fields.bits, source) >>> 0, 72);
  header.writeUInt32LE(requireInteger(fields.nonce, source) >>> 0, 76);
  return header;
}

function requireInteger(value: unknown, source: Named): number {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 0xffff_ffff) return value;
  return requireNumber(source, value, 'number in a block header');
}

function compactSize(value: number): Buffer {
  if (value < 0xfd) return Buffer.from([value]);
  const size = Buffer.alloc(5);
  size[0] = 0xfe;
  size.writeUInt32LE(value, 1);
  if (value > 0xffff) return size;
  size[0] = 0xfd;
  return size.subarray(0, 3);
}
