import type { Endpoint } from '../endpoint.ts';
import { isFault, notFound } from '../net/fault.ts';
import type { HttpClient } from '../net/http.ts';
import { fieldOf, lagOf, requireHash, requireList, requireNumber } from './answer.ts';
import type { Asked } from './block.ts';
import { ByteReader } from './bytes.ts';
import { behind, noIndex, noSuchTransaction, pruned } from './fault.ts';
import { displayHash, sha256d } from './hash.ts';
import { parseHeader } from './header.ts';
import type { BitcoinNode, WantedTransaction } from './node.ts';
import type { ChainRules } from './rules.ts';
import { parseTransaction, withoutWitness } from './transaction.ts';

/** Bitcoin Core's REST interface (-rest=1): the same bytes without a password, but no words about why something is missing. */
export class RestNode implements BitcoinNode {
  readonly explorer = null;
  readonly #endpoint: Endpoint;
  readonly #rules: ChainRules;
  readonly #http: HttpClient;
  #indexed: Promise<boolean> | null = null;

  constructor(endpoint: Endpoint, rules: ChainRules, http: HttpClient) {
    this.#endpoint = endpoint;
    this.#rules = rules;
    this.#http = http;
  }

  async tip(): Promise<string> {
    return requireHash(this.#endpoint, fieldOf(await this.#info(), 'bestblockhash'), 'block hash');
  }

  async hashAt(number: bigint): Promise<string> {
    const answer = await this.#found(this.#http.json(`rest/blockhashbyheight/${number}.json`));
    if (answer !== null) return requireHash(this.#endpoint, fieldOf(answer, 'blockhash'), 'block hash');
    throw behind(this.#endpoint, 'the block is above the head of the node', { block: number.toString() });
  }

  async header(hash: string): Promise<{ bytes: Uint8Array; number: bigint }> {
    const answers = await Promise.all([
      this.#found(this.#http.bytes(`rest/headers/1/${hash}.bin`)),
      this.#found(this.#http.json(`rest/headers/1/${hash}.json`)),
    ]);
    const [bytes, verbose] = answers;
    // For a block that it does not know, or that left the chain, a node gives an empty answer.
    if (bytes === null || bytes.length === 0 || verbose === null) {
      throw notFound(this.#endpoint, 'the node does not know the block', { block: hash });
    }
    const [first] = requireList(this.#endpoint, verbose, 'list of headers');
    return { bytes, number: BigInt(requireNumber(this.#endpoint, fieldOf(first, 'height'), 'height')) };
  }

  async rawBlock(asked: Asked): Promise<Uint8Array> {
    const bytes = await this.#found(this.#http.bytes(`rest/block/${asked.hash}.bin`));
    if (bytes !== null) return bytes;
    const info = await this.#info();
    const lowest = fieldOf(info, 'pruneheight');
    if (fieldOf(info, 'pruned') === true && typeof lowest === 'number' && asked.number < BigInt(lowest)) {
      throw pruned(this.#endpoint, asked.number, lowest);
    }
    throw notFound(this.#endpoint, 'the node does not have the block', { block: asked.hash });
  }

  async blockHashOf(tx: string): Promise<string> {
    const answer = await this.#found(this.#http.json(`rest/tx/${tx}.json`));
    if (answer !== null) {
      const hash = fieldOf(answer, 'blockhash');
      if (hash === undefined) throw noSuchTransaction(this.#endpoint, tx, 'the transaction is not yet in a block');
      return requireHash(this.#endpoint, hash, 'block hash');
    }
    const genesis = await this.#firstCoinbase();
    if (genesis.tx === tx) return genesis.hash;
    throw (await this.#hasIndex()) ? noSuchTransaction(this.#endpoint, tx) : noIndex(this.#endpoint, tx);
  }

  /** No node's index has the coinbase of the first block. */
  async #firstCoinbase(): Promise<{ readonly tx: string; readonly hash: string }> {
    const hash = await this.hashAt(0n);
    try {
      return { hash, tx: this.#coinbaseOf(await this.rawBlock({ hash, number: 0n })) };
    } catch (error) {
      if (isFault(error, 'E_SOURCE_PRUNED')) return { hash, tx: '' };
      throw error;
    }
  }

  /** Whether the node has an index of transactions: it then gives the coinbase of a block near the head. */
  #hasIndex(): Promise<boolean> {
    this.#indexed ??= this.#askForIndex();
    return this.#indexed;
  }

  async #askForIndex(): Promise<boolean> {
    const blocks = requireNumber(this.#endpoint, fieldOf(await this.#info(), 'blocks'), 'height');
    if (blocks === 0) return true;
    const number = BigInt(Math.max(1, blocks - 6));
    const coinbase = this.#coinbaseOf(await this.rawBlock({ hash: await this.hashAt(number), number }));
    return (await this.#found(this.#http.bytes(`rest/tx/${coinbase}.bin`))) !== null;
  }

  #coinbaseOf(block: Uint8Array): string {
    const reader = new ByteReader(block);
    parseHeader(reader, this.#rules);
    reader.size();
    return displayHash(sha256d(withoutWitness(reader.bytes, parseTransaction(reader, this.#rules))));
  }

  /** There is no way to name the block here: without an index none is found. */
  rawTransactions(wanted: readonly WantedTransaction[]): Promise<readonly (Uint8Array | null)[]> {
    return Promise.all(wanted.map(({ tx }) => this.#found(this.#http.bytes(`rest/tx/${tx}.bin`))));
  }

  async isStale(hash: string): Promise<boolean> {
    const block = await this.#found(this.#http.json(`rest/block/notxdetails/${hash}.json`));
    return fieldOf(block, 'confirmations') === -1;
  }

  previousBlocks(): Promise<null> {
    return Promise.resolve(null);
  }

  async lag(): Promise<string | null> {
    return lagOf(await this.#info(), this.#endpoint);
  }

  close(): void {
    this.#http.close();
  }

  #info(): Promise<unknown> {
    return this.#http.json('rest/chaininfo.json');
  }

  /** null where the node answers 404. */
  async #found<T>(asked: Promise<T>): Promise<T | null> {
    try {
      return await asked;
    } catch (error) {
      if (isFault(error, 'E_NOT_FOUND')) return null;
      throw error;
    }
  }
}
