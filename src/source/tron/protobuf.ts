/**
 * The protobuf wire format, as far as TRON uses it: varint, 64-bit, length-delimited, 32-bit. Groups are refused.
 * Source: protobuf.dev/programming-guides/encoding.
 */
export type WireType = 0 | 1 | 2 | 5;

export interface ProtoField {
  readonly number: number;
  readonly wire: WireType;
  /** Unsigned number (wire 0, 1, 5), or the bytes (wire 2) as a view into what was read. */
  readonly value: bigint | Uint8Array;
}

/** The bytes are no protobuf message. */
export class ProtoFault extends Error {}

const MAX_VARINT_BYTES = 10;
const MAX_FIELD = 2 ** 29 - 1;

/** The fields of one message in their order. Throws ProtoFault. Cost: one pass; nothing is copied. */
export function readFields(bytes: Uint8Array): readonly ProtoField[] {
  const fields: ProtoField[] = [];
  let at = 0;
  /** Six bytes and fewer, which nearly all are, without BigInt. */
  const varint = (): number | bigint => {
    let value = 0;
    for (let i = 0; i < 6; i++) {
      const byte = bytes[at++];
      if (byte === undefined) throw new ProtoFault('a varint breaks off');
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    return longVarint(BigInt(value));
  };
  const longVarint = (low: bigint): bigint => {
    let value = low;
    for (let i = 6; i < MAX_VARINT_BYTES; i++) {
      const byte = bytes[at++];
      if (byte === undefined) throw new ProtoFault('a varint breaks off');
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte >= 0x80) continue;
      if (value >= 1n << 64n) throw new ProtoFault('a varint has more than 64 bits');
      return value;
    }
    throw new ProtoFault('a varint has more than 10 bytes');
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new ProtoFault('a field is longer than its message');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const number = Math.floor(key / 8);
    const wire = key % 8;
    if (number < 1 || number > MAX_FIELD) throw new ProtoFault('a field number is out of range');
    if (wire === 0) fields.push({ number, wire, value: BigInt(varint()) });
    else if (wire === 1) fields.push({ number, wire, value: littleEndian(take(8)) });
    else if (wire === 2) fields.push({ number, wire, value: take(Number(varint())) });
    else if (wire === 5) fields.push({ number, wire, value: littleEndian(take(4)) });
    else throw new ProtoFault('a wire type that TRON does not use');
  }
  return fields;
}

/** Fields to bytes, in the order given, with the shortest varints. */
export function writeFields(fields: readonly ProtoField[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { number, wire, value } of fields) {
    parts.push(writeVarint((BigInt(number) << 3n) | BigInt(wire)));
    if (typeof value !== 'bigint') parts.push(writeVarint(BigInt(value.length)), value);
    else parts.push(wire === 0 ? writeVarint(value) : writeLittleEndian(value, wire === 1 ? 8 : 4));
  }
  return Buffer.concat(parts);
}

/** A number as proto3 writes it: nothing where it is zero. Negative numbers as int64 does, in two's complement. */
export function numberField(number: number, value: bigint): readonly ProtoField[] {
  return value === 0n ? [] : [{ number, wire: 0, value: BigInt.asUintN(64, value) }];
}

/** Bytes as proto3 writes a single field: nothing where they are empty. */
export function bytesField(number: number, value: Uint8Array): readonly ProtoField[] {
  return value.length === 0 ? [] : [itemField(number, value)];
}

/** Bytes as one item of a repeated field or one message: written even where empty. */
export function itemField(number: number, value: Uint8Array): ProtoField {
  return { number, wire: 2, value };
}

const EMPTY = new Uint8Array();

/** One message read: absent fields have their proto3 default, the last of several wins, as protobuf has it. */
export class ProtoMessage {
  readonly #fields: readonly ProtoField[];

  /** Throws ProtoFault. */
  constructor(bytes: Uint8Array) {
    this.#fields = readFields(bytes);
  }

  int64(number: number): bigint {
    const found = this.#fields.findLast((field) => field.number === number && field.wire === 0)?.value;
    return typeof found === 'bigint' ? BigInt.asIntN(64, found) : 0n;
  }

  /** int32 and enums: the low 32 bits. */
  int32(number: number): number {
    return Number(BigInt.asIntN(32, this.int64(number)));
  }

  bytes(number: number): Uint8Array {
    return this.all(number).at(-1) ?? EMPTY;
  }

  hex(number: number): string {
    return Buffer.from(this.bytes(number)).toString('hex');
  }

  /** Every item of a repeated field of bytes or messages. */
  all(number: number): readonly Uint8Array[] {
    return this.#fields.flatMap(({ number: at, value }) => (at === number && typeof value !== 'bigint' ? [value] : []));
  }

  /** A message field. Several are merged, which is what their joined bytes mean. */
  message(number: number): ProtoMessage {
    return new ProtoMessage(Buffer.concat(this.all(number)));
  }
}

function writeVarint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function writeLittleEndian(value: bigint, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}
