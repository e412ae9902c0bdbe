import { assert } from '../../base/assert.ts';

/** Bytes, bytes as hex (0x and an even number of digits), or a list. Ethereum Yellow Paper, appendix B. */
export type RlpItem = Uint8Array | string | readonly RlpItem[];

/** Lists within lists; no Ethereum structure goes beyond 5. */
const MAX_DEPTH = 16;

export function encodeRlp(item: RlpItem): Uint8Array {
  const out = Buffer.allocUnsafe(sizeOf(item, 0));
  const end = write(item, out, 0);
  assert(end === out.length, 'an RLP item has the size that was counted');
  return out;
}

/** A type byte, then the list: the envelope of EIP-2718. Type 0 has no byte. */
export function encodeTyped(type: number, item: RlpItem): Uint8Array {
  if (type === 0) return encodeRlp(item);
  const out = Buffer.allocUnsafe(1 + sizeOf(item, 0));
  out[0] = type;
  write(item, out, 1);
  return out;
}

/** A quantity of JSON-RPC (0x0, 0x1a4) as RLP wants a number: big-endian bytes without leading zeros, none for zero. */
export function rlpNumber(quantity: string): string {
  if (quantity.charCodeAt(2) === 48) {
    const digits = quantity.slice(2).replace(/^0+/, '');
    return digits.length % 2 === 0 ? `0x${digits}` : `0x0${digits}`;
  }
  return quantity.length % 2 === 0 ? quantity : `0x0${quantity.slice(2)}`;
}

export function hexBytes(hex: string): Uint8Array {
  return Buffer.from(hex.slice(2), 'hex');
}

export function bytesHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`;
}

function sizeOf(item: RlpItem, depth: number): number {
  if (isList(item)) {
    const payload = payloadOf(item, depth);
    return headSize(payload) + payload;
  }
  const length = lengthOf(item);
  return length === 1 && firstByte(item) < 0x80 ? 1 : headSize(length) + length;
}

function payloadOf(list: readonly RlpItem[], depth: number): number {
  assert(depth < MAX_DEPTH, 'RLP lists are not nested so deep');
  let sum = 0;
  for (const each of list) sum += sizeOf(each, depth + 1);
  return sum;
}

function write(item: RlpItem, out: Buffer, at: number): number {
  if (isList(item)) {
    let next = writeHead(out, at, 0xc0, payloadOf(item, 0));
    for (const each of item) next = write(each, out, next);
    return next;
  }
  const length = lengthOf(item);
  if (length === 1 && firstByte(item) < 0x80) {
    out[at] = firstByte(item);
    return at + 1;
  }
  const start = writeHead(out, at, 0x80, length);
  if (typeof item === 'string') {
    const written = out.write(item.slice(2), start, length, 'hex');
    assert(written === length, 'RLP hex has an even number of digits');
  } else out.set(item, start);
  return start + length;
}

/** Up to 55 bytes: one byte. Longer: the length of the length, then the length. */
function writeHead(out: Buffer, at: number, base: number, length: number): number {
  if (length < 56) {
    out[at] = base + length;
    return at + 1;
  }
  const bytes = headSize(length) - 1;
  out[at] = base + 55 + bytes;
  out.writeUIntBE(length, at + 1, bytes);
  return at + 1 + bytes;
}

function headSize(length: number): number {
  if (length < 56) return 1;
  if (length < 0x100) return 2;
  if (length < 0x1_0000) return 3;
  return length < 0x100_0000 ? 4 : 5;
}

function isList(item: RlpItem): item is readonly RlpItem[] {
  return Array.isArray(item);
}

function lengthOf(item: Uint8Array | string): number {
  return typeof item === 'string' ? (item.length - 2) >> 1 : item.length;
}

function firstByte(item: Uint8Array | string): number {
  return typeof item === 'string' ? Number.parseInt(item.slice(2, 4), 16) : item[0]!;
}
