import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProtoFault, type ProtoField, ProtoMessage, readFields, type WireType, writeFields } from './protobuf.ts';

const number = fc.integer({ min: 1, max: 2 ** 29 - 1 });
const of = (wire: WireType, value: fc.Arbitrary<bigint | Uint8Array>): fc.Arbitrary<ProtoField> =>
  fc.tuple(number, value).map(([at, each]) => ({ number: at, wire, value: each }));
const fieldOf: fc.Arbitrary<ProtoField> = fc.oneof(
  of(0, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  of(1, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  of(2, fc.uint8Array({ maxLength: 300 })),
  of(5, fc.bigInt({ min: 0n, max: 2n ** 32n - 1n })),
);

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.array(fieldOf, { maxLength: 12 }), (fields) => {
      assert.deepEqual(
        readFields(Uint8Array.from(writeFields(fields))).map((field) => ({
          ...field,
          value: typeof field.value === 'bigint' ? field.value : Uint8Array.from(field.value),
        })),
        fields,
      );
    }),
  );
});

test('any bytes are read or refused as such, never another fault', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        readFields(bytes);
      } catch (error) {
        assert.ok(error instanceof ProtoFault);
      }
    }),
  );
});

test('a message cut anywhere inside its last field is refused', () => {
  fc.assert(
    fc.property(fieldOf, fc.nat(), (field, at) => {
      const bytes = writeFields([field]);
      const cut = bytes.subarray(0, 1 + (at % (bytes.length - 1)));
      if (cut.length < bytes.length) assert.throws(() => readFields(cut), ProtoFault);
    }),
  );
});

test('examples of the specification: 150 as field 1, "testing" as field 2, −2 as int64 and int32', () => {
  assert.equal(new ProtoMessage(Buffer.from('089601', 'hex')).int64(1), 150n);
  assert.equal(Buffer.from(new ProtoMessage(Buffer.from('120774657374696e67', 'hex')).bytes(2)).toString(), 'testing');
  const minusTwo = new ProtoMessage(Buffer.from('08feffffffffffffffff01', 'hex'));
  assert.equal(minusTwo.int64(1), -2n);
  assert.equal(minusTwo.int32(1), -2);
});

test('the last of several wins, and split messages are joined, as the specification says', () => {
  assert.equal(new ProtoMessage(Buffer.from('08010805', 'hex')).int64(1), 5n);
  const split = new ProtoMessage(Buffer.from('0a020801' + '0a021007', 'hex')).message(1);
  assert.deepEqual([split.int64(1), split.int64(2)], [1n, 7n]);
});

test('groups, field zero, varints without end or over 64 bits', () => {
  for (const hex of ['0b', '00', '08ffffffffffffffffffff01', '08ffffffffffffffffff7f', '0aff01']) {
    assert.throws(() => readFields(Buffer.from(hex, 'hex')), ProtoFault, hex);
  }
});
