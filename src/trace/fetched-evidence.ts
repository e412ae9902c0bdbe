import type { ChainId } from '../model/chain.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import { liveContentId } from '../store/fetched.ts';
import type { Covered, Opening, Store } from '../store/port.ts';
import type { EvidenceCoverage } from './evidence.ts';

/** After every transaction of its block. */
const END_OF_BLOCK = 2_147_483_647;

/** What fetches from living chains know of the places met, beside the movements themselves. */
export interface FetchedEvidence {
  readonly coverage: readonly EvidenceCoverage[];
  /** What places held before the first movement fetched of them, as movements of kind `opening`. */
  readonly openings: readonly Transfer[];
}

export async function gatherFetched(
  store: Store,
  transfers: readonly Transfer[],
  utxo: readonly UtxoTransaction[],
): Promise<FetchedEvidence> {
  const coverage: EvidenceCoverage[] = [];
  const openings: Transfer[] = [];
  for (const [chain, places] of placesByChain(transfers, utxo)) {
    const covered = await store.covered(chain, [...places]);
    const known = await store.openings(chain, [...places]);
    const used = chooseOpenings(chain, transfers, known);
    if (used.length > 0) {
      const batch = await liveBatch(store, chain);
      openings.push(...used.map((opening) => openingRow(chain, opening, batch)));
    }
    coverage.push(...covered.filter(({ busy }) => busy === null).map((range) => toCoverage(chain, range)));
  }
  return { coverage, openings };
}

function placesByChain(
  transfers: readonly Transfer[],
  utxo: readonly UtxoTransaction[],
): ReadonlyMap<ChainId, ReadonlySet<string>> {
  const places = new Map<ChainId, Set<string>>();
  const add = (chain: ChainId, place: string | null): void => {
    if (place === null) return;
    const known = places.get(chain);
    if (known === undefined) places.set(chain, new Set([place]));
    else known.add(place);
  };
  for (const { chain, from, to } of transfers) {
    add(chain, from);
    add(chain, to);
  }
  for (const { chain, tx, outputs } of utxo) {
    for (let index = 0; index < outputs.length; index += 1) add(chain, `${tx}:${index}`);
  }
  return places;
}

/** Openings of places that move in the evidence: those of nothing only where earlier movements would leave something else. */
function chooseOpenings(
  chain: ChainId,
  transfers: readonly Transfer[],
  openings: readonly Opening[],
): readonly Opening[] {
  const first = new Map<string, number>();
  for (const row of transfers) {
    if (row.chain !== chain) continue;
    for (const address of [row.from, row.to]) {
      if (address === null) continue;
      const place = `${address}|${row.asset}`;
      first.set(place, Math.min(first.get(place) ?? row.time, row.time));
    }
  }
  return openings.filter(({ address, asset, amount, time }) => {
    const moved = first.get(`${address}|${asset}`);
    return moved !== undefined && (amount > 0n || moved <= time);
  });
}

async function liveBatch(store: Store, chain: ChainId): Promise<number> {
  const batch = await store.findBatch(liveContentId(chain));
  return batch?.id ?? 0;
}

function openingRow(chain: ChainId, opening: Opening, batch: number): Transfer {
  return {
    chain,
    tx: null,
    kind: 'opening',
    from: null,
    to: opening.address,
    asset: opening.asset,
    amount: opening.amount,
    time: opening.time,
    block: opening.block,
    txIndex: END_OF_BLOCK,
    leg: 0,
    rounded: false,
    source: { batch, file: 0, row: 0 },
  };
}

function toCoverage(chain: ChainId, range: Covered): EvidenceCoverage {
  return {
    chain,
    place: range.place,
    from: range.fromTime,
    until: range.toTime,
    untilBlock: range.to,
    gaps: range.gaps.join('; '),
  };
}

/** The order of evidence: (time, chain, block, txIndex, leg); a row without a block stands after those that have one. */
export function compareRows(a: Transfer, b: Transfer): number {
  return (
    a.time - b.time ||
    (a.chain < b.chain ? -1 : a.chain > b.chain ? 1 : 0) ||
    compareBlocks(a.block, b.block) ||
    a.txIndex - b.txIndex ||
    a.leg - b.leg
  );
}

function compareBlocks(a: bigint | null, b: bigint | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
}
