import { HaetaeError } from '../../../base/errors.ts';
import type { Progress } from '../../../base/progress.ts';
import { ByteReader, Malformed } from '../bytes.ts';
import { checkHeader, parseHeader } from '../header.ts';
import type { ChainRules } from '../rules.ts';
import { type BlockFile, BlockFileReader, noBlock } from './block-file.ts';
import { HeaderTable } from './header-table.ts';
import { type BlockPlace, type BrokenBlock, type FoundBlock, scanBlocks } from './scan.ts';

/** A block that is there once more. */
export interface Copy {
  readonly id: number;
  readonly place: BlockPlace;
}

/** Every block of a file set, by its header. */
export interface Scanned {
  readonly headers: HeaderTable;
  readonly copies: readonly Copy[];
  /** The first place at which a file could not be read on. */
  readonly broken: (BrokenBlock & { readonly file: number }) | null;
}

/** Reads 80 bytes of every block. Throws E_FILE_READ. */
export async function scanFiles(files: readonly BlockFile[], rules: ChainRules, progress: Progress): Promise<Scanned> {
  const headers = new HeaderTable();
  const copies: Copy[] = [];
  let broken: Scanned['broken'] = null;
  const reader = new BlockFileReader(files);
  try {
    for (const [file, from] of files.entries()) {
      let turn = 0;
      for (const found of from.kind === 'blk' ? scanBlocks(from) : [await singleBlock(reader, file, from, rules)]) {
        if ('what' in found) {
          broken ??= { ...found, file };
          break;
        }
        turn += 1;
        const place = { file, offset: found.offset, length: found.length };
        const { id, copy } = headers.add(found.header, place, turn);
        if (copy) copies.push({ id, place });
      }
      progress.report('find blocks', file + 1, files.length);
      // Ctrl-C is heard between two files.
      await new Promise(setImmediate);
    }
  } finally {
    await reader.close();
  }
  return { headers, copies, broken };
}

/** A header and, on Dogecoin, the proof of merged mining behind it. */
const MOST_HEADER_BYTES = 64 * 1024;

/** A file without the marks of a blk file is a block, or anything else: the work tells. */
async function singleBlock(
  reader: BlockFileReader,
  file: number,
  { size, name }: BlockFile,
  rules: ChainRules,
): Promise<FoundBlock> {
  const bytes = await reader.read(file, 0, Math.min(size, MOST_HEADER_BYTES));
  try {
    const header = parseHeader(new ByteReader(bytes), rules);
    checkHeader(header, header.hash, null, rules, { name });
    return { header: Buffer.from(header.bytes), offset: 0, length: size };
  } catch (error) {
    if (!(error instanceof Malformed || error instanceof HaetaeError)) throw error;
    const { chain } = rules;
    throw noBlock(name, `the file begins neither as a blk file nor with the header of a block of ${chain.name}`);
  }
}
