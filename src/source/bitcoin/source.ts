import { HaetaeError } from '../../base/errors.ts';
import type { ChainId } from '../../model/chain.ts';
import type { UtxoTransaction } from '../../model/transfer.ts';
import type { BlockRef, RawUtxoTransaction, UtxoBlock, UtxoSource } from '../chain-source.ts';
import { type Endpoint, isLocal } from '../endpoint.ts';
import { isFault } from '../net/fault.ts';
import { wait } from '../net/wait.ts';
import { type Asked, type CheckedBlock, decodeBlock } from './block.ts';
import { ByteReader, Malformed } from './bytes.ts';
import { behind, noSuchTransaction } from './fault.ts';
import { hashBytes, isHash } from './hash.ts';
import { blockRefOf, checkHeader, type Header, parseHeader, targetFollows } from './header.ts';
import { KnownOutputs } from './known.ts';
import { blockLie, transactionLie } from './lie.ts';
import { branchRoot } from './merkle.ts';
import type { BitcoinNode } from './node.ts';
import { decodeTransaction, resolveInputs } from './resolve.ts';
import type { ChainRules } from './rules.ts';
import { SeenHeads } from './seen.ts';

/** Blocks under way at a time in `blocks`: at 4 MB raw, 8 MB hex and some 10 MB decoded each, under 100 MB. */
const READ_AHEAD = 4;
/** Decoded blocks kept for the next question about them. */
const KEPT_BLOCKS = 4;
const LOCAL_POLL_MS = 100;
const REMOTE_POLL_MS = 5000;

/** A Bitcoin-like chain through one endpoint. Everything that leaves it was hashed here. */
export class BitcoinSource implements UtxoSource {
  readonly model = 'utxo';
  readonly chain: ChainId;
  readonly name: string;
  readonly #node: BitcoinNode;
  readonly #rules: ChainRules;
  readonly #signal: AbortSignal | undefined;
  readonly #pollMs: number;
  readonly #readAhead: number;
  readonly #known = new KnownOutputs();
  readonly #kept = new Map<string, CheckedBlock>();
  readonly #seen = new SeenHeads();

  constructor(endpoint: Endpoint, rules: ChainRules, node: BitcoinNode, signal: AbortSignal | undefined) {
    this.chain = rules.chain.id;
    this.name = endpoint.name;
    this.#node = node;
    this.#rules = rules;
    this.#signal = signal;
    this.#pollMs = isLocal(new URL(endpoint.url)) ? LOCAL_POLL_MS : REMOTE_POLL_MS;
    this.#readAhead = Math.max(1, Math.min(READ_AHEAD, endpoint.concurrency));
  }

  async head(): Promise<BlockRef> {
    return this.#headOf(await this.#node.tip());
  }

  async #headOf(hash: string): Promise<BlockRef> {
    const { header, number } = await this.#header(hash);
    const ref = blockRefOf(header, number);
    if (await this.#seen.wentBack(ref, (stale) => this.#node.isStale(stale))) {
      throw behind(this, 'the endpoint went back in time', {
        block: String(number),
        before: String(this.#seen.highest),
      });
    }
    this.#seen.add(ref);
    return ref;
  }

  async blockRef(number: bigint): Promise<BlockRef> {
    const hash = await this.#node.hashAt(number);
    const { header, number: said } = await this.#header(hash);
    if (said !== number) throw blockLie(this, number, 'height', 'the endpoint gives one block two heights');
    return blockRefOf(header, number);
  }

  /** The header of a hash that the endpoint named, checked. */
  async #header(hash: string): Promise<{ readonly header: Header; readonly number: bigint }> {
    const { bytes, number } = await this.#stillThere(hash, this.#node.header(hash));
    // The proof of merged mining stands in the block; not every endpoint gives it with the header.
    const merged = this.#rules.auxChain !== null;
    const whole = merged ? await this.#node.rawBlock({ hash, number }) : bytes;
    try {
      const header = parseHeader(new ByteReader(whole), this.#rules);
      checkHeader(header, hash, number, this.#rules, this);
      return { header, number };
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      throw blockLie(this, number, 'hash', `a block header cannot be read: ${error.message}`);
    }
  }

  /** A block that the endpoint has just named and then does not know: it is being reorganised, or several servers answer. */
  async #stillThere<T>(hash: string, asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      if (!isFault(error, 'E_NOT_FOUND')) throw error;
      throw behind(this, 'the endpoint does not have a block that it named', { block: hash });
    }
  }

  async block(number: bigint): Promise<UtxoBlock> {
    return (await this.#checked(number)).block;
  }

  async #checked(number: bigint): Promise<CheckedBlock> {
    return this.#blockOfHash({ hash: await this.#node.hashAt(number), number });
  }

  async #blockOfHash(asked: Asked): Promise<CheckedBlock> {
    const kept = this.#kept.get(asked.hash);
    if (kept?.block.ref.number === asked.number) return kept;
    const checked = decodeBlock(
      await this.#stillThere(asked.hash, this.#node.rawBlock(asked)),
      asked,
      this.#rules,
      this,
    );
    this.#known.addBlock(checked.block);
    this.#kept.set(asked.hash, checked);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_BLOCKS) break;
      this.#kept.delete(oldest);
    }
    return checked;
  }

  async *blocks(from: bigint, to: bigint): AsyncGenerator<UtxoBlock> {
    const ahead: Promise<CheckedBlock>[] = [];
    let next = from;
    let before: CheckedBlock | null = null;
    for (let number = from; number <= to; number++) {
      while (next <= to && ahead.length < this.#readAhead) {
        const started = this.#checked(next++);
        // Its fault is met when its turn comes, if it comes.
        started.catch(() => {});
        ahead.push(started);
      }
      const checked = await ahead.shift()!;
      if (before !== null) this.#checkFollows(before, checked);
      yield checked.block;
      before = checked;
    }
  }

  #checkFollows(before: CheckedBlock, checked: CheckedBlock): void {
    const { ref } = checked.block;
    if (ref.parent !== before.block.ref.hash) {
      throw new HaetaeError('E_REORG', 'the chain was reorganised while it was read', {
        context: { endpoint: this.name, block: ref.number.toString(), parent: ref.parent, read: before.block.ref.hash },
        remedy: 'read again from below the block',
        retry: true,
      });
    }
    if (targetFollows(before.bits, checked.bits, ref.number, this.#rules)) return;
    throw blockLie(this, ref.number, 'bits', 'a block has a target that may not follow the one before');
  }

  resolve(transactions: readonly RawUtxoTransaction[]): Promise<readonly UtxoTransaction[]> {
    return resolveInputs(transactions, {
      node: this.#node,
      rules: this.#rules,
      source: this,
      known: this.#known,
      readBlock: (number) => this.block(number),
    });
  }

  async blockOf(tx: string): Promise<bigint> {
    return (await this.#placeOf(requireTxid(this, tx))).number;
  }

  /** The block that holds a transaction, as the endpoint says; canonical by its own word. */
  async #placeOf(tx: string): Promise<Asked> {
    const hash = await this.#blockHashOf(tx);
    const { number } = await this.#header(hash);
    if ((await this.#node.hashAt(number)) === hash) return { hash, number };
    throw noSuchTransaction(this, tx, 'the block of the transaction is no longer part of the chain');
  }

  async #blockHashOf(tx: string): Promise<string> {
    try {
      return await this.#node.blockHashOf(tx);
    } catch (error) {
      const place = this.#known.place(tx);
      if (!isFault(error, 'E_SOURCE_PRUNED') || place === undefined) throw error;
      return this.#node.hashAt(place);
    }
  }

  async transaction(tx: string): Promise<{ readonly transaction: UtxoTransaction; readonly ref: BlockRef }> {
    const id = requireTxid(this, tx);
    const place = await this.#placeOf(id);
    const proved = (await this.#byProof(id, place)) ?? (await this.#byBlock(id, place));
    const [transaction] = await this.resolve([proved.raw]);
    return { transaction: transaction!, ref: proved.ref };
  }

  async #byBlock(tx: string, place: Asked): Promise<Proved> {
    const { block } = await this.#blockOfHash(place);
    const raw = block.transactions.find((each) => each.tx === tx);
    if (raw !== undefined) return { raw, ref: block.ref };
    throw transactionLie(this, tx, 'blockHash', 'the block named does not hold the transaction');
  }

  /** By merkle branch, where the endpoint gives one: some hundred bytes in the place of a block. */
  async #byProof(tx: string, place: Asked): Promise<Proved | null> {
    const proof = await this.#node.explorer?.merkleProof(tx);
    if (proof === null || proof === undefined) return null;
    const [bytes] = await this.#node.rawTransactions([{ tx, block: place.hash }]);
    if (bytes === null || bytes === undefined) throw noSuchTransaction(this, tx);
    const { inputs, outputs, coreEnd, coreStart } = decodeTransaction(bytes, tx, this.#rules, this);
    // An inner node of the tree has 64 bytes: a transaction of that length could be one (CVE-2017-12842).
    if (coreEnd - coreStart + 8 === 64) return null;
    const { header } = await this.#header(place.hash);
    const root = branchRoot(hashBytes(tx), proof.branch, proof.index);
    if (root === null || !root.equals(header.merkleRoot)) {
      throw transactionLie(this, tx, 'merkleProof', 'the merkle branch of a transaction does not lead to its block');
    }
    const ref = blockRefOf(header, place.number);
    const raw = { chain: this.chain, tx, block: ref.number, time: ref.time, txIndex: proof.index, inputs, outputs };
    return { raw, ref };
  }

  async spenders(outpoints: readonly string[], at: BlockRef): Promise<readonly (string | null)[] | null> {
    const { explorer } = this.#node;
    if (explorer === null) return null;
    const split = outpoints.map((outpoint) => splitOutpoint(this, outpoint));
    const ids = [...new Set(split.map(({ tx }) => tx))];
    // Before: what is asked is as new as the block. After: the block was not taken back while it was asked.
    await this.#requireBlock(at);
    const answers = new Map(await Promise.all(ids.map(async (tx) => [tx, await explorer.outspends(tx)] as const)));
    const spenders = split.map(({ tx, index }): string | null => {
      const spends = answers.get(tx)!;
      if (index < spends.length) return spends[index]!;
      throw noSuchTransaction(this, tx, 'the transaction has no output of this index');
    });
    if (spenders.includes(null)) await this.#requireBlock(at);
    return spenders;
  }

  /** Throws E_SOURCE_BEHIND where the endpoint does not have the block yet, E_REORG where its chain has another one there and goes on. */
  async #requireBlock({ number, hash }: BlockRef): Promise<void> {
    const found = await this.#node.hashAt(number);
    if (found === hash) return;
    const context = { endpoint: this.name, block: number.toString(), hash, found };
    if (!(await this.#has(number + 1n))) throw behind(this, 'the endpoint has another newest block', context);
    throw new HaetaeError('E_REORG', 'the block up to which spends are asked for is no longer part of the chain', {
      context,
      remedy: 'ask again from where the blocks still agree',
      retry: true,
    });
  }

  async #has(number: bigint): Promise<boolean> {
    try {
      await this.#node.hashAt(number);
      return true;
    } catch (error) {
      if (isFault(error, 'E_SOURCE_BEHIND')) return false;
      throw error;
    }
  }

  async received(
    address: string,
    limit: number,
  ): Promise<{ readonly txs: readonly string[]; readonly truncated: boolean } | null> {
    const { explorer } = this.#node;
    // A script without an address is in no index of addresses.
    if (explorer === null || address.startsWith('script:')) return null;
    const txs: string[] = [];
    let last: string | null = null;
    for (;;) {
      const page = await explorer.page(address, last);
      for (const { tx, scripts } of page) {
        if (!scripts.some((script) => this.#addressOf(script) === address)) continue;
        if (txs.length >= limit) return { txs, truncated: true };
        txs.push(tx);
      }
      const end = page.at(-1)?.tx ?? null;
      if (end === null || end === last) return { txs, truncated: false };
      last = end;
    }
  }

  #addressOf(script: string): string {
    const bytes = Buffer.from(script, 'hex');
    return this.#rules.address(bytes, 0, bytes.length);
  }

  async *heads(signal: AbortSignal): AsyncGenerator<BlockRef> {
    let last = '';
    while (!signal.aborted) {
      const hash = await this.#node.tip();
      if (hash !== last) yield await this.#headOf(hash);
      last = hash;
      try {
        await wait(this.#pollMs, signal, this.#signal);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
    }
  }

  close(): Promise<void> {
    this.#node.close();
    return Promise.resolve();
  }
}

interface Proved {
  readonly raw: RawUtxoTransaction;
  readonly ref: BlockRef;
}

function requireTxid(source: { readonly name: string }, tx: string): string {
  const id = tx.toLowerCase();
  if (isHash(id)) return id;
  throw noSuchTransaction(source, tx.slice(0, 80), 'this is not a transaction hash: 64 hex digits');
}

function splitOutpoint(source: { readonly name: string }, outpoint: string): { tx: string; index: number } {
  const [tx = '', index = ''] = outpoint.split(':');
  if (isHash(tx) && /^\d{1,9}$/.test(index)) return { tx, index: Number(index) };
  throw noSuchTransaction(
    source,
    outpoint.slice(0, 90),
    'this is not an outpoint: a transaction hash, a colon, an index',
  );
}
