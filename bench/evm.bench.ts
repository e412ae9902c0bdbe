/**
 * Ethereum blocks of 500 transactions, half of them native payments and half ERC-20 transfers, once their JSON is parsed. Decoding
 * takes what a node's answers hold to movements; beside it, in the same run, ox's general decoder on the logs alone, and a plain loop
 * that does no more than make one object a transaction. Reading (every field checked for its form) and verifying (every hash, root,
 * bloom and sum recomputed) are figures of their own.
 */
import * as AbiEvent from 'ox/AbiEvent';
import {
  address,
  joined,
  type MadeAnswers,
  type MadeTransaction,
  makeAnswers,
  word,
} from '../src/source/evm/_fixture.ts';
import { decodeBlock } from '../src/source/evm/decode.ts';
import { TRANSFER } from '../src/source/evm/decode-logs.ts';
import { parseRawBlock, parseReceipts, type RawBundle } from '../src/source/evm/raw.ts';
import { verifyBlock } from '../src/source/evm/verify.ts';
import { count, fastest, printFigure, printPeakMemory } from './_print.ts';

const BLOCKS = 200;
const PER_BLOCK = 500;
const TRANSACTIONS = BLOCKS * PER_BLOCK;
const CHAIN = 'eip155:1';
const SIZE = `${count(BLOCKS)} blocks, ${count(TRANSACTIONS)} transactions, half native, half ERC-20`;

/** Amounts as on chains: payments of some ether in wei, tokens of 6 and of 18 decimals. */
function payment(block: number, index: number): MadeTransaction {
  const units = BigInt((block * 7919 + index * 104_729) % 1_000_003) + 1n;
  const from = address((block * 31 + index * 17) % 50_000);
  const to = address((block * 37 + index * 13) % 50_000);
  if (index % 2 === 0) return { tx: { from, to, value: `0x${(units * 10n ** 13n).toString(16)}`, gas: '0x5208' } };
  const token = address(90_000 + (index % 40));
  const amount = index % 4 === 1 ? units * 10n ** 6n : units * 10n ** 16n;
  const input = joined('0xa9059cbb', word(to), word(amount));
  return {
    tx: { from, to: token, input },
    logs: [{ address: token, topics: [TRANSFER, word(from), word(to)], data: word(amount) }],
  };
}

function made(block: number): MadeAnswers {
  const transactions = Array.from({ length: PER_BLOCK }, (_, index) => payment(block, index));
  return makeAnswers({ number: BigInt(20_000_000 + block), transactions });
}

// Through text, so that objects and strings are those that a parser of JSON makes.
const answers = Array.from({ length: BLOCKS }, (_, i) => JSON.parse(JSON.stringify(made(i))) as MadeAnswers);

function readAll(): RawBundle[] {
  return answers.map(({ block, receipts }, i) => {
    const raw = parseRawBlock(block, BigInt(20_000_000 + i));
    return { block: raw, receipts: parseReceipts(receipts, raw), traces: null };
  });
}

function rate(name: string, seconds: number, ratio?: { to: string; value: number }, limit?: number): void {
  printFigure({
    name,
    value: TRANSACTIONS / seconds / 1e6,
    unit: 'M transfers/s',
    size: SIZE,
    ...(ratio === undefined ? {} : { ratio }),
    ...(limit === undefined ? {} : { limit: { atLeast: limit } }),
  });
}

const reading = fastest(5, readAll);
const bundles = reading.result;
const decoding = fastest(15, () => {
  let rows = 0;
  for (const bundle of bundles) rows += decodeBlock(bundle, CHAIN).transfers.length;
  return rows;
});
// A payment or a token's transfer, its burn and its tip; a block's fee income.
if (decoding.result !== 3 * TRANSACTIONS + BLOCKS) throw new Error(`${decoding.result} movements`);

interface Touched {
  readonly hash: string;
  readonly from: string;
  readonly to: string | null;
  readonly value: bigint;
}
const plain = fastest(5, () => {
  const touched: Touched[] = [];
  for (const { block } of bundles)
    for (const { hash, from, to, value } of block.transactions) touched.push({ hash, from, to, value: BigInt(value) });
  return touched.length;
});

const event = AbiEvent.from('event Transfer(address indexed from, address indexed to, uint256 value)');
const byOx = fastest(2, () => {
  let decoded = 0;
  for (const { receipts } of bundles.slice(0, 20)) {
    for (const { logs } of receipts) {
      for (const log of logs) {
        const { value } = AbiEvent.decode(event, log as Parameters<typeof AbiEvent.decode>[1]) as { value: bigint };
        if (value > 0n) decoded += 1;
      }
    }
  }
  return decoded;
});
const perLogByOx = byOx.seconds / byOx.result;
const perRow = decoding.seconds / TRANSACTIONS;

rate('decode', decoding.seconds, { to: 'plain loop', value: plain.seconds / decoding.seconds }, 1);
rate('ox AbiEvent.decode of the logs', perLogByOx * TRANSACTIONS, { to: 'decode', value: perRow / perLogByOx });
const both = reading.seconds + decoding.seconds;
rate('read and decode', both, { to: 'decode', value: decoding.seconds / both });
const verifying = fastest(2, () => {
  for (const bundle of bundles) verifyBlock(bundle, CHAIN);
});
printFigure({
  name: 'verify',
  value: TRANSACTIONS / verifying.seconds / 1e3,
  unit: 'k transactions/s',
  size: `${SIZE}; ${count(Math.round(BLOCKS / verifying.seconds))} blocks/s`,
});
printPeakMemory();
