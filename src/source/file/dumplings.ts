import { parseTime, type UnixSeconds } from '../../base/time.ts';
import { scriptToAddress } from '../../model/address.ts';
import type { Chain } from '../../model/chain.ts';
import type { RowSource, UtxoInput, UtxoOutput, UtxoTransaction } from '../../model/transfer.ts';
import type { Refusal } from './judge.ts';

/**
 * One line of a Dumplings scanner file (https://github.com/nopara73/Dumplings), a full Bitcoin transaction:
 * `txid:::blockhash:::index:::unixtime:::inputs:::outputs`. Inputs and outputs are split by `}{`; an output is
 * `value+script+type`, an input `txid-index-value+script+type`. Values are satoshi. The height is not there.
 */
export function parseDumpling(
  line: string,
  chain: Chain,
  latest: UnixSeconds,
  source: RowSource,
): UtxoTransaction | Refusal {
  const parts = line.split(':::');
  if (parts.length !== 6) return { reason: 'wrong-columns', field: '', value: line };
  const [txid = '', , index = '', seconds = '', inputText = '', outputText = ''] = parts;
  if (!TXID.test(txid)) return { reason: 'bad-hash', field: 'txid', value: txid };
  if (!/^\d{1,9}$/.test(index)) return { reason: 'not-an-index', field: 'index', value: index };
  const time = judgeBlockTime(seconds, chain, latest);
  if (typeof time !== 'number') return { ...time, field: 'time', value: seconds };
  const inputs: UtxoInput[] = [];
  for (const entry of entries(inputText)) {
    const input = parseInput(entry, chain);
    if (input === null) return { reason: 'bad-input', field: 'inputs', value: entry };
    inputs.push(input);
  }
  const outputs: UtxoOutput[] = [];
  for (const entry of entries(outputText)) {
    const output = parseOutput(entry, chain);
    if (output === null) return { reason: 'bad-output', field: 'outputs', value: entry };
    outputs.push(output);
  }
  const tx = {
    chain: chain.id,
    tx: txid.toLowerCase(),
    time,
    block: null,
    txIndex: Number(index),
    inputs,
    outputs,
    source,
  };
  return checkSums(tx) ?? tx;
}

const TXID = /^[0-9a-f]{64}$/i;
const NO_TXID = '0'.repeat(64);
const INPUT = /^([0-9a-f]{64})-(\d{1,10})-(\d{1,20})$/i;

export function judgeBlockTime(text: string, chain: Chain, latest: UnixSeconds): UnixSeconds | { reason: string } {
  const time = parseTime(text);
  if (time === null) return { reason: 'not-a-time' };
  if (time < chain.genesis) return { reason: 'before-genesis' };
  return time > latest ? { reason: 'in-the-future' } : time;
}

function entries(text: string): string[] {
  return text === '' ? [] : text.split('}{');
}

function parseInput(entry: string, chain: Chain): UtxoInput | null {
  const [head = '', script = ''] = entry.split('+');
  const match = INPUT.exec(head);
  const address = scriptAddress(script, chain);
  if (match === null || address === null) return null;
  const [, tx = '', index = '', value = ''] = match;
  const outpoint = tx === NO_TXID ? null : { tx: tx.toLowerCase(), index: Number(index) };
  return { outpoint, value: BigInt(value), address };
}

function parseOutput(entry: string, chain: Chain): UtxoOutput | null {
  const [value = '', script = ''] = entry.split('+');
  const address = scriptAddress(script, chain);
  return /^\d{1,20}$/.test(value) && address !== null ? { value: BigInt(value), address } : null;
}

export function scriptAddress(script: string, chain: Chain): string | null {
  return /^(?:[0-9a-f]{2})*$/i.test(script) ? scriptToAddress(chain, script) : null;
}

/** A transaction cannot pay out more than it takes in, unless it is a coinbase; no amount is past what the store can hold. */
export function checkSums(tx: Omit<UtxoTransaction, 'source'>): Refusal | null {
  const paid = tx.outputs.reduce((sum, output) => sum + output.value, 0n);
  const spent = tx.inputs.reduce((sum, input) => sum + input.value, 0n);
  const coinbase = tx.inputs.length === 0 || tx.inputs.every((input) => input.outpoint === null);
  if (paid > MAX_SATOSHI || spent > MAX_SATOSHI) return { reason: 'too-large', field: 'value', value: tx.tx };
  if (!coinbase && paid > spent)
    return { reason: 'outputs-exceed-inputs', field: 'outputs', value: `${paid} > ${spent} in ${tx.tx}` };
  return null;
}

/** What a store keeps of one output: 64 bits. */
const MAX_SATOSHI = 2n ** 64n - 1n;
