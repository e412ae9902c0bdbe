/** A TRON chain made by the tests' own code, and a server that answers as the public HTTP API does. Independent of what it tests. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { createBase58check } from '@scure/base';
import * as Secp256k1 from 'ox/Secp256k1';
import { type Chain, requireChain } from '../../model/chain.ts';
import type { Endpoint } from '../endpoint.ts';

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const base58check = createBase58check(sha256);
export const base58 = (addressHex: string): string => base58check.encode(unhex(addressHex));

export type Json = Record<string, unknown>;

function varint(value: bigint): number[] {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest % 128n) + 128);
  return [...out, Number(rest)];
}

/** Field `number` as a varint, or as bytes where the value is hex; proto3 leaves zero and empty out. */
export function field(number: number, value: bigint | string): number[] {
  if (typeof value === 'bigint') return value === 0n ? [] : [...varint(BigInt(number * 8)), ...varint(value)];
  return value === '' ? [] : lengthed(number, unhex(value));
}

export function lengthed(number: number, bytes: Iterable<number>): number[] {
  const body = [...bytes];
  return [...varint(BigInt(number * 8 + 2)), ...varint(BigInt(body.length)), ...body];
}

export interface Account {
  readonly key: `0x${string}`;
  readonly hex: string;
  readonly address: string;
}

export function account(seed: number): Account {
  const key: `0x${string}` = `0x${seed.toString(16).padStart(64, '0')}`;
  const { x, y } = Secp256k1.getPublicKey({ privateKey: key });
  const point = unhex(x.slice(2).padStart(64, '0') + y.slice(2).padStart(64, '0'));
  const addressHex = `41${hex(keccak_256(point).subarray(12))}`;
  return { key, hex: addressHex, address: base58(addressHex) };
}

export function sign(message: Uint8Array, key: `0x${string}`): string {
  const { r, s, yParity } = Secp256k1.sign({ payload: sha256(message), privateKey: key });
  const word = (value: bigint | string): string => BigInt(value).toString(16).padStart(64, '0');
  return `${word(r)}${word(s)}0${yParity}`;
}

/** A field of a contract: its name in JSON, its number, its value (hex for bytes). */
export type ContractField = readonly [name: string, number: number, value: bigint | string];

export interface TxPlan {
  readonly type: number;
  readonly name: string;
  readonly fields: readonly ContractField[];
  readonly signers: readonly Account[];
  /** Further bytes of the contract's message and what JSON shows of them. */
  readonly extra?: { readonly bytes: readonly number[]; readonly json: Json };
  readonly permissionId?: bigint;
  readonly memo?: string;
  readonly contractRet?: string;
  /** Put into the record over what is there by default. */
  readonly info?: Json;
}

export interface TestTx {
  readonly id: string;
  readonly json: Json;
  readonly leaf: Uint8Array;
  readonly info: Json;
}

let nonce = 1n;

const RESULTS: Record<string, bigint> = { SUCCESS: 1n, REVERT: 2n, OUT_OF_ENERGY: 10n };

export function buildTx(plan: TxPlan): TestTx {
  const value = [...plan.fields.flatMap(([, number, item]) => field(number, item)), ...(plan.extra?.bytes ?? [])];
  const typeUrl = `type.googleapis.com/protocol.${plan.name}`;
  const any = [...lengthed(1, Buffer.from(typeUrl)), ...lengthed(2, value)];
  const permission = plan.permissionId ?? 0n;
  const contract = [...field(1, BigInt(plan.type)), ...lengthed(2, any), ...field(5, permission)];
  const timestamp = 1_700_000_000_000n + nonce++;
  const memo = plan.memo ?? '';
  const raw = Uint8Array.from([
    ...field(1, 'a1b2'),
    ...field(4, '0102030405060708'),
    ...field(8, timestamp + 60_000n),
    ...field(10, memo),
    ...lengthed(11, contract),
    ...field(14, timestamp),
  ]);
  const id = hex(sha256(raw));
  const signatures = plan.signers.map((signer) => sign(raw, signer.key));
  const contractRet = plan.contractRet ?? 'SUCCESS';
  const result = field(3, RESULTS[contractRet] ?? 0n);
  const leaf = sha256(
    Uint8Array.from([...lengthed(1, raw), ...signatures.flatMap((each) => field(2, each)), ...lengthed(5, result)]),
  );
  const shown = Object.fromEntries(
    plan.fields.filter(([, , item]) => item !== 0n && item !== '').map(([k, , v]) => [k, v]),
  );
  const json: Json = {
    ret: [{ contractRet }],
    signature: signatures,
    txID: id,
    raw_data: {
      contract: [
        {
          parameter: { value: { ...shown, ...plan.extra?.json }, type_url: typeUrl },
          type: plan.name,
          ...(permission === 0n ? {} : { Permission_id: permission }),
        },
      ],
      ref_block_bytes: 'a1b2',
      ref_block_hash: '0102030405060708',
      expiration: timestamp + 60_000n,
      timestamp,
      ...(memo === '' ? {} : { data: memo }),
    },
    raw_data_hex: hex(raw),
  };
  return { id, json, leaf, info: { id, contractResult: [''], receipt: {}, ...plan.info } };
}

function root(leaves: readonly Uint8Array[]): string {
  if (leaves.length === 0) return '0'.repeat(64);
  let row = [...leaves];
  while (row.length > 1) {
    row = Array.from({ length: Math.ceil(row.length / 2) }, (_, i) => {
      const right = row[2 * i + 1];
      return right === undefined ? row[2 * i]! : sha256(Uint8Array.from([...row[2 * i]!, ...right]));
    });
  }
  return hex(row[0]!);
}

export interface TestBlock {
  readonly number: bigint;
  readonly id: string;
  readonly timestamp: bigint;
  readonly json: Json;
  readonly infos: readonly Json[];
  readonly txs: readonly TestTx[];
}

const WITNESS = account(777);
export const FIRST_TIME_MS = 1_700_000_000_000n;

export class TestChain {
  readonly blocks: TestBlock[] = [];

  /** On a genesis block of its own, or on a given one. */
  constructor(genesis?: TestBlock) {
    if (genesis === undefined) this.add([]);
    else this.blocks.push(genesis);
  }

  get chain(): Chain {
    return { ...requireChain('tron'), id: `tron:0x${this.blocks[0]!.id.slice(-8)}`, simulated: true, genesis: 0 };
  }

  /** Blocks above a height are forgotten: the next ones are another branch. */
  reorganise(above: bigint): void {
    this.blocks.length = Number(above) + 1;
  }

  add(txs: readonly TestTx[], salt = 0n): TestBlock {
    const number = BigInt(this.blocks.length);
    const parent = this.blocks.at(-1)?.id ?? 'e5'.repeat(32);
    const timestamp = number === 0n ? 0n : FIRST_TIME_MS + number * 3000n;
    const trie = root(txs.map(({ leaf }) => leaf));
    const version = 30n + salt;
    const raw = Uint8Array.from([
      ...field(1, timestamp),
      ...field(2, trie),
      ...field(3, parent),
      ...field(7, number),
      ...field(9, WITNESS.hex),
      ...field(10, version),
    ]);
    const id = number.toString(16).padStart(16, '0') + hex(sha256(raw)).slice(16);
    const rawJson = {
      ...(number === 0n ? {} : { number, timestamp }),
      txTrieRoot: trie,
      witness_address: WITNESS.hex,
      parentHash: parent,
      version,
    };
    const json: Json = {
      blockID: id,
      block_header: { raw_data: rawJson, ...(number === 0n ? {} : { witness_signature: sign(raw, WITNESS.key) }) },
      ...(txs.length === 0 ? {} : { transactions: txs.map((tx) => tx.json) }),
    };
    const infos = txs.map(({ info }) => ({ ...info, blockNumber: number, blockTimeStamp: timestamp }));
    const block = { number, id, timestamp, json, infos: number === 0n ? [] : infos, txs };
    this.blocks.push(block);
    return block;
  }
}

/** Of java-tron's configuration of the main network. */
const MAIN_NETWORK: readonly (readonly [address: string, sun: bigint])[] = [
  ['TLLM21wteSPs4hKjbxgmH1L6poyMjeTbHm', 99_000_000_000_000_000n],
  ['TXmVpin5vq5gdZsciyyjdZgKRUju4st1wM', 0n],
  ['TLsV52sRDL79HXGGm9yzwKibb6BeruhUzy', -9_223_372_036_854_775_808n],
];
const MOTTO =
  'A new system must allow existing systems to be linked together without requiring any central control or coordination';

/** The genesis block of the main network as its nodes give it; its id is the one every explorer shows. */
export function mainNetworkGenesis(): TestBlock {
  const transactions = MAIN_NETWORK.map(([address, sun]) => allocation(hex(base58check.decode(address)), sun));
  const id = '00000000000000001ebf88508a03865c71d452e25f4d51194196a1d22b6653dc';
  const raw = {
    txTrieRoot: '8ef446bf3f395af929c218014f6101ec86576c5f61b2ae3236bf3a2ab5e2fecd',
    witness_address: hex(Buffer.from(MOTTO)),
    parentHash: 'e58f33f9baf9305dc6f82b9f1934ea8f0ade2defb951258d50167028c780351f',
  };
  const json = { blockID: id, block_header: { raw_data: raw }, transactions };
  return { number: 0n, id, timestamp: 0n, json, infos: [], txs: [] };
}

/** No time, no signature, no result. */
function allocation(to: string, amount: bigint): Json {
  const owner = hex(Buffer.from('0x000000000000000000000'));
  const value = [...field(1, owner), ...field(2, to), ...field(3, amount)];
  const typeUrl = 'type.googleapis.com/protocol.TransferContract';
  const contract = [...field(1, 1n), ...lengthed(2, [...lengthed(1, Buffer.from(typeUrl)), ...lengthed(2, value)])];
  const raw = Uint8Array.from(lengthed(11, contract));
  const shown = { owner_address: owner, to_address: to, ...(amount === 0n ? {} : { amount }) };
  return {
    txID: hex(sha256(raw)),
    raw_data: { contract: [{ parameter: { value: shown, type_url: typeUrl }, type: 'TransferContract' }] },
    raw_data_hex: hex(raw),
  };
}

/** JSON as java-tron writes it: whole numbers with all their digits. */
export function stringify(value: unknown): string {
  const text = JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `@int:${each}` : each));
  return text.replace(/"@int:(-?\d+)"/g, '$1');
}

export interface Request {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Json;
}

export class TestServer {
  readonly asked: string[] = [];
  /** Changes an answer, or gives null to leave it as it is. */
  corrupt: ((request: Request, answer: unknown) => unknown) | null = null;
  /** Answers in its place where it returns true. */
  intercept: ((request: Request, response: ServerResponse) => boolean) | null = null;
  /** Answers of methods that a chain of blocks does not give: getaccount, triggerconstantcontract, v1/… */
  readonly methods = new Map<string, (request: Request) => unknown>();
  readonly #chain: TestChain;
  readonly #server: Server;

  constructor(chain: TestChain) {
    this.#chain = chain;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  endpoint(over: Partial<Endpoint> = {}): Endpoint {
    const { port } = this.#server.address() as AddressInfo;
    return {
      chain: this.#chain.chain,
      kind: 'tron',
      name: `tron 127.0.0.1:${port}`,
      url: `http://127.0.0.1:${port}`,
      headers: {},
      requestsPerSecond: null,
      concurrency: 4,
      batch: 1,
      timeoutMs: 5000,
      maxAnswerBytes: 8 * 1024 * 1024,
      ...over,
    };
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of message) text += chunk;
    const url = new URL(message.url ?? '/', 'http://test');
    const body: Json = text === '' ? {} : JSON.parse(text);
    const request = { path: url.pathname.slice(1), query: url.searchParams, body };
    this.asked.push(request.path);
    if (this.intercept?.(request, response) === true) return;
    const answer = this.#answer(request);
    response.setHeader('content-type', 'application/json');
    if (answer === undefined) {
      response.statusCode = 404;
      response.end('{}');
    } else response.end(stringify(this.corrupt?.(request, structuredClone(answer)) ?? answer));
  }

  #answer(request: Request): unknown {
    const { path, body } = request;
    const own = this.methods.get(path);
    if (own !== undefined) return own(request);
    const blocks = this.#chain.blocks;
    const block = blocks[Number(body.num ?? body.id_or_num ?? blocks.length - 1)];
    if (path === 'wallet/getblockbynum' || path === 'wallet/getnowblock') return block?.json ?? {};
    if (path === 'wallet/getblock') return block === undefined ? {} : { ...block.json, transactions: undefined };
    if (path === 'wallet/gettransactioninfobyblocknum') return block?.infos ?? [];
    if (path !== 'wallet/gettransactioninfobyid') return undefined;
    return blocks.flatMap(({ infos }) => infos).find(({ id }) => id === body.value) ?? {};
  }
}

/** Contracts most used in tests. */
export const send = (from: Account, to: Account, amount: bigint, over: Partial<TxPlan> = {}): TestTx =>
  buildTx({
    type: 1,
    name: 'TransferContract',
    fields: [
      ['owner_address', 1, from.hex],
      ['to_address', 2, to.hex],
      ['amount', 3, amount],
    ],
    signers: [from],
    ...over,
  });

export const call = (
  from: Account,
  contractHex: string,
  data: string,
  over: Partial<TxPlan> & { value?: bigint } = {},
): TestTx =>
  buildTx({
    type: 31,
    name: 'TriggerSmartContract',
    fields: [
      ['owner_address', 1, from.hex],
      ['contract_address', 2, contractHex],
      ['call_value', 3, over.value ?? 0n],
      ['data', 4, data],
    ],
    signers: [from],
    ...over,
    info: { contract_address: contractHex, ...over.info },
  });

export const word = (value: bigint | string): string =>
  (typeof value === 'bigint' ? value.toString(16) : value.replace(/^41/, '')).padStart(64, '0');

export const transferLog = (
  tokenHex: string,
  from: string,
  to: string,
  amount: bigint,
  topic = TRANSFER_TOPIC,
): Json => ({
  address: tokenHex.slice(2),
  topics: [topic, word(from), word(to)],
  data: word(amount),
});

export const TRANSFER_TOPIC = hex(keccak_256(Buffer.from('Transfer(address,address,uint256)')));
export const APPROVAL_TOPIC = hex(keccak_256(Buffer.from('Approval(address,address,uint256)')));

export const internalEntry = (note: string, from: string, to: string, value: bigint, over: Json = {}): Json => ({
  hash: 'ab'.repeat(32),
  caller_address: from,
  transferTo_address: to,
  callValueInfo: [value === 0n ? {} : { callValue: value }],
  note: hex(Buffer.from(note)),
  ...over,
});
