import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import * as AbiFunction from 'ox/AbiFunction';
import * as AbiParameters from 'ox/AbiParameters';
import * as Address from 'ox/Address';
import * as Hash from 'ox/Hash';
import * as Hex from 'ox/Hex';
import * as Mnemonic from 'ox/Mnemonic';
import * as Secp256k1 from 'ox/Secp256k1';
import * as TxEnvelopeEip1559 from 'ox/TxEnvelopeEip1559';

/** A real anvil for a test: keys, signed transactions, reorganisations, and an end by any signal. */

// The program itself, not npm's wrapper: a signal must reach the node, and a killed wrapper leaves it running.
const MACHINE = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
const PROGRAM = join(
  dirname(fileURLToPath(import.meta.url)),
  `../../../node_modules/@foundry-rs/anvil-${MACHINE}/bin/anvil`,
);
const MNEMONIC = 'test test test test test test test test test test test junk';
const GWEI = 10n ** 9n;

export interface Wallet {
  readonly privateKey: Hex.Hex;
  /** Lower case. */
  readonly address: Hex.Hex;
}

/** A key of its own for every name: fresh wallets that hold nothing. */
export function wallet(name: string): Wallet {
  return walletOf(Hash.keccak256(Hex.fromString(`haetae test wallet ${name}`)));
}

function walletOf(privateKey: Hex.Hex): Wallet {
  const address = Address.fromPublicKey(Secp256k1.getPublicKey({ privateKey }));
  return { privateKey, address: address.toLowerCase() as Hex.Hex };
}

let standard: readonly Wallet[] | null = null;

/** The first ten accounts of the mnemonic that every development node knows. */
export function standardAccounts(): readonly Wallet[] {
  standard ??= Array.from({ length: 10 }, (_, index) =>
    walletOf(Mnemonic.toPrivateKey(MNEMONIC, { path: `m/44'/60'/0'/0/${index}`, as: 'Hex' })),
  );
  return standard;
}

/** Call data from a signature in words: `callData('function transfer(address,uint256)', [to, 5n])`. */
export function callData(signature: string, args: readonly unknown[] = []): Hex.Hex {
  const abi = AbiFunction.from(signature) as AbiFunction.AbiFunction;
  return (AbiFunction.encodeData as (abi: unknown, args: readonly unknown[]) => Hex.Hex)(abi, args);
}

export interface StartAnvil {
  readonly chainId?: number;
  readonly port?: number;
  readonly args?: readonly string[];
  /** State to begin with, as `save` writes it. */
  readonly stateFile?: string;
  /** False: transactions wait for `mine`, so that several share a block. Default true. */
  readonly automine?: boolean;
  /** Time of block 0, and seconds between blocks: what a test says is then the same on every run. */
  readonly genesisTime?: number;
  readonly blockSeconds?: number;
}

export interface Send {
  /** Number of a standard account, or any wallet. */
  readonly from: number | Wallet;
  /** Absent: a contract is created. */
  readonly to?: string;
  readonly value?: bigint;
  readonly data?: string;
  /** Estimated by the node where absent; give it for a transaction that is to fail. */
  readonly gas?: bigint;
  readonly nonce?: bigint;
  readonly maxFeePerGas?: bigint;
  readonly maxPriorityFeePerGas?: bigint;
}

/** A receipt with its numbers as numbers. `fee` is gas used at the price paid. */
export interface Receipt {
  readonly hash: string;
  readonly block: bigint;
  readonly txIndex: number;
  readonly ok: boolean;
  readonly gasUsed: bigint;
  readonly fee: bigint;
  readonly created: string | null;
}

/** An answer of the node with `error`: code and message as it gave them. */
export class RpcError extends Error {
  readonly code: number;

  constructor(method: string, code: number, message: string) {
    super(`${method}: ${message}`);
    this.code = code;
  }
}

export class Anvil {
  readonly chainId: number;
  readonly #options: StartAnvil;
  readonly #folder = mkdtempSync(join(tmpdir(), 'haetae-anvil-'));
  #child: ChildProcess | null = null;
  #port: number;
  #stateFile: string | null;
  #id = 0;
  /** A test that dies leaves no node behind. */
  readonly #end = (): void => {
    this.#child?.kill('SIGKILL');
  };

  constructor(options: StartAnvil) {
    this.#options = options;
    this.chainId = options.chainId ?? 31337;
    this.#port = options.port ?? 0;
    this.#stateFile = options.stateFile ?? null;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get wsUrl(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  get accounts(): readonly Wallet[] {
    return standardAccounts();
  }

  async start(): Promise<void> {
    assert.equal(this.#child, null, 'anvil runs already');
    const { automine = true, genesisTime = 1_750_000_000, blockSeconds = 12, args = [] } = this.#options;
    const words = ['--port', String(this.#port), '--chain-id', String(this.chainId), '--order', 'fifo'];
    if (!automine) words.push('--no-mining');
    if (this.#stateFile === null) words.push('--timestamp', String(genesisTime));
    else words.push('--load-state', this.#stateFile);
    const child = spawn(PROGRAM, [...words, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    process.once('exit', this.#end);
    this.#port = await listeningPort(child);
    child.stdout?.resume();
    child.stderr?.resume();
    await this.rpc('anvil_setBlockTimestampInterval', [blockSeconds]);
  }

  /** One JSON-RPC call. Throws {@link RpcError} with what the node said. */
  // biome-ignore lint/suspicious/noExplicitAny: what a node answers has the shape that the test at hand knows
  async rpc(method: string, params: readonly unknown[] = []): Promise<any> {
    this.#id += 1;
    const body = JSON.stringify({ jsonrpc: '2.0', id: this.#id, method, params });
    const answer = await fetch(this.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const { result, error } = (await answer.json()) as { result?: unknown; error?: { code: number; message: string } };
    if (error !== undefined) throw new RpcError(method, error.code, error.message);
    return result;
  }

  async mine(blocks = 1): Promise<void> {
    await this.rpc('anvil_mine', [Hex.fromNumber(blocks)]);
  }

  async blockNumber(): Promise<bigint> {
    return BigInt(await this.rpc('eth_blockNumber'));
  }

  async balance(address: string, block: bigint | 'latest' = 'latest'): Promise<bigint> {
    const at = block === 'latest' ? block : Hex.fromNumber(block);
    return BigInt(await this.rpc('eth_getBalance', [address, at]));
  }

  /** A call that changes nothing, its answer read as one whole number. */
  async read(to: string, signature: string, args: readonly unknown[] = []): Promise<bigint> {
    return BigInt(await this.rpc('eth_call', [{ to, data: callData(signature, args) }, 'latest']));
  }

  /** Signs with the sender's own key and sends; returns the hash before the transaction is in a block. */
  async send(options: Send): Promise<string> {
    return (await this.rpc('eth_sendRawTransaction', [await this.sign(options)])) as string;
  }

  /** Many at once, in this order. Throws where one is refused. */
  async sendRaw(raws: readonly string[]): Promise<string[]> {
    const hashes: string[] = [];
    for (let at = 0; at < raws.length; at += 500) {
      const calls = raws
        .slice(at, at + 500)
        .map((raw, id) => ({ jsonrpc: '2.0', id, method: 'eth_sendRawTransaction', params: [raw] }));
      const answer = await fetch(this.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(calls),
      });
      const results = (await answer.json()) as { id: number; result?: string; error?: { message: string } }[];
      for (const { result, error } of results.sort((a, b) => a.id - b.id)) {
        hashes.push(result ?? assert.fail(error?.message));
      }
    }
    return hashes;
  }

  /** A signed transaction; nonce and gas as the node says where they are not given. */
  async sign(options: Send): Promise<string> {
    const { address } = this.#wallet(options.from);
    const nonce = options.nonce ?? BigInt(await this.rpc('eth_getTransactionCount', [address, 'pending']));
    return this.signWith({ ...options, nonce, gas: options.gas ?? (await this.#estimate(address, options)) });
  }

  signWith(options: Send & { readonly nonce: bigint; readonly gas: bigint }): string {
    const { privateKey } = this.#wallet(options.from);
    const envelope = TxEnvelopeEip1559.from({
      chainId: this.chainId,
      nonce: options.nonce,
      ...(options.to === undefined ? {} : { to: options.to as Hex.Hex }),
      value: options.value ?? 0n,
      data: (options.data ?? '0x') as Hex.Hex,
      gas: options.gas,
      maxFeePerGas: options.maxFeePerGas ?? 100n * GWEI,
      maxPriorityFeePerGas: options.maxPriorityFeePerGas ?? GWEI,
    });
    const signature = Secp256k1.sign({ payload: TxEnvelopeEip1559.getSignPayload(envelope), privateKey });
    return TxEnvelopeEip1559.serialize(envelope, { signature });
  }

  /** As `send`, and waits until it is in a block (which `mine` makes, where automine is off). */
  async transact(options: Send): Promise<Receipt> {
    const hash = await this.send(options);
    if (this.#options.automine === false) await this.mine();
    return this.receipt(hash);
  }

  async deploy(
    code: string,
    argTypes = '',
    args: readonly unknown[] = [],
    from: number | Wallet = 0,
    value = 0n,
  ): Promise<Receipt> {
    const tail =
      argTypes === ''
        ? '0x'
        : (AbiParameters.encode as (types: unknown, values: readonly unknown[]) => Hex.Hex)(
            (AbiParameters.from as (text: string) => unknown)(argTypes),
            args,
          );
    return this.transact({ from, data: Hex.concat(code as Hex.Hex, tail), value });
  }

  async receipt(hash: string): Promise<Receipt> {
    for (let tries = 0; tries < 500; tries += 1) {
      const found = await this.rpc('eth_getTransactionReceipt', [hash]);
      if (found !== null) return toReceipt(found);
      await sleep(10);
    }
    return assert.fail(`${hash} came into no block`);
  }

  /** Writes the chain as it is into a file of its own, from which `restart` goes on. */
  async save(): Promise<string> {
    const dump = (await this.rpc('anvil_dumpState', [true])) as Hex.Hex;
    this.#stateFile = join(this.#folder, 'state.json');
    writeFileSync(this.#stateFile, gunzipSync(Hex.toBytes(dump)));
    return this.#stateFile;
  }

  /** Ends the process at once; what was not saved is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    process.removeListener('exit', this.#end);
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  /** On the same port, from what was last saved. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  async stop(): Promise<void> {
    await this.kill('SIGTERM');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #wallet(from: number | Wallet): Wallet {
    return typeof from === 'number' ? this.accounts[from]! : from;
  }

  async #estimate(from: string, { to, value = 0n, data = '0x' }: Send): Promise<bigint> {
    const call = { from, ...(to === undefined ? {} : { to }), value: Hex.fromNumber(value), data };
    return (BigInt(await this.rpc('eth_estimateGas', [call, 'pending'])) * 5n) / 4n;
  }
}

export async function startAnvil(options: StartAnvil = {}): Promise<Anvil> {
  const anvil = new Anvil(options);
  await anvil.start();
  return anvil;
}

interface RawReceipt {
  readonly transactionHash: string;
  readonly blockNumber: string;
  readonly transactionIndex: string;
  readonly status: string;
  readonly gasUsed: string;
  readonly effectiveGasPrice: string;
  readonly contractAddress: string | null;
}

function toReceipt(raw: RawReceipt): Receipt {
  return {
    hash: raw.transactionHash,
    block: BigInt(raw.blockNumber),
    txIndex: Number(raw.transactionIndex),
    ok: raw.status === '0x1',
    gasUsed: BigInt(raw.gasUsed),
    fee: BigInt(raw.gasUsed) * BigInt(raw.effectiveGasPrice),
    created: raw.contractAddress?.toLowerCase() ?? null,
  };
}

function listeningPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let printed = '';
    const read = (chunk: Buffer): void => {
      printed += chunk.toString();
      const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(printed)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => reject(new Error(`anvil ended with ${code}: ${printed.slice(-500)}`)));
    child.once('error', reject);
  });
}
