import type { PlaceKeyed } from './case-movements.ts';
import type { FlowFacts } from './flow-graph.ts';

/** Source units that came (above zero) to an asset of a place, or left it. */
export interface TaintChange {
  readonly asset: string;
  readonly time: number;
  readonly units: bigint;
}

/** How much of the loot one place had, through time: what the ledger of a method booked there; it ends at what the result says. */
export function taintChanges(
  { chain, address }: PlaceKeyed,
  { ledgerOf, nameOf }: Pick<FlowFacts, 'ledgerOf' | 'nameOf'>,
  theft: string,
  method: string,
): readonly TaintChange[] {
  return ledgerOf(theft, method).flatMap(({ time, changes }) =>
    changes.flatMap(({ place, units }) => {
      const name = nameOf(place);
      return name.chain === chain && name.address === address ? [{ asset: name.asset, time, units }] : [];
    }),
  );
}
