import { HaetaeError } from '../../../base/errors.ts';
import type { Progress } from '../../../base/progress.ts';
import { CHAINS } from '../../../model/chain.ts';
import type { ChainRules } from '../rules.ts';
import type { BlockFile } from './block-file.ts';
import { type AsideBlock, BlockSet, type ChosenChain } from './block-set.ts';
import { type Branches, linkBlocks } from './branch.ts';
import { blockFileFault, cutShort, unconnected } from './fault.ts';
import type { HeaderTable } from './header-table.ts';
import { BlockReader } from './reader.ts';
import { type Scanned, scanFiles } from './scan-files.ts';

export interface SetOptions {
  /** Height of the lowest block, where neither the first block of the chain nor BIP34 tells it. */
  readonly firstHeight?: number | undefined;
  readonly progress: Progress;
}

/** Nodes read so many blocks ahead (BLOCK_DOWNLOAD_WINDOW of Bitcoin Core): so far apart may neighbours of a chain lie in their files. */
const WINDOW_BLOCKS = 1024;
const NO_PARENT = '0'.repeat(64);
const NO_SUCH_PARENT = 'a block names a parent that is not in the files: it is missing, or one of the two is altered';
const IN_DOUBT = `the chain cannot be told: ${NO_SUCH_PARENT}`;
const ID_DIGITS = 32;

/**
 * Finds the chain of most work in the files. Blocks that are not of it are checked all the same. Throws E_FILE_READ where a file is cut
 * short or damaged, is of another chain, or where the blocks do not hang together; E_USAGE where the heights cannot be told.
 */
export async function openBlockSet(
  files: readonly BlockFile[],
  rules: ChainRules,
  options: SetOptions,
): Promise<BlockSet> {
  const scanned = await scanFiles(files, rules, options.progress);
  const reader = new BlockReader(files, rules);
  try {
    const chooser = new Chooser(files, scanned, rules, reader, options);
    return new BlockSet(await chooser.choose(), scanned.headers, rules, reader);
  } catch (error) {
    await reader.close();
    throw error;
  }
}

interface Span {
  readonly low: number;
  readonly high: number;
}

/** Blocks that hang together: the lowest one, and its height where something tells it. */
interface Piece {
  readonly root: number;
  readonly low: number | null;
}

class Chooser {
  readonly #files: readonly BlockFile[];
  readonly #scanned: Scanned;
  readonly #headers: HeaderTable;
  readonly #rules: ChainRules;
  readonly #reader: BlockReader;
  readonly #options: SetOptions;

  constructor(
    files: readonly BlockFile[],
    scanned: Scanned,
    rules: ChainRules,
    reader: BlockReader,
    options: SetOptions,
  ) {
    this.#files = files;
    this.#scanned = scanned;
    this.#headers = scanned.headers;
    this.#rules = rules;
    this.#reader = reader;
    this.#options = options;
  }

  async choose(): Promise<ChosenChain> {
    const { broken } = this.#scanned;
    if (this.#headers.size === 0) throw broken === null ? this.#noBlocks() : this.#brokenFault(null);
    const branches = linkBlocks(this.#headers);
    if (broken !== null) throw this.#brokenFault(await this.#brokenHeight(branches));
    const { best, root, depth } = branches;
    const first = await this.#firstHeight(root[best]!, best, depth[best]!);
    const chain = this.#chainTo(best, depth[best]!);
    const aside = await this.#aside(branches, chain, first);
    this.#checkCash(chain, first);
    return { chain, first, aside, repeated: await this.#repeated(branches, aside, first) };
  }

  #chainTo(best: number, depth: number): Int32Array {
    const chain = new Int32Array(depth + 1);
    for (let id = best, at = depth; at >= 0; at--, id = this.#headers.parent(id)) chain[at] = id;
    return chain;
  }

  /** Height of a root, told by the block `top` that is `depth` above it; null where nothing tells it. */
  async #base(root: number, top: number, depth: number): Promise<number | null> {
    if (this.#headers.parentHash(root) === NO_PARENT) {
      this.#checkGenesis(root);
      return 0;
    }
    const place = this.#headers.place(top);
    const hash = this.#headers.hash(top);
    const named = await this.#reader.namedHeight(place, hash);
    // What a block names counts where the block is whole.
    await this.#reader.block(place, hash, named ?? Math.max(0, this.#rules.heightFrom - 1));
    return named === null || named <= depth ? null : named - depth;
  }

  async #firstHeight(root: number, top: number, depth: number): Promise<number> {
    const { firstHeight } = this.#options;
    const told = await this.#base(root, top, depth);
    if (told !== null && firstHeight !== undefined && told !== firstHeight) {
      throw new HaetaeError('E_USAGE', `the lowest block is of height ${told}, as the blocks themselves say`, {
        context: { height: firstHeight, hash: this.#headers.hash(root) },
        remedy: 'leave --height out',
      });
    }
    const height = told ?? firstHeight;
    if (height !== undefined) return height;
    throw new HaetaeError('E_USAGE', 'the heights of the blocks cannot be told: their ancestors are not in the files', {
      context: { file: this.#fileOf(root), lowestBlock: this.#headers.hash(root) },
      remedy: `blocks below ${this.#rules.heightFrom} do not name their height: name the files from the first block on too, or give the height of the lowest block with --height N`,
    });
  }

  #checkGenesis(root: number): void {
    const { chain } = this.#rules;
    const id = `bip122:${this.#headers.hash(root).slice(0, ID_DIGITS)}`;
    if (id === chain.id) return;
    const known = CHAINS.find((other) => other.id === id)?.name ?? 'a chain that is not known';
    throw blockFileFault(
      `the files are of ${known}, not of ${chain.name}`,
      { file: this.#fileOf(root), offset: this.#headers.place(root).offset, block: 0 },
      'name the chain of the files with --chain',
    );
  }

  /** Bitcoin Cash has Bitcoin's blocks up to its own first one, and the same bytes before each. */
  #checkCash(chain: Int32Array, first: number): void {
    const height = 478_559;
    const id = chain[height - first];
    if (this.#rules.chain.name !== 'bitcoin' || id === undefined) return;
    const cash = CHAINS.find(({ name }) => name === 'bitcoincash');
    if (cash?.id !== `bip122:${this.#headers.hash(id).slice(0, ID_DIGITS)}`) return;
    const place = { file: this.#fileOf(id), block: height };
    throw blockFileFault('the files are of bitcoincash, not of bitcoin', place, 'name files of a node of Bitcoin');
  }

  /** Checks every block that is not of the chain, and says why it is not. */
  async #aside(branches: Branches, chain: Int32Array, first: number): Promise<AsideBlock[]> {
    const { roots, root, depth } = branches;
    const inChain = new Uint8Array(this.#headers.size);
    for (const id of chain) inChain[id] = 1;
    const span = { low: first, high: first + chain.length - 1 };
    const own = root[chain[0]!]!;
    const piece = { root: own, low: first };
    const placed = new Map([[own, { base: first, why: 'orphaned' as AsideBlock['why'] }]]);
    if (roots.length > 1) {
      const tops = this.#tops(root, depth);
      for (const other of roots.filter((id) => id !== own)) {
        placed.set(other, await this.#placed({ root: other, top: tops.get(other)! }, piece, span, branches));
      }
    }
    const aside: AsideBlock[] = [];
    for (let id = 0; id < inChain.length; id++) {
      if (inChain[id] === 1) continue;
      const { base, why } = placed.get(root[id]!)!;
      const height = base + depth[id]!;
      const place = this.#headers.place(id);
      const hash = this.#headers.hash(id);
      await this.#reader.block(place, hash, height);
      aside.push({ why, hash, height, file: place.file, turn: this.#headers.turn(id) });
    }
    return aside;
  }

  /** The highest block above each root. */
  #tops(root: Int32Array, depth: Int32Array): Map<number, number> {
    const tops = new Map<number, number>();
    for (let id = 0; id < root.length; id++) {
      const top = tops.get(root[id]!);
      if (top === undefined || depth[id]! > depth[top]!) tops.set(root[id]!, id);
    }
    return tops;
  }

  /** Where blocks lie whose ancestors are not in the files. Throws E_FILE_READ where they leave the chain in doubt. */
  async #placed(
    { root, top }: { readonly root: number; readonly top: number },
    own: Piece,
    chain: Span,
    branches: Branches,
  ): Promise<{ base: number; why: AsideBlock['why'] }> {
    const { depth } = branches;
    const base = await this.#base(root, top, depth[top]!);
    const other = { root, low: base };
    const [below, above] = base !== null && base < chain.low ? [other, own] : [own, other];
    if (base === null) throw await this.#apart(NO_SUCH_PARENT, below, above, branches);
    const span = { low: base, high: base + depth[top]! };
    // From a chain's first block on there is no edge at which blocks of other files may lie; nor lie any further off than a node reads ahead.
    if (base === 0 || span.high > chain.high + WINDOW_BLOCKS || span.low < chain.low - WINDOW_BLOCKS)
      throw await this.#apart(gap(span, chain) ?? NO_SUCH_PARENT, below, above, branches);
    const touches = span.low <= chain.high + 1 && span.high >= chain.low;
    if (touches && span.high > chain.high) throw await this.#apart(IN_DOUBT, below, above, branches);
    return { base, why: touches && span.low > chain.low ? 'orphaned' : 'unconnected' };
  }

  /** The blocks on either side of the break are checked first: one that is altered proves no work, and is what to name. */
  async #apart(what: string, below: Piece, above: Piece, { root, depth }: Branches): Promise<HaetaeError> {
    const check = (id: number, height: number) =>
      this.#reader.block(this.#headers.place(id), this.#headers.hash(id), height);
    if (below.low !== null && above.low !== null) {
      const parent = above.low - 1 - below.low;
      for (let id = 0; id < root.length; id++)
        if (root[id] === below.root && depth[id] === parent) await check(id, above.low - 1);
      await check(above.root, above.low);
    }
    const { offset } = this.#headers.place(above.root);
    const block = above.low ?? this.#headers.hash(above.root);
    return unconnected(what, { file: this.#fileOf(above.root), offset, block });
  }

  /** Checks the blocks that are there again, and counts their transactions. */
  async #repeated({ depth }: Branches, aside: readonly AsideBlock[], first: number): Promise<number> {
    const heights = new Map(aside.map(({ hash, height }) => [hash, height]));
    let transactions = 0;
    for (const { id, place } of this.#scanned.copies) {
      const hash = this.#headers.hash(id);
      const height = heights.get(hash) ?? first + depth[id]!;
      const { block } = await this.#reader.block(place, hash, height);
      if (!heights.has(hash)) transactions += block.transactions.length;
    }
    return transactions;
  }

  /** Of a block that cannot be read on; null where it cannot be told. */
  async #brokenHeight({ root, depth }: Branches): Promise<number | null> {
    const header = this.#scanned.broken?.header ?? null;
    const parent = header === null ? -1 : this.#headers.parentOf(header);
    if (parent < 0) return null;
    const { firstHeight } = this.#options;
    const base = await this.#base(root[parent]!, parent, depth[parent]!).catch(() => null);
    const known = base ?? firstHeight;
    return known === undefined ? null : known + depth[parent]! + 1;
  }

  #brokenFault(height: number | null): HaetaeError {
    const { file, offset, what } = this.#scanned.broken!;
    const place = { file: this.#files[file]!.name, offset, ...(height === null ? {} : { block: height }) };
    return what === null ? cutShort(place) : blockFileFault(what, place);
  }

  #noBlocks(): HaetaeError {
    return new HaetaeError('E_FILE_EMPTY', 'no block is in the files', {
      context: {
        files: this.#files
          .map(({ name }) => name)
          .join(', ')
          .slice(0, 300),
      },
      remedy: 'name files of a node that has blocks. Nothing of this import was stored',
    });
  }

  #fileOf(id: number): string {
    return this.#files[this.#headers.place(id).file]!.name;
  }
}

/** null where none is missing: two blocks of neighbouring heights, or of one, do not fit. */
function gap(span: Span, chain: Span): string | null {
  const [below, above] = span.low > chain.low ? [chain, span] : [span, chain];
  const [first, last] = [below.high + 1, above.low - 1];
  return first > last ? null : `blocks are missing: ${first} to ${last}`;
}
