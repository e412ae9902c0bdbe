import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Litecoind } from './_litecoind.ts';

interface SaidBlock {
  readonly hash: string;
  readonly height: number;
  readonly version: number;
  readonly time: number;
  readonly bits: string;
  readonly nonce: number;
  readonly merkleroot: string;
  readonly previousblockhash?: string;
  readonly tx: readonly SaidTransaction[];
}

interface SaidTransaction {
  readonly txid: string;
  readonly hex: string;
  readonly vin: readonly { readonly txid?: string; readonly vout?: number }[];
  readonly vout: readonly { readonly scriptPubKey: { readonly hex: string; readonly addresses?: readonly string[] } }[];
}

interface Answer {
  readonly status: number;
  readonly body: string | Buffer;
}

const PAGE = 25;
const MISSING: Answer = { status: 404, body: 'not found' };

/**
 * The documented routes of Esplora (https://github.com/Blockstream/esplora/blob/master/API.md), answered from a node's own RPC: the
 * shape is Esplora's, the data are the chain's.
 */
export class EsploraServer {
  readonly #node: Litecoind;
  readonly #server: Server;
  readonly requests: string[] = [];
  /** Changes what is answered to a path. */
  tamper: ((path: string, answer: Answer) => Answer) | null = null;

  constructor(node: Litecoind) {
    this.#node = node;
    this.#server = createServer((request, response) => {
      const path = decodeURIComponent((request.url ?? '').replace(/^\/api\//, ''));
      this.requests.push(path);
      this.#answer(path).then(
        (answer) => {
          const { status, body } = this.tamper?.(path, answer) ?? answer;
          response.writeHead(status, status === 429 ? { 'retry-after': '0' } : {}).end(body);
        },
        () => response.writeHead(500).end(),
      );
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(path: string): Promise<Answer> {
    const [first = '', second = '', third = '', ...rest] = path.split('/');
    if (path === 'blocks/tip/hash') return text(await this.#node.rpc('getbestblockhash'));
    if (path === 'blocks/tip/height') return text(String(await this.#node.rpc('getblockcount')));
    if (first === 'block-height') return this.#blockHash(Number(second));
    if (first === 'block') return this.#block(second, third);
    if (first === 'tx') return this.#transaction(second, third);
    if (first === 'address' && third === 'txs' && rest[0] === 'chain') return this.#address(second, rest[1]);
    return MISSING;
  }

  async #blockHash(height: number): Promise<Answer> {
    const count = await this.#node.rpc<number>('getblockcount');
    return height > count ? MISSING : text(await this.#node.rpc('getblockhash', height));
  }

  async #block(hash: string, part: string): Promise<Answer> {
    const header = await this.#asked<{ confirmations: number }>('getblockheader', hash, true);
    if (header === null) return MISSING;
    if (part === 'raw')
      return { status: 200, body: Buffer.from(await this.#node.rpc<string>('getblock', hash, 0), 'hex') };
    if (part === 'header') return text(await this.#node.rpc('getblockheader', hash, false));
    if (part === 'status') return json({ in_best_chain: header.confirmations >= 0 });
    const block = await this.#node.rpc<SaidBlock>('getblock', hash, 2);
    return json({
      id: block.hash,
      height: block.height,
      version: block.version,
      timestamp: block.time,
      tx_count: block.tx.length,
      merkle_root: block.merkleroot,
      previousblockhash: block.previousblockhash ?? null,
      nonce: block.nonce,
      bits: Number.parseInt(block.bits, 16),
    });
  }

  async #transaction(txid: string, part: string): Promise<Answer> {
    const said = await this.#asked<{ hex: string; blockhash?: string }>('getrawtransaction', txid, true);
    if (said === null) return MISSING;
    if (part === 'hex') return text(said.hex);
    if (said.blockhash === undefined) return part === 'status' ? json({ confirmed: false }) : MISSING;
    const block = await this.#node.rpc<SaidBlock>('getblock', said.blockhash, 2);
    if (part === 'status') {
      return json({ confirmed: true, block_height: block.height, block_hash: block.hash, block_time: block.time });
    }
    const ids = block.tx.map((each) => each.txid);
    const pos = ids.indexOf(txid);
    if (part === 'merkle-proof') return json({ block_height: block.height, merkle: branchOf(ids, pos), pos });
    return part === 'outspends' ? json(await this.#outspends(block.tx[pos]!)) : MISSING;
  }

  async #outspends(transaction: SaidTransaction): Promise<object[]> {
    const spends: object[] = transaction.vout.map(() => ({ spent: false }));
    for (const block of await this.#blocks()) {
      for (const { txid, vin } of block.tx) {
        vin.forEach((input, index) => {
          if (input.txid !== transaction.txid) return;
          const status = { confirmed: true, block_height: block.height, block_hash: block.hash };
          spends[input.vout!] = { spent: true, txid, vin: index, status };
        });
      }
    }
    for (const txid of await this.#node.rpc<string[]>('getrawmempool')) {
      const { vin } = await this.#node.rpc<SaidTransaction>('getrawtransaction', txid, true);
      for (const input of vin) {
        if (input.txid === transaction.txid)
          spends[input.vout!] = { spent: true, txid, vin: 0, status: { confirmed: false } };
      }
    }
    return spends;
  }

  /** Paid or spent from, newest first. */
  async #address(address: string, after: string | undefined): Promise<Answer> {
    const blocks = await this.#blocks();
    const all = new Map(blocks.flatMap((block) => block.tx.map((tx) => [tx.txid, tx])));
    const pays = (tx: SaidTransaction | undefined, index?: number): boolean =>
      tx?.vout.some((output, i) => (index ?? i) === i && output.scriptPubKey.addresses?.includes(address)) ?? false;
    const found = [...all.values()]
      .filter((tx) => pays(tx) || tx.vin.some(({ txid, vout }) => pays(all.get(txid ?? ''), vout)))
      .reverse();
    const from = after === undefined ? 0 : found.findIndex(({ txid }) => txid === after) + 1;
    return json(
      found.slice(from, from + PAGE).map(({ txid, vout }) => ({
        txid,
        vout: vout.map(({ scriptPubKey }) => ({ scriptpubkey: scriptPubKey.hex })),
      })),
    );
  }

  async #blocks(): Promise<SaidBlock[]> {
    const count = await this.#node.rpc<number>('getblockcount');
    const blocks: SaidBlock[] = [];
    for (let height = 0; height <= count; height++) {
      blocks.push(await this.#node.rpc('getblock', await this.#node.rpc('getblockhash', height), 2));
    }
    return blocks;
  }

  /** null where the node answers with an error. */
  async #asked<T>(method: string, ...params: readonly unknown[]): Promise<T | null> {
    try {
      return await this.#node.rpc<T>(method, ...params);
    } catch {
      return null;
    }
  }
}

export async function startEsplora(node: Litecoind): Promise<EsploraServer> {
  const server = new EsploraServer(node);
  await server.start();
  return server;
}

function text(body: string): Answer {
  return { status: 200, body };
}

function json(value: unknown): Answer {
  return { status: 200, body: JSON.stringify(value) };
}

/** Electrum's get_merkle: the neighbours from the leaf up, in display order. */
function branchOf(ids: readonly string[], position: number): string[] {
  const branch: string[] = [];
  let row: Buffer[] = ids.map((id) => Buffer.from(id, 'hex').reverse());
  for (let at = position; row.length > 1; at >>= 1) {
    branch.push(
      Buffer.from(row[at ^ 1] ?? row[at]!)
        .reverse()
        .toString('hex'),
    );
    row = Array.from({ length: Math.ceil(row.length / 2) }, (_, i) =>
      pairHash(row[2 * i]!, row[2 * i + 1] ?? row[2 * i]!),
    );
  }
  return branch;
}

function pairHash(left: Buffer, right: Buffer): Buffer {
  const once = createHash('sha256').update(left).update(right).digest();
  return createHash('sha256').update(once).digest();
}
