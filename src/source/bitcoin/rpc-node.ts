import type { Endpoint } from '../endpoint.ts';
import { isTooLong, notFound } from '../net/fault.ts';
import type { HttpClient } from '../net/http.ts';
import { fieldOf, lagOf, requireHash, requireHex, requireList, requireNumber } from './answer.ts';
import type { Asked } from './block.ts';
import { behind, noIndex, noSuchTransaction, pruned } from './fault.ts';
import type { BitcoinNode, WantedTransaction } from './node.ts';
import { rebuildBlock } from './rebuild.ts';
import { CoreRpc, type RpcOutcome } from './rpc.ts';

type Failed = Extract<RpcOutcome, { ok: false }>;

const MISC_ERROR = -1;
const NOT_FOUND = -5;
const OUT_OF_RANGE = -8;
/** Verbosities of getblock that give whole transactions in hex. */
const WITH_HEX = 2;
const WITH_PREVIOUS = 3;

/** Bitcoin Core and its kin over JSON-RPC; raw bytes wherever they can be had. */
export class RpcNode implements BitcoinNode {
  readonly explorer = null;
  readonly #endpoint: Endpoint;
  readonly #rpc: CoreRpc;
  readonly #http: HttpClient;

  constructor(endpoint: Endpoint, http: HttpClient) {
    this.#endpoint = endpoint;
    this.#http = http;
    this.#rpc = new CoreRpc(endpoint, http);
  }

  async tip(): Promise<string> {
    return requireHash(this.#endpoint, await this.#rpc.result('getbestblockhash'), 'block hash');
  }

  async hashAt(number: bigint): Promise<string> {
    const outcome = await this.#rpc.call('getblockhash', Number(number));
    if (outcome.ok) return requireHash(this.#endpoint, outcome.result, 'block hash');
    if (outcome.code !== OUT_OF_RANGE) throw this.#rpc.fault('getblockhash', outcome);
    throw behind(this.#endpoint, 'the block is above the head of the node', { block: number.toString() });
  }

  async header(hash: string): Promise<{ bytes: Uint8Array; number: bigint }> {
    const calls = [false, true].map((verbose) => ({ method: 'getblockheader', params: [hash, verbose] }));
    const [raw, verbose] = await this.#rpc.batch(calls);
    for (const outcome of [raw, verbose]) {
      if (outcome?.ok === false) throw this.#blockFault('getblockheader', outcome, hash);
    }
    const number = requireNumber(this.#endpoint, fieldOf(resultOf(verbose), 'height'), 'height');
    return { bytes: requireHex(this.#endpoint, resultOf(raw), 'block header'), number: BigInt(number) };
  }

  async rawBlock(asked: Asked): Promise<Uint8Array> {
    const outcome = await this.#rpc.call('getblock', asked.hash, 0);
    if (outcome.ok && typeof outcome.result === 'string')
      return requireHex(this.#endpoint, outcome.result, 'raw block');
    if (!outcome.ok && isUnavailable(outcome)) throw await this.#unavailable(asked, outcome);
    if (!outcome.ok && outcome.code === NOT_FOUND) throw this.#blockFault('getblock', outcome, asked.hash);
    // A server that gives no raw blocks: the same block from its parts, checked no less.
    const verbose = await this.#rpc.result('getblock', asked.hash, WITH_HEX);
    return rebuildBlock(verbose, this.#endpoint);
  }

  async #unavailable(asked: Asked, { message }: Failed): Promise<Error> {
    if (!/pruned/i.test(message))
      return behind(this.#endpoint, 'the node has not loaded the block', { block: asked.hash });
    const info = await this.#rpc.result('getblockchaininfo');
    const lowest = fieldOf(info, 'pruneheight');
    return pruned(this.#endpoint, asked.number, typeof lowest === 'number' ? lowest : null);
  }

  async blockHashOf(tx: string): Promise<string> {
    const outcome = await this.#rpc.call('getrawtransaction', tx, true);
    if (outcome.ok) {
      const hash = fieldOf(outcome.result, 'blockhash');
      if (hash === undefined) throw noSuchTransaction(this.#endpoint, tx, 'the transaction is not yet in a block');
      return requireHash(this.#endpoint, hash, 'block hash');
    }
    if (/genesis block coinbase/i.test(outcome.message)) return this.hashAt(0n);
    if (outcome.code !== NOT_FOUND) throw this.#rpc.fault('getrawtransaction', outcome);
    if (/being indexed/i.test(outcome.message)) throw behind(this.#endpoint, 'the node is still indexing', { tx });
    if (/-txindex/i.test(outcome.message)) return this.#byUnspent(tx);
    throw noSuchTransaction(this.#endpoint, tx);
  }

  /** Without -txindex, the set of unspent outputs still tells the height of a transaction that has one among its first. */
  async #byUnspent(tx: string): Promise<string> {
    const calls = Array.from({ length: 8 }, (_, index) => ({ method: 'gettxout', params: [tx, index, false] }));
    const outcomes = await this.#rpc.batch(calls);
    const found = outcomes.map(resultOf).find((result) => typeof result === 'object' && result !== null);
    if (found === undefined) throw noIndex(this.#endpoint, tx);
    const best = await this.header(requireHash(this.#endpoint, fieldOf(found, 'bestblock'), 'block hash'));
    const confirmations = requireNumber(this.#endpoint, fieldOf(found, 'confirmations'), 'number of confirmations');
    return this.hashAt(best.number - BigInt(confirmations) + 1n);
  }

  async rawTransactions(wanted: readonly WantedTransaction[]): Promise<readonly (Uint8Array | null)[]> {
    const calls = wanted.map(({ tx, block }) => ({
      method: 'getrawtransaction',
      params: block === null ? [tx, false] : [tx, false, block],
    }));
    const outcomes = await this.#rpc.batch(calls);
    return outcomes.map((outcome) => {
      if (outcome.ok) return requireHex(this.#endpoint, outcome.result, 'raw transaction');
      if (/being indexed/i.test(outcome.message)) throw behind(this.#endpoint, 'the node is still indexing', {});
      if (outcome.code === NOT_FOUND || isUnavailable(outcome)) return null;
      throw this.#rpc.fault('getrawtransaction', outcome);
    });
  }

  async isStale(hash: string): Promise<boolean> {
    const outcome = await this.#rpc.call('getblockheader', hash, true);
    return outcome.ok && fieldOf(outcome.result, 'confirmations') === -1;
  }

  /** Bitcoin Core 23 and later name the height of every output spent; older ones do not. */
  async previousBlocks(hash: string): Promise<ReadonlyMap<string, bigint> | null> {
    const block = await this.#verboseBlock(hash);
    if (block === null) return null;
    const heights = new Map<string, bigint>();
    for (const transaction of requireList(this.#endpoint, fieldOf(block, 'tx'), 'list of transactions')) {
      for (const input of requireList(this.#endpoint, fieldOf(transaction, 'vin'), 'list of inputs')) {
        const height = fieldOf(fieldOf(input, 'prevout'), 'height');
        const tx = fieldOf(input, 'txid');
        if (typeof tx === 'string' && typeof height === 'number') heights.set(tx, BigInt(height));
      }
    }
    return heights.size === 0 ? null : heights;
  }

  async #verboseBlock(hash: string): Promise<unknown> {
    try {
      const outcome = await this.#rpc.call('getblock', hash, WITH_PREVIOUS);
      return outcome.ok ? outcome.result : null;
    } catch (error) {
      if (isTooLong(error)) return null;
      throw error;
    }
  }

  async lag(): Promise<string | null> {
    return lagOf(await this.#rpc.result('getblockchaininfo'), this.#endpoint);
  }

  close(): void {
    this.#http.close();
  }

  #blockFault(method: string, outcome: Failed, hash: string): Error {
    if (outcome.code !== NOT_FOUND) return this.#rpc.fault(method, outcome);
    return notFound(this.#endpoint, 'the node does not know the block', { block: hash });
  }
}

function isUnavailable({ code, message }: Failed): boolean {
  return code === MISC_ERROR && /not available|pruned|not found on disk|not fully downloaded/i.test(message);
}

function resultOf(outcome: RpcOutcome | undefined): unknown {
  return outcome?.ok === true ? outcome.result : undefined;
}
