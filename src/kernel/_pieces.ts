import { assert } from '../base/assert.ts';
import type { StatePiece } from './kernel.ts';

/** Copies saved pieces into the live ones of the same name and length; each live one must be there. */
export function loadPieces(saved: readonly StatePiece[], live: readonly StatePiece[]): void {
  for (const { name, bytes } of live) {
    const piece = saved.find((candidate) => candidate.name === name);
    assert(piece?.bytes.length === bytes.length, `saved state of the same options has a piece ${name}`);
    bytes.set(piece.bytes);
  }
}
