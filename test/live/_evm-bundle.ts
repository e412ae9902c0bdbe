import * as Authorization from 'ox/Authorization';
import * as Hex from 'ox/Hex';
import * as Secp256k1 from 'ox/Secp256k1';
import type { BalanceQuery } from '../../src/source/chain-source.ts';
import { parseRawBlock, parseReceipts, type RawBundle } from '../../src/source/evm/raw.ts';
import { parseTraces, type TraceForm } from '../../src/source/evm/raw-trace.ts';
import type { Anvil } from './_anvil.ts';

/** Blocks of a real node that hold one of everything, as the node gives them, and the tiny contracts that make them. */

/** Creation code for a runtime of up to 255 bytes: copies it from behind itself and returns it. */
export function creationOf(runtime: string): string {
  const size = (runtime.length / 2).toString(16).padStart(2, '0');
  return `0x60${size}600c60003960${size}6000f3${runtime}`;
}

const CALL_HALF = '60023404'; // callvalue / 2

/** Pays half of what it gets to the address in the first word; with a second word it then reverts (it jumps to byte 0x1a). */
export const FORWARD = creationOf(`6000600060006000${CALL_HALF}6000355af15060203611601a57005b60006000fd`);

/** Calls the contract in the second word twice with half its value and the first word: once so that it reverts, once not. */
export const TWICE = creationOf(
  ['6000356000526000600060406000', CALL_HALF, '6020355af150', '6000600060206000', CALL_HALF, '6020355af150', '00'].join(
    '',
  ),
);

/** Self-destructs: in favour of the caller, or of itself. */
export const TO_CALLER = '33ff';
export const TO_ITSELF = '30ff';

/** Creates, with what it is paid, a contract whose creation code is the two bytes given. */
export function maker(code: string): string {
  return creationOf(`61${code}6000526002601e34f000`);
}

/** Logs an ERC-20 Transfer: from, to and amount as the three words it is called with. */
export const LOGGER = creationOf(
  [
    '604035600052602035600035',
    '7fddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
    '60206000a300',
  ].join(''),
);

export function words(...values: readonly (string | bigint)[]): string {
  return `0x${values.map((value) => (typeof value === 'bigint' ? value.toString(16) : value.slice(2)).padStart(64, '0')).join('')}`;
}

/** What a node answers of one block, and of its traces in both forms. */
export interface Answers {
  readonly block: unknown;
  readonly receipts: unknown;
  readonly parity: unknown;
  readonly geth: unknown;
}

export async function answersOf(anvil: Anvil, number: bigint): Promise<Answers> {
  const at = Hex.fromNumber(number);
  const [block, receipts, parity, geth] = await Promise.all([
    anvil.rpc('eth_getBlockByNumber', [at, true]),
    anvil.rpc('eth_getBlockReceipts', [at]),
    anvil.rpc('trace_block', [at]),
    anvil.rpc('debug_traceBlockByNumber', [at, { tracer: 'callTracer' }]),
  ]);
  return { block, receipts, parity, geth };
}

export function bundleOf(answers: Answers, number: bigint, form: TraceForm | null): RawBundle {
  const block = parseRawBlock(answers.block, number);
  const receipts = parseReceipts(answers.receipts, block);
  return { block, receipts, traces: form === null ? null : parseTraces(answers[form], block, form) };
}

export async function balancesOf(anvil: Anvil, places: readonly BalanceQuery[], block: bigint): Promise<bigint[]> {
  return Promise.all(places.map(({ address }) => anvil.balance(address, block)));
}

/** A delegation of an account to a contract, signed by the account (EIP-7702). */
export function delegation(anvil: Anvil, account: number, target: string, nonce: bigint): object {
  const authorization = Authorization.from({ address: target as Hex.Hex, chainId: anvil.chainId, nonce });
  const payload = Authorization.getSignPayload(authorization);
  const signature = Secp256k1.sign({ payload, privateKey: anvil.accounts[account]!.privateKey });
  return {
    address: target,
    chainId: Hex.fromNumber(anvil.chainId),
    nonce: Hex.fromNumber(nonce),
    yParity: Hex.fromNumber(signature.yParity ?? 0),
    r: signature.r,
    s: signature.s,
  };
}
