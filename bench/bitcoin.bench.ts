/**
 * A raw Bitcoin block to checked transactions with ids and addresses (proof of work, merkle root and witness commitment included),
 * beside the least that any reader must do: hash every byte twice. The block is made here: as many transactions, of the sizes and
 * script types, as a full block has; no address comes twice.
 */
import { createHash } from 'node:crypto';
import { type Random, seededRandom } from '../src/base/random.ts';
import { requireChain } from '../src/model/chain.ts';
import {
  type MadeInput,
  type MadeOutput,
  type MadeTransaction,
  makeBlock,
  makeCoinbase,
} from '../src/source/bitcoin/_fixture.ts';
import { decodeBlock } from '../src/source/bitcoin/block.ts';
import { rulesOf } from '../src/source/bitcoin/rules.ts';
import { count, fastest, printFigure, printPeakMemory } from './_print.ts';

const TRANSACTIONS = 2_500;
const HEIGHT = 800_000;
const TIMES = 12;

const random = seededRandom(8);

function hex(bytes: number): string {
  let text = '';
  while (text.length < 2 * bytes) text += random.next32().toString(16).padStart(8, '0');
  return text.slice(0, 2 * bytes);
}

/** Near the shares of recent blocks: about half P2WPKH, a quarter P2TR, the rest older. */
function lockScript(from: Random): string {
  const share = from.below(100);
  if (share < 48) return `0014${hex(20)}`;
  if (share < 72) return `5120${hex(32)}`;
  if (share < 86) return `76a914${hex(20)}88ac`;
  if (share < 94) return `a914${hex(20)}87`;
  if (share < 98) return `0020${hex(32)}`;
  return `6a10${hex(16)}`;
}

function input(from: Random): MadeInput {
  const spent = { tx: hex(32), index: from.below(4) };
  const share = from.below(100);
  if (share < 50) return { ...spent, witness: [hex(71), hex(33)] };
  if (share < 72) return { ...spent, witness: [hex(64)] };
  if (share < 86) return { ...spent, script: `47${hex(71)}21${hex(33)}` };
  if (share < 94) return { ...spent, script: `160014${hex(20)}`, witness: [hex(71), hex(33)] };
  return { ...spent, witness: ['', hex(71), hex(72), hex(105)] };
}

/** Mostly one or two inputs and two outputs; one in twenty gathers or pays out many. */
function transaction(): MadeTransaction {
  const many = random.below(20) === 0;
  const inputs = Array.from({ length: many ? 1 + random.below(15) : 1 + random.below(3) }, () => input(random));
  const outputs = Array.from(
    { length: many ? 1 + random.below(15) : 1 + random.below(3) },
    (): MadeOutput => ({ value: BigInt(random.next32()), script: lockScript(random) }),
  );
  return { inputs, outputs };
}

const others = Array.from({ length: TRANSACTIONS - 1 }, transaction);
const block = makeBlock({ transactions: [makeCoinbase(HEIGHT, `0014${hex(20)}`, others), ...others] });
const rules = rulesOf(requireChain('bitcoin-regtest'));
const asked = { hash: block.hash, number: BigInt(HEIGHT) };

function hashedTwice(): Buffer {
  let digest: Buffer = block.bytes;
  for (let time = 0; time < 2; time++) digest = createHash('sha256').update(block.bytes).digest();
  return digest;
}

const plain = fastest(TIMES, hashedTwice).seconds;
const { seconds, result } = fastest(TIMES, () => decodeBlock(block.bytes, asked, rules, { name: 'bench' }));
const ends = result.block.transactions.reduce((sum, tx) => sum + tx.inputs.length + tx.outputs.length, 0);
const size = `${count(TRANSACTIONS)} transactions, ${count(ends)} inputs and outputs, ${count(block.bytes.length)} bytes`;
const speed = TRANSACTIONS / seconds;
printFigure({
  name: 'raw block, ids and addresses',
  value: speed / 1000,
  unit: 'k tx/s',
  size,
  limit: { atLeast: 60 },
  ratio: { to: 'sha256 twice', value: plain / seconds },
});
printFigure({ name: 'the same, in bytes', value: block.bytes.length / seconds / 1e6, unit: 'MB/s', size });
printPeakMemory();
