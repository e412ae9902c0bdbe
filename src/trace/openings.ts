import type { Transfer } from '../model/transfer.ts';

/**
 * When places open. A fetch knows all that a place did from the block on in which the loot arrives there, and what it held just before
 * (kind `opening`). What other places' movements show of it earlier is not the whole: there it stands outside, as one of those who only
 * feed and receive clean money, so that nothing is counted twice and nothing seems short.
 */
export class Openings {
  /** By chain|address|asset: opening rows, in order of time. */
  readonly #rows = new Map<string, Transfer[]>();

  constructor(transfers: readonly Transfer[]) {
    for (const row of transfers) {
      if (row.kind !== 'opening' || row.to === null) continue;
      const key = `${row.chain}|${row.to}|${row.asset}`;
      this.#rows.set(key, [...(this.#rows.get(key) ?? []), row]);
    }
  }

  /** How many openings of the place are still to come at a movement; 0 where it is open, or never needed an opening. */
  ahead(row: Transfer, address: string): number {
    const openings = this.#rows.get(`${row.chain}|${address}|${row.asset}`);
    if (openings === undefined) return 0;
    return openings.filter((opening) => opening !== row && isBefore(row, opening)).length;
  }
}

function isBefore(row: Transfer, opening: Transfer): boolean {
  if (row.block === null || opening.block === null) return row.time <= opening.time;
  return row.block < opening.block || (row.block === opening.block && row.kind !== 'opening');
}
