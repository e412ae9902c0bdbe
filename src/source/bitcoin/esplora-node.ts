import type { Endpoint } from '../endpoint.ts';
import { badAnswer, isFault, notFound } from '../net/fault.ts';
import type { HttpClient } from '../net/http.ts';
import { fieldOf, isHex, requireHash, requireHex, requireList, requireNumber } from './answer.ts';
import type { Asked } from './block.ts';
import { behind, noSuchTransaction } from './fault.ts';
import { hashBytes } from './hash.ts';
import type { BitcoinNode, Explorer, MerkleProof, PageEntry, WantedTransaction } from './node.ts';
import { rebuildHeader } from './rebuild.ts';

/** The Esplora HTTP API (https://github.com/Blockstream/esplora/blob/master/API.md), as Blockstream, mempool and electrs serve it. */
export class EsploraNode implements BitcoinNode, Explorer {
  readonly explorer: Explorer = this;
  readonly #endpoint: Endpoint;
  readonly #http: HttpClient;

  constructor(endpoint: Endpoint, http: HttpClient) {
    this.#endpoint = endpoint;
    this.#http = http;
  }

  async tip(): Promise<string> {
    return requireHash(this.#endpoint, await this.#http.text('blocks/tip/hash'), 'block hash');
  }

  async hashAt(number: bigint): Promise<string> {
    const text = await this.#found(this.#http.text(`block-height/${number}`));
    if (text !== null) return requireHash(this.#endpoint, text, 'block hash');
    throw behind(this.#endpoint, 'the block is above the head of the endpoint', { block: number.toString() });
  }

  /** From the fields of the JSON, which gives the height too: the hash tells whether they are true. */
  async header(hash: string): Promise<{ bytes: Uint8Array; number: bigint }> {
    const block = await this.#found(this.#http.json(`block/${hash}`));
    if (block === null) throw notFound(this.#endpoint, 'the endpoint does not know the block', { block: hash });
    const bytes = rebuildHeader(
      {
        version: fieldOf(block, 'version'),
        parent: fieldOf(block, 'previousblockhash'),
        root: fieldOf(block, 'merkle_root'),
        time: fieldOf(block, 'timestamp'),
        bits: fieldOf(block, 'bits'),
        nonce: fieldOf(block, 'nonce'),
      },
      this.#endpoint,
    );
    return { bytes, number: BigInt(requireNumber(this.#endpoint, fieldOf(block, 'height'), 'height')) };
  }

  async rawBlock(asked: Asked): Promise<Uint8Array> {
    const bytes = await this.#found(this.#http.bytes(`block/${asked.hash}/raw`));
    if (bytes !== null) return bytes;
    throw notFound(this.#endpoint, 'the endpoint does not have the block', { block: asked.hash });
  }

  async blockHashOf(tx: string): Promise<string> {
    const status = await this.#found(this.#http.json(`tx/${tx}/status`));
    // Some servers answer for a hash that they do not know as for one that waits.
    if (status === null) throw noSuchTransaction(this.#endpoint, tx);
    if (fieldOf(status, 'confirmed') !== true) {
      throw noSuchTransaction(this.#endpoint, tx, 'no transaction in a block has this hash');
    }
    return requireHash(this.#endpoint, fieldOf(status, 'block_hash'), 'block hash');
  }

  rawTransactions(wanted: readonly WantedTransaction[]): Promise<readonly (Uint8Array | null)[]> {
    return Promise.all(
      wanted.map(async ({ tx }) => {
        const hex = await this.#found(this.#http.text(`tx/${tx}/hex`));
        return hex === null ? null : requireHex(this.#endpoint, hex, 'raw transaction');
      }),
    );
  }

  async isStale(hash: string): Promise<boolean> {
    const status = await this.#found(this.#http.json(`block/${hash}/status`));
    return fieldOf(status, 'in_best_chain') === false;
  }

  previousBlocks(): Promise<null> {
    return Promise.resolve(null);
  }

  async merkleProof(tx: string): Promise<MerkleProof | null> {
    const proof = await this.#found(this.#http.json(`tx/${tx}/merkle-proof`));
    if (proof === null) return null;
    const branch = requireList(this.#endpoint, fieldOf(proof, 'merkle'), 'merkle branch');
    if (branch.length > 32) throw badAnswer(this.#endpoint, 'a merkle branch is longer than any block needs');
    return {
      branch: branch.map((hash) => hashBytes(requireHash(this.#endpoint, hash, 'hash in a merkle branch'))),
      index: requireNumber(this.#endpoint, fieldOf(proof, 'pos'), 'position in a block'),
    };
  }

  async outspends(tx: string): Promise<readonly (string | null)[]> {
    const answer = await this.#found(this.#http.json(`tx/${tx}/outspends`));
    if (answer === null) throw noSuchTransaction(this.#endpoint, tx);
    return requireList(this.#endpoint, answer, 'list of spends').map((spend) => {
      const confirmed = fieldOf(fieldOf(spend, 'status'), 'confirmed') === true;
      if (fieldOf(spend, 'spent') !== true || !confirmed) return null;
      return requireHash(this.#endpoint, fieldOf(spend, 'txid'), 'transaction hash');
    });
  }

  async page(address: string, after: string | null): Promise<readonly PageEntry[]> {
    const path = `address/${encodeURIComponent(address)}/txs/chain${after === null ? '' : `/${after}`}`;
    const answer = requireList(this.#endpoint, await this.#http.json(path), 'list of transactions');
    return answer.map((entry) => ({
      tx: requireHash(this.#endpoint, fieldOf(entry, 'txid'), 'transaction hash'),
      scripts: requireList(this.#endpoint, fieldOf(entry, 'vout'), 'list of outputs')
        .map((output) => fieldOf(output, 'scriptpubkey'))
        .filter(isHex),
    }));
  }

  lag(): Promise<null> {
    return Promise.resolve(null);
  }

  close(): void {
    this.#http.close();
  }

  /** null where the endpoint answers 404. */
  async #found<T>(asked: Promise<T>): Promise<T | null> {
    try {
      return await asked;
    } catch (error) {
      if (isFault(error, 'E_NOT_FOUND')) return null;
      throw error;
    }
  }
}
