import type { HaetaeError } from '../../base/errors.ts';
import type { Activity } from '../chain-source.ts';
import type { Endpoint } from '../endpoint.ts';
import { badAnswer, limited, sourceFault } from '../net/fault.ts';
import { HttpClient, type HttpOptions } from '../net/http.ts';
import { BlockSet, TooMany } from './block-set.ts';

/** Rows of one page; explorers give 1,000 to 10,000. */
const PAGE = 1000;
/** Blocks that an explorer has not yet listed are simply read, up to so many. */
const MAX_UNLISTED = 300n;
/** The newest blocks of a list may still be in the making. */
const SETTLING = 2n;
const MAX_PAGES = 100_000;

/** Lists of the account module, each with what is missing where an explorer does not have it. */
const LISTS = [
  { action: 'txlist', lacks: null },
  { action: 'txlistinternal', lacks: 'moves of native coins inside contracts' },
  { action: 'tokentx', lacks: 'token transfers' },
  { action: 'tokennfttx', lacks: 'ERC-721 transfers' },
  { action: 'token1155tx', lacks: 'ERC-1155 transfers' },
] as const;

/** A list of the blocks in which an address was active. It is a hint of what to read, never evidence. */
export interface ActivityList {
  readonly name: string;
  /** As {@link AccountSource.activity}. */
  activity(address: string, from: bigint, to: bigint, limit: number): Promise<Activity | null>;
  close(): void;
}

/**
 * Blockscout and Etherscan-like explorers by the interface they share (`module=account&action=txlist` and its kin;
 * docs.etherscan.io, docs.blockscout.com "RPC API"). Throws as HttpClient does, and E_SOURCE where the key is refused.
 */
export function openExplorer(endpoint: Endpoint, signal?: AbortSignal, options: HttpOptions = {}): ActivityList {
  const placed = { ...endpoint, url: apiUrl(endpoint) };
  const http = new HttpClient(placed, signal, options);
  const explorer = new Explorer(endpoint, http);
  return {
    name: endpoint.name,
    activity: (address, from, to, limit) => explorer.activity(address, from, to, limit),
    close: () => http.close(),
  };
}

/** The address a user copies may be the site's: the interface is under /api, Etherscan's own under /v2/api. */
function apiUrl(endpoint: Endpoint): string {
  const url = new URL(endpoint.url);
  const path = url.pathname.replace(/\/+$/, '');
  if (!/\/api$/.test(path)) url.pathname = url.hostname === 'api.etherscan.io' ? '/v2/api' : `${path}/api`;
  if (endpoint.kind === 'etherscan' && !url.searchParams.has('chainid')) {
    url.searchParams.set('chainid', endpoint.chain.id.slice('eip155:'.length));
  }
  return url.href;
}

interface Answer {
  readonly message: string;
  readonly result: unknown;
}

class Explorer {
  readonly #endpoint: Endpoint;
  readonly #http: HttpClient;

  constructor(endpoint: Endpoint, http: HttpClient) {
    this.#endpoint = endpoint;
    this.#http = http;
  }

  async activity(address: string, from: bigint, to: bigint, limit: number): Promise<Activity | null> {
    const listed = (await this.#height()) - SETTLING;
    if (to - listed > MAX_UNLISTED) return null;
    const found = new BlockSet(limit);
    const gaps = [`what ${this.#endpoint.name} does not list; its list cannot be checked`];
    const last = to < listed ? to : listed;
    try {
      for (const { action, lacks } of LISTS) {
        if (from > last) break;
        const lack = await this.#list(action, address, from, last, found);
        if (lack && lacks === null) return null;
        if (lack) gaps.push(`${lacks}: ${this.#endpoint.name} does not list them all`);
      }
    } catch (error) {
      if (!(error instanceof TooMany)) throw error;
      return { blocks: found.sorted(), truncated: true, gaps: [] };
    }
    const blocks = new Set(found.sorted());
    for (let block = listed < from ? from : listed + 1n; block <= to; block++) blocks.add(block);
    return { blocks: [...blocks].sort((a, b) => (a < b ? -1 : 1)), truncated: false, gaps };
  }

  /** True where the explorer does not have the whole list. Only numbers of blocks are wanted, so a page begins after the last one's. */
  async #list(action: string, address: string, from: bigint, to: bigint, found: BlockSet): Promise<boolean> {
    let lacking = false;
    let start = from;
    for (let page = 0; page < MAX_PAGES && start <= to; page++) {
      const query = { startblock: start.toString(), endblock: to.toString(), page: '1', offset: String(PAGE) };
      const answer = await this.#ask({ module: 'account', action, address, ...query, sort: 'asc' });
      if (!Array.isArray(answer.result)) {
        if (/unknown action|invalid action|missing or unsupported/i.test(answer.message)) return true;
        throw badAnswer(this.#endpoint, 'the list of the explorer is not a list', { action });
      }
      if (/not yet been processed|being indexed/i.test(answer.message)) lacking = true;
      const numbers = answer.result.map((row) => this.#blockOf(row, action)).filter((n) => n >= start && n <= to);
      found.add(numbers);
      if (answer.result.length < PAGE) return lacking;
      // A page that is not in order says nothing of where the next one begins.
      if (numbers.length === 0 || numbers.some((n, i) => i > 0 && n < numbers[i - 1]!))
        throw badAnswer(this.#endpoint, 'the explorer does not page its list as asked', { action });
      start = numbers.reduce((a, b) => (a > b ? a : b)) + 1n;
    }
    return lacking;
  }

  /** The newest block that the explorer has taken in. */
  async #height(): Promise<bigint> {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const query = { module: 'block', action: 'getblocknobytime', timestamp, closest: 'before' };
    const { result } = await this.#ask(query);
    const given =
      typeof result === 'object' && result !== null ? (result as Record<string, unknown>).blockNumber : result;
    if (typeof given === 'string' && /^\d{1,15}$/.test(given)) return BigInt(given);
    throw badAnswer(this.#endpoint, 'the explorer does not say how far it is', { action: query.action });
  }

  #blockOf(row: unknown, action: string): bigint {
    const given = (row as { blockNumber?: unknown } | null)?.blockNumber;
    if (typeof given === 'string' && /^\d{1,15}$/.test(given)) return BigInt(given);
    throw badAnswer(this.#endpoint, 'a row of the explorer names no block', { action });
  }

  async #ask(query: Readonly<Record<string, string>>): Promise<Answer> {
    const answer = await this.#http.json('', { query, jsonStatuses: [400], refused: isRateLimit });
    const { message, result } = (answer ?? {}) as { message?: unknown; result?: unknown };
    const text = `${typeof message === 'string' ? message : ''} ${typeof result === 'string' ? result : ''}`;
    if (/api ?key|free api access|not supported for this chain|chainid/i.test(text) && typeof result === 'string') {
      throw this.#refused(query.action ?? '');
    }
    if (/timeout|result window is too large/i.test(text)) {
      throw limited(this.#endpoint, 'the explorer refuses: the list is too long for it', {
        action: query.action ?? '',
      });
    }
    if (result === undefined) throw badAnswer(this.#endpoint, 'the answer of the explorer has no result');
    return { message: text, result };
  }

  #refused(action: string): HaetaeError {
    const remedy = 'check the key, and that it is good for this chain';
    return sourceFault('E_SOURCE', this.#endpoint, 'the explorer refuses us', remedy, { action });
  }
}

/** Status 200, and "Max rate limit reached" or "Max calls per sec rate limit reached (3/sec)" in place of a list. */
function isRateLimit(answer: unknown): boolean {
  const { message, result } = (answer ?? {}) as { message?: unknown; result?: unknown };
  return [message, result].some((text) => typeof text === 'string' && /rate limit|too many requests/i.test(text));
}
