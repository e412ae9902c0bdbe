import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Anvil } from './_anvil.ts';

interface RawFrame {
  readonly action: { readonly from: string; readonly to?: string; readonly value?: string };
  readonly blockNumber: number;
}

interface RawLog {
  readonly blockNumber: string;
  readonly topics: readonly string[];
}

/**
 * An explorer's account module in its documented shape, of what a node itself says: senders, receivers and inner calls from its
 * traces, token transfers from its logs. No explorer can be had offline.
 */
export class ExplorerServer {
  readonly #anvil: Anvil;
  /** By action, then by address: blocks. */
  readonly #lists: Record<string, Map<string, Set<number>>> = {
    txlist: new Map(),
    txlistinternal: new Map(),
    tokentx: new Map(),
  };
  #height = 0;
  readonly #server: Server = createServer((request, response) => {
    response.end(JSON.stringify(this.#answer(new URL(request.url ?? '', 'http://x').searchParams)));
  });

  constructor(anvil: Anvil) {
    this.#anvil = anvil;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    await this.takeIn();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Lists what the node has now. */
  async takeIn(): Promise<void> {
    const head = Number(await this.#anvil.blockNumber());
    for (let block = this.#height + 1; block <= head; block += 1) {
      const number = `0x${block.toString(16)}`;
      for (const { action, blockNumber } of (await this.#anvil.rpc('trace_block', [number])) as RawFrame[]) {
        for (const address of [action.from, action.to]) this.#list('txlist', address, blockNumber);
      }
      const logs = (await this.#anvil.rpc('eth_getLogs', [{ fromBlock: number, toBlock: number }])) as RawLog[];
      for (const log of logs) {
        for (const topic of log.topics.slice(1)) this.#list('tokentx', `0x${topic.slice(26)}`, Number(log.blockNumber));
      }
    }
    this.#height = head;
  }

  #list(action: string, address: string | undefined, block: number): void {
    if (address === undefined) return;
    const lists = this.#lists[action]!;
    lists.set(address, (lists.get(address) ?? new Set()).add(block));
  }

  #answer(query: URLSearchParams): unknown {
    if (query.get('action') === 'getblocknobytime') return { status: '1', message: 'OK', result: String(this.#height) };
    const lists = this.#lists[query.get('action') ?? ''];
    if (lists === undefined) return { status: '0', message: 'No transactions found', result: [] };
    const [from, to] = [Number(query.get('startblock')), Number(query.get('endblock'))];
    const rows = [...(lists.get(query.get('address') ?? '') ?? [])].filter((block) => block >= from && block <= to);
    return { status: '1', message: 'OK', result: rows.map((block) => ({ blockNumber: String(block), hash: '0x' })) };
  }
}
