import type { Category } from '../model/label.ts';

/**
 * The collapse guard: what it takes for a service. Clusters of two different services may not meet; nor may two clusters
 * of more than `sizeLimit` members each. A wallet, a victim or a sanctioned person is no service: their labels may meet.
 *
 * Möser and Narayanan, "Resurrecting Address Clustering in Bitcoin" (FC 2022), stop a change-based clustering from collapsing by
 * comparing signs of the clusters before a union; here labels are the sign, as they are what a user would see go wrong.
 */
export const SERVICE_CATEGORIES = [
  'exchange',
  'otc',
  'payment',
  'gambling',
  'darknet',
  'mining',
  'service',
  'mixer',
  'coinjoin',
  'bridge',
  'dex',
  'lending',
] as const satisfies readonly Category[];
export type ServiceCategory = (typeof SERVICE_CATEGORIES)[number];

/** Two clusters larger than this do not meet. A choice, not a measurement: exchanges grow by joining small clusters to a large one. */
export const DEFAULT_SIZE_LIMIT = 100_000;

/** Refusals that an index keeps: past it a change reruns the whole chain. */
export const REFUSALS_KEPT = 1_000_000;

export function isService(category: Category): category is ServiceCategory {
  return (SERVICE_CATEGORIES as readonly Category[]).includes(category);
}

/** A union that was refused. The order of a list is that of the chain: step, then the order of inputs. */
export interface Refused {
  /** Transaction, or step of an account chain. */
  readonly step: number;
  readonly a: number;
  readonly b: number;
  /** Numbers of services, from 1; 0 for none. */
  readonly labelA: number;
  readonly labelB: number;
  readonly sizeA: number;
  readonly sizeB: number;
}

/** Why: services are compared before sizes, as the kernel does. */
export function reasonOf({ labelA, labelB }: Pick<Refused, 'labelA' | 'labelB'>): 'services' | 'size' {
  return labelA !== labelB && labelA !== 0 && labelB !== 0 ? 'services' : 'size';
}
