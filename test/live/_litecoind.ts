import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = '/usr/bin/litecoind';
const USER = 'haetae';
const PASSWORD = 'regtest-only';
const WALLET = 'w';
const START_MS = 60_000;

/** Why tests that need the node are skipped; false where it is here. */
export const noLitecoind: string | false = existsSync(PROGRAM)
  ? false
  : `${PROGRAM} is not installed (Debian: litecoind)`;

export interface LitecoindOptions {
  /** Default true. */
  readonly txindex?: boolean;
  /** Further arguments. */
  readonly args?: readonly string[];
}

/** A real node on a chain of its own. */
export interface Litecoind {
  /** For kind bitcoin-rpc, user and password in it. */
  readonly url: string;
  /** For kind bitcoin-rest. */
  readonly restUrl: string;
  /** The result; throws with the node's own words. */
  rpc<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T>;
  /** Blocks to the address given, or to a fresh one of the wallet, which is made where there is none. Gives their hashes. */
  mine(blocks: number, address?: string): Promise<string[]>;
  /** Ends it in good order and removes its folder. */
  stop(): Promise<void>;
  /**
   * Ends it at once (SIGKILL), its folder kept: `restart` brings it back. A node that is killed forgets every block since it last
   * wrote its state, here all of them: so it is made to write first, unless `forget`.
   */
  kill(options?: { readonly forget?: boolean }): Promise<void>;
  /** Starts it again on the same port and folder, with further arguments if any; ends it first where it runs. */
  restart(...args: readonly string[]): Promise<void>;
}

export async function startLitecoind(options: LitecoindOptions = {}): Promise<Litecoind> {
  const node = new Node(await freePort(), options);
  await node.start([]);
  return node;
}

class Node implements Litecoind {
  readonly url: string;
  readonly restUrl: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'haetae-litecoind-'));
  readonly #args: readonly string[];
  #process: ChildProcess | null = null;

  constructor(port: number, { txindex = true, args = [] }: LitecoindOptions) {
    this.url = `http://${USER}:${PASSWORD}@127.0.0.1:${port}`;
    this.restUrl = `http://127.0.0.1:${port}`;
    this.#args = [
      '-regtest',
      // The extension block starts in 2033: without this it starts by itself after some hundred blocks.
      '-vbparams=mweb:1999999999:1999999999',
      '-server',
      '-rest',
      '-listen=0',
      '-dnsseed=0',
      '-fallbackfee=0.001',
      '-maxtxfee=10',
      `-txindex=${txindex ? 1 : 0}`,
      `-datadir=${this.#folder}`,
      `-rpcport=${port}`,
      `-rpcuser=${USER}`,
      `-rpcpassword=${PASSWORD}`,
      '-printtoconsole=0',
      ...args,
    ];
  }

  async start(args: readonly string[]): Promise<void> {
    const child = spawn(PROGRAM, [...this.#args, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += String(chunk);
    });
    this.#process = child;
    process.once('exit', () => child.kill('SIGKILL'));
    const end = Date.now() + START_MS;
    while (Date.now() < end) {
      if (child.exitCode !== null) throw new Error(`litecoind ended with ${child.exitCode}: ${said}`);
      if (await this.#answers()) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('litecoind does not answer');
  }

  async #answers(): Promise<boolean> {
    try {
      await this.rpc('getblockchaininfo');
      return true;
    } catch {
      return false;
    }
  }

  async rpc<T>(method: string, ...params: readonly unknown[]): Promise<T> {
    const response = await fetch(this.restUrl, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}` },
      body: JSON.stringify({ jsonrpc: '1.0', id: 1, method, params }),
    });
    const { result, error } = (await response.json()) as { result: T; error: { message: string } | null };
    if (error !== null) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  async mine(blocks: number, address?: string): Promise<string[]> {
    return this.rpc('generatetoaddress', blocks, address ?? (await this.#ownAddress()));
  }

  async #ownAddress(): Promise<string> {
    const wallets = await this.rpc<string[]>('listwallets');
    // Loaded again at each start; a test that makes wallets of its own gets none of ours.
    if (wallets.length === 0) await this.rpc('createwallet', WALLET, false, false, '', false, false, true);
    return this.rpc('getnewaddress');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async kill({ forget = false }: { readonly forget?: boolean } = {}): Promise<void> {
    if (!forget) await this.rpc('gettxoutsetinfo');
    await this.#end('SIGKILL');
  }

  async restart(...args: readonly string[]): Promise<void> {
    await this.#end('SIGTERM');
    await this.start(args);
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
