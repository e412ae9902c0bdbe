import { HaetaeError } from '../../base/errors.ts';
import type { Asset, AssetId } from '../../model/asset.ts';
import type { ChainId } from '../../model/chain.ts';
import type { AccountBlock, AccountSource, Activity, BalanceQuery, BlockRef } from '../chain-source.ts';
import { type Endpoint, isLocal } from '../endpoint.ts';
import { isFault, KIND_REMEDY, noTransaction, sourceFault } from '../net/fault.ts';
import { everyMs, followHeads } from '../net/follow-heads.ts';
import { HeadMemory } from '../net/head-memory.ts';
import { readAhead } from '../net/read-ahead.ts';
import { findActivity } from './activity.ts';
import { decodeBlock } from './decode.ts';
import { BlockFetcher, notTheChain, type OnBytes, withEndpoint } from './fetch-block.ts';
import { newHeads } from './heads.ts';
import { readQuantity } from './hex.ts';
import { parseRawHeader, type RawBlock } from './raw.ts';
import { Rpc, type RpcOptions } from './rpc.ts';
import { readBalances } from './state.ts';
import { readTokens } from './tokens.ts';
import { verifyBlock, verifyHeader } from './verify.ts';

const POLL_MS = 1000;
const LOCAL_POLL_MS = 100;
/** A block that was reorganised away between two answers is read again so often. */
const REREADS = 3;
const HASH = /^0x[0-9a-f]{64}$/i;

/** Opens an Ethereum JSON-RPC node. Throws E_SOURCE_CHAIN where it serves another chain, and as every call does. */
export async function openEvmSource(endpoint: Endpoint, options: RpcOptions = {}): Promise<AccountSource> {
  const rpc = new Rpc(endpoint, options);
  try {
    const given = await rpc.call('eth_chainId', []);
    if (readQuantity(given) !== BigInt(endpoint.chain.id.slice('eip155:'.length))) throw notTheChain(endpoint, given);
  } catch (error) {
    rpc.close();
    if (!isFault(error, 'E_NOT_FOUND')) throw error;
    throw sourceFault('E_SOURCE', endpoint, 'no JSON-RPC node answers at this path', KIND_REMEDY);
  }
  return new EvmNode(endpoint, rpc, options.onNotice);
}

class EvmNode implements AccountSource {
  readonly model = 'account';
  readonly chain: ChainId;
  readonly name: string;
  readonly #endpoint: Endpoint;
  readonly #rpc: Rpc;
  readonly #fetcher: BlockFetcher;
  readonly #memory: HeadMemory;

  constructor(endpoint: Endpoint, rpc: Rpc, onNotice?: (text: string) => void) {
    this.chain = endpoint.chain.id;
    this.name = endpoint.name;
    this.#endpoint = endpoint;
    this.#rpc = rpc;
    this.#fetcher = new BlockFetcher(endpoint, rpc, onNotice);
    this.#memory = new HeadMemory(endpoint);
  }

  head(): Promise<BlockRef> {
    return this.#checked(async () => {
      const answer = await this.#rpc.call('eth_getBlockByNumber', ['latest', false]);
      return this.#memory.head(verifyHeader(parseRawHeader(answer, null), this.chain));
    });
  }

  blockRef(number: bigint): Promise<BlockRef> {
    return this.#checked(async () => {
      const answer = await this.#fetcher.block(number, false);
      const ref = verifyHeader(parseRawHeader(answer, number), this.chain);
      this.#memory.note(ref);
      return ref;
    });
  }

  async blockOf(tx: string): Promise<bigint> {
    if (!HASH.test(tx)) {
      const context = { tx: tx.slice(0, 80), chain: this.chain };
      const remedy = 'give the hash of a transaction: 0x and 64 hex digits';
      throw new HaetaeError('E_NOT_FOUND', 'not the hash of a transaction', { context, remedy });
    }
    const answer = (await this.#rpc.call('eth_getTransactionByHash', [tx])) as Record<string, unknown> | null;
    const context = { tx, chain: this.chain };
    if (answer === null) throw noTransaction(this.#endpoint, 'no such transaction on this chain', context);
    const { blockNumber } = answer;
    if (typeof blockNumber !== 'string' || !/^0x[0-9a-f]{1,16}$/i.test(blockNumber)) {
      throw noTransaction(this.#endpoint, 'the transaction is not in a block yet', context);
    }
    const number = BigInt(blockNumber);
    await this.#checked(() => this.#proveIn(number, tx.toLowerCase()));
    return number;
  }

  async block(number: bigint): Promise<AccountBlock> {
    return this.#read(number);
  }

  blocks(from: bigint, to: bigint): AsyncIterable<AccountBlock> {
    return readAhead(from, to, (number, onBytes) => this.#read(number, onBytes));
  }

  heads(signal: AbortSignal): AsyncIterable<BlockRef> {
    const { socket } = this.#rpc;
    const local = isLocal(new URL(this.#endpoint.url));
    const next = socket === null ? everyMs(local ? LOCAL_POLL_MS : POLL_MS) : newHeads(this.#rpc, POLL_MS);
    return followHeads(() => this.head(), next, signal);
  }

  activity(address: string, from: bigint, to: bigint, limit: number): Promise<Activity | null> {
    return findActivity(this.#rpc, this.#endpoint, address.toLowerCase(), from, to, limit);
  }

  balances(places: readonly BalanceQuery[], block: bigint): Promise<readonly (bigint | null)[]> {
    return readBalances(this.#endpoint, this.#rpc, places, block);
  }

  tokens(assets: readonly AssetId[]): Promise<readonly Asset[]> {
    return readTokens(this.#rpc, this.chain, assets);
  }

  async close(): Promise<void> {
    this.#rpc.close();
  }

  async #read(number: bigint, onBytes?: OnBytes): Promise<AccountBlock> {
    for (let again = 0; ; again++) {
      const block = await this.#checked(() => this.#fetcher.whole(number, onBytes));
      try {
        const bundle = await this.#fetcher.withRest(block, onBytes);
        this.#memory.note(verifyBlock(bundle, this.chain));
        return decodeBlock(bundle, this.chain);
      } catch (error) {
        if (again < REREADS && (await this.#changed(block, error))) continue;
        throw withEndpoint(this.#endpoint, this.#wrongHash(block, error));
      }
    }
  }

  /** A lie, or a part that is gone, may be no more than a reorganisation between two answers: then another block stands there now. */
  async #changed(block: RawBlock, error: unknown): Promise<boolean> {
    if (!isFault(error, 'E_SOURCE_LIES', 'E_SOURCE_BEHIND', 'E_SOURCE_ANSWER')) return false;
    return (await this.blockRef(block.number)).hash !== block.hash;
  }

  /** What is asked for by a hash that lies is not there: then the hash is the fault. */
  #wrongHash(block: RawBlock, error: unknown): unknown {
    if (!isFault(error, 'E_SOURCE_BEHIND', 'E_SOURCE_ANSWER', 'E_SOURCE_PRUNED')) return error;
    try {
      verifyHeader(block, this.chain);
      return error;
    } catch (lie) {
      return lie;
    }
  }

  async #proveIn(number: bigint, tx: string): Promise<void> {
    const block = await this.#fetcher.whole(number);
    if (block.transactions.some(({ hash }) => hash === tx)) return;
    const context = { block: number.toString(), tx, field: 'blockNumber' };
    const said = 'the block named for a transaction does not hold it';
    throw sourceFault('E_SOURCE_LIES', this.#endpoint, said, 'ask another endpoint', context);
  }

  async #checked<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw withEndpoint(this.#endpoint, error);
    }
  }
}
