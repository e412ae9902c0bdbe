import { HaetaeError } from '../../base/errors.ts';
import { requireAddress } from '../../model/address.ts';
import type { Asset, AssetId } from '../../model/asset.ts';
import type { AccountBlock, AccountSource, Activity, BalanceQuery, BlockRef } from '../chain-source.ts';
import type { Endpoint } from '../endpoint.ts';
import { isFault, notFound, sourceFault } from '../net/fault.ts';
import { everyMs, followHeads } from '../net/follow-heads.ts';
import { HeadMemory } from '../net/head-memory.ts';
import { readAhead } from '../net/read-ahead.ts';
import { findInfo, listActivity } from './activity.ts';
import type { TronApi } from './ask.ts';
import { readBlock } from './block.ts';
import { lie } from './fault.ts';
import { checkHeader } from './header.ts';
import { InternalMemory } from './internal-memory.ts';
import { type BlockAnswer, type HeaderAnswer, infosSchema, maybeBlockSchema, maybeHeaderSchema } from './schema.ts';
import { describeAssets, presentBalances } from './state.ts';

/** A block comes every 3 s; a node of one's own costs nothing to ask more often. */
const POLL_MS = 3000;
const LOCAL_POLL_MS = 1000;
/** A block this near the head, or its records, may still be on their way. */
const SETTLING_BLOCKS = 20n;
const LOCAL = /(?:^|\s)(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/;
const TX = /^[0-9a-f]{64}$/;

type OnBytes = (bytes: number) => void;

export class TronSource implements AccountSource {
  readonly model = 'account';
  readonly chain: string;
  readonly name: string;
  readonly #endpoint: Endpoint;
  readonly #api: TronApi;
  readonly #heads: HeadMemory;
  readonly #internal = new InternalMemory();
  /** Height of the newest head given: a block below it has no balances any more. */
  #newest = 0n;
  /** Headers alone, which nodes before 4.6 do not give. */
  #headersAlone = true;
  /** Lists of accounts, which TronGrid has and a node has not. */
  #lists = true;

  constructor(endpoint: Endpoint, api: TronApi) {
    this.chain = endpoint.chain.id;
    this.name = endpoint.name;
    this.#endpoint = endpoint;
    this.#api = api;
    this.#heads = new HeadMemory(endpoint);
  }

  async head(): Promise<BlockRef> {
    const ref = this.#heads.head(await this.#present());
    this.#newest = ref.number;
    return ref;
  }

  async blockRef(number: bigint): Promise<BlockRef> {
    const answer = await this.#header(number);
    if (answer === null) throw await this.#missing(number);
    return this.#noted(checkHeader(this.#endpoint, number, answer));
  }

  async blockOf(tx: string): Promise<bigint> {
    const id = tx.trim().toLowerCase().replace(/^0x/, '');
    const unknown = notFound(this.#endpoint, 'no block of this chain holds such a transaction', {
      tx: tx.slice(0, 80),
    });
    if (!TX.test(id)) throw unknown;
    const info = await findInfo(this.#api, id);
    if (info === null) throw unknown;
    if (info.id !== id) throw lie(this.#endpoint, 'another record came than asked for', info.blockNumber, 'id', id);
    const block = await this.#whole(info.blockNumber);
    if (block?.transactions.some(({ txID }) => txID === id)) return info.blockNumber;
    throw lie(this.#endpoint, 'the block does not hold the transaction', info.blockNumber, 'blockNumber', id);
  }

  heads(signal: AbortSignal): AsyncIterable<BlockRef> {
    const local = LOCAL.test(this.name);
    return followHeads(() => this.head(), everyMs(local ? LOCAL_POLL_MS : POLL_MS), signal);
  }

  block(number: bigint): Promise<AccountBlock> {
    return this.#read(number, () => {});
  }

  blocks(from: bigint, to: bigint): AsyncIterable<AccountBlock> {
    return readAhead(from, to, (number, onBytes) => this.#read(number, onBytes));
  }

  async activity(address: string, from: bigint, to: bigint, limit: number): Promise<Activity | null> {
    const canonical = requireAddress(this.#endpoint.chain, address, 'address');
    if (!this.#lists) return null;
    const head = await this.head();
    if (from > head.number || from > to) return { blocks: [], truncated: false, gaps: [] };
    const last = to >= head.number ? head : await this.blockRef(to);
    const range = { from: await this.blockRef(from), to: last };
    const found = await listActivity(this.#api, this.#endpoint, canonical, range, limit);
    this.#lists = found !== null;
    return found;
  }

  /** A TRON node keeps present balances only: null unless the block is the head before and after they were asked for. */
  async balances(places: readonly BalanceQuery[], block: bigint): Promise<readonly (bigint | null)[]> {
    const none = places.map(() => null);
    if (places.length === 0 || block < this.#newest) return none;
    const before = await this.head();
    if (before.number !== block) return none;
    const balances = await presentBalances(this.#api, this.#endpoint.chain, places);
    const after = await this.head();
    return after.hash === before.hash ? balances : none;
  }

  tokens(assets: readonly AssetId[]): Promise<readonly Asset[]> {
    return describeAssets(this.#api, this.#endpoint.chain, assets);
  }

  async close(): Promise<void> {
    this.#api.close();
  }

  /** Block and records are two answers: a reorganisation between them looks like a lie, and is asked for again. */
  async #read(number: bigint, onBytes: OnBytes): Promise<AccountBlock> {
    try {
      return await this.#readOnce(number, onBytes);
    } catch (error) {
      const unmatched = isFault(error, 'E_SOURCE_LIES') && String(error.context.field).startsWith('transactionInfo.');
      if (!unmatched) throw error;
      return this.#readOnce(number, onBytes);
    }
  }

  async #readOnce(number: bigint, onBytes: OnBytes): Promise<AccountBlock> {
    const [answer, infos] = await Promise.all([this.#whole(number, onBytes), this.#infos(number, onBytes)]);
    if (answer === null) throw await this.#missing(number);
    if (number > 0n && infos.length === 0 && answer.transactions.length > 0) throw await this.#unrecorded(number);
    const shown = infos.some((info) => info.internal_transactions.length > 0);
    if (shown) this.#internal.shown(number);
    const keepsInternal = (block: bigint): boolean => this.#internal.keeps(block);
    const context = { endpoint: this.#endpoint, chain: this.#endpoint.chain, keepsInternal };
    const block = readBlock(context, number, answer, infos);
    this.#noted(block.ref);
    if (block.internalMoves === 'traced' || !this.#internal.mayProbe(number)) return block;
    return (await this.#probe(number)) ? readBlock(context, number, answer, infos) : block;
  }

  /** Looks whether the blocks before show moves inside contracts: a node keeps them from some height on, or never. */
  async #probe(number: bigint): Promise<boolean> {
    for (const before of this.#internal.probe(number)) {
      const infos = await this.#infos(before, () => {});
      if (infos.some((info) => info.internal_transactions.length > 0)) this.#internal.shown(before);
      if (this.#internal.keeps(number)) return true;
    }
    return false;
  }

  #whole(number: bigint, onBytes?: OnBytes): Promise<BlockAnswer | null> {
    return this.#api.wallet('getblockbynum', { num: Number(number) }, maybeBlockSchema, onBytes);
  }

  #infos(number: bigint, onBytes: OnBytes) {
    return this.#api.wallet('gettransactioninfobyblocknum', { num: Number(number) }, infosSchema, onBytes);
  }

  async #present(): Promise<BlockRef> {
    const answer = await this.#header(null);
    if (answer === null) throw await this.#missing(0n);
    return checkHeader(this.#endpoint, null, answer);
  }

  /** The newest where `number` is null. */
  async #header(number: bigint | null): Promise<HeaderAnswer | null> {
    if (this.#headersAlone) {
      try {
        const which = number === null ? {} : { id_or_num: number.toString() };
        return await this.#api.wallet('getblock', { ...which, detail: false }, maybeHeaderSchema);
      } catch (error) {
        const absent =
          isFault(error, 'E_NOT_FOUND') || (isFault(error, 'E_SOURCE_ANSWER') && error.context.status === 405);
        if (!absent) throw error;
        this.#headersAlone = false;
      }
    }
    return number === null
      ? this.#api.wallet('getnowblock', {}, maybeHeaderSchema)
      : this.#api.wallet('getblockbynum', { num: Number(number) }, maybeHeaderSchema);
  }

  #noted(ref: BlockRef): BlockRef {
    this.#heads.note(ref);
    return ref;
  }

  /** `{}` came: above the head, or no longer kept. */
  async #missing(number: bigint): Promise<HaetaeError> {
    const head = number === 0n ? null : await this.#present();
    // Behind a balancer one node may know the head while another lags.
    if (head !== null && number + SETTLING_BLOCKS > head.number) {
      return behind(this.#endpoint, 'the node does not have the block yet', number);
    }
    return sourceFault('E_SOURCE_PRUNED', this.#endpoint, 'the node does not have the block', REMEDY, {
      block: Number(number),
    });
  }

  async #unrecorded(number: bigint): Promise<HaetaeError> {
    const head = await this.#present();
    if (number + SETTLING_BLOCKS > head.number) return behind(this.#endpoint, 'the block is not yet executed', number);
    const what = 'the node keeps no records of transactions (storage.transHistory.switch)';
    return sourceFault('E_SOURCE_PRUNED', this.#endpoint, what, REMEDY, { block: Number(number) });
  }
}

const REMEDY = 'use a full node with its history, or TronGrid';

function behind(endpoint: Endpoint, what: string, number: bigint): HaetaeError {
  return new HaetaeError('E_SOURCE_BEHIND', what, {
    context: { endpoint: endpoint.name, block: Number(number) },
    remedy: 'wait until it has caught up, or name a second endpoint of the same chain',
    retry: true,
  });
}
