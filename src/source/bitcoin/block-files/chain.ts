import { HaetaeError } from '../../../base/errors.ts';
import { CHAINS, requireChain } from '../../../model/chain.ts';
import { displayHash, sha256d } from '../hash.ts';
import type { BlockFile } from './block-file.ts';
import { blockFileFault } from './fault.ts';
import { chainsOf } from './network.ts';
import { scanBlocks } from './scan.ts';

const ID_DIGITS = 32;
const NO_PARENT = Buffer.alloc(32);

/**
 * The chain of a file set, by the bytes before its blocks, and by its first block where several chains share them; null where the files
 * hold a block each, which tells nothing. Throws E_FILE_READ where it is not the chain asked for, E_USAGE where it cannot be told.
 */
export function chainOfFiles(files: readonly BlockFile[], asked: string | undefined): string | null {
  const framed = files.filter(({ kind, magic }) => kind === 'blk' && magic !== 0);
  const [first] = framed;
  if (first === undefined) return null;
  const other = framed.find(({ magic }) => magic !== first.magic);
  if (other !== undefined) {
    throw blockFileFault(
      'the files are of two chains',
      { file: first.name, otherFile: other.name },
      'import the files of each chain in a command of its own',
    );
  }
  const names = chainsOf(first.magic);
  if (asked !== undefined) return checked(requireChain(asked).name, names, first);
  return (names.length === 1 ? names[0] : firstBlockChain(framed, names)) ?? cannotTell(first, names);
}

function checked(asked: string, names: readonly string[], { name }: BlockFile): string {
  if (names.includes(asked)) return asked;
  throw blockFileFault(
    `the blocks are of ${names.join(' or ')}, not of ${asked}`,
    { file: name, offset: 0 },
    `leave --chain out, or give --chain ${names[0]}`,
  );
}

/** In a node's files, it is the first block of the first one. */
function firstBlockChain(files: readonly BlockFile[], names: readonly string[]): string | undefined {
  for (const file of files) {
    for (const { header } of scanBlocks(file)) {
      if (header === null || !header.subarray(4, 36).equals(NO_PARENT)) continue;
      const id = `bip122:${displayHash(sha256d(header)).slice(0, ID_DIGITS)}`;
      const chain = CHAINS.find((item) => item.id === id);
      if (chain !== undefined && names.includes(chain.name)) return chain.name;
    }
  }
  return undefined;
}

function cannotTell({ name }: BlockFile, names: readonly string[]): never {
  throw new HaetaeError('E_USAGE', `the blocks are of ${names.join(' or ')}, which their files do not tell apart`, {
    context: { file: name },
    remedy: `give --chain ${names.join(' or --chain ')}`,
  });
}
