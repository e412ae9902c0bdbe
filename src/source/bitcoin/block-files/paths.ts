import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { blockFileFault } from './fault.ts';

const BLOCK_FILE = /^blk\d{5,}\.dat$/;

/** Files, with a node's blocks folder standing for the blk files in it, in order. A path that is not there is left to be refused later. */
export function blockPaths(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path];
    const names = readdirSync(path).filter((name) => BLOCK_FILE.test(name));
    if (names.length > 0) return names.sort(byNumber).map((name) => join(path, name));
    throw blockFileFault(
      'the folder holds no blk file',
      { file: path },
      'name the folder "blocks" of a node, or files',
    );
  });
}

function byNumber(a: string, b: string): number {
  return Number.parseInt(a.slice(3), 10) - Number.parseInt(b.slice(3), 10);
}
