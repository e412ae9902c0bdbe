import { HaetaeError } from '../../../base/errors.ts';

/** Where a fault lies. `block`: its height, or its hash where the height is not known. */
export interface FaultPlace {
  readonly file: string;
  readonly otherFile?: string;
  readonly offset?: number;
  readonly block?: number | string;
  readonly field?: string;
}

const NOTHING = 'Nothing of this import was stored';
const AGAIN = `copy the file again, with the node stopped if it may be writing it. ${NOTHING}`;

/** E_FILE_READ: bytes of a block file are not what they must be. */
export function blockFileFault(what: string, place: FaultPlace, remedy = AGAIN): HaetaeError {
  const context = Object.fromEntries(Object.entries(place).filter(([, value]) => value !== undefined));
  return new HaetaeError('E_FILE_READ', what, { context, remedy });
}

/** E_FILE_READ: the files are whole, but not a chain. */
export function unconnected(what: string, context: Readonly<Record<string, string | number>>): HaetaeError {
  return new HaetaeError('E_FILE_READ', what, {
    context,
    remedy: `name the files before and behind these in the same command, since nodes write blocks out of order; or import each part of the chain by itself. ${NOTHING}`,
  });
}

/** E_FILE_READ: a file ends within a block. */
export function cutShort(place: FaultPlace): HaetaeError {
  const remedy = `where a node is still writing the file, stop it (or wait) and copy the file again; else fetch the file again. ${NOTHING}`;
  return blockFileFault('a block is cut short: the file ends before it does', place, remedy);
}
