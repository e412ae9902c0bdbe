import type { Category } from '../model/label.ts';

/** What an actor is in the economy; the plan's own actors (thieves' wallets, decoys) carry one too. */
export type Role =
  | 'exchange'
  | 'cold'
  | 'deposit'
  | 'router'
  | 'pool'
  | 'mixer'
  | 'relayer'
  | 'bridge'
  | 'merchant'
  | 'company'
  | 'whale'
  | 'person'
  | 'thief'
  | 'innocent'
  | 'decoy';

export interface Service {
  readonly name: string;
  readonly role: Role;
  /** null: nobody has labelled it. */
  readonly category: Category | null;
  /** Who runs it, as the labels say. */
  readonly entity: string;
}

export const EXCHANGES = ['Aster', 'Borage', 'Clover', 'Dahlia'] as const;
export const DENOMINATIONS_DECI = [1, 10, 100, 1000] as const;

function service(role: Role, name: string, category: Category | null, entity = name): Service {
  return {
    name: `Drill ${name} (simulated)`,
    role,
    category,
    entity: `drill-${entity.toLowerCase().replace(/ .*/, '')}`,
  };
}

/** Actors 0, 1, …: the places everybody uses. */
export const SERVICES: readonly Service[] = [
  ...EXCHANGES.map((name) => service('exchange', `${name} hot wallet`, 'exchange', name)),
  ...EXCHANGES.map((name) => service('cold', `${name} cold wallet`, 'exchange', name)),
  service('router', 'Swap router', 'dex', 'swap'),
  ...['DUSD', 'DGLD', 'DWBT'].map((symbol) => service('pool', `Swap pool dETH-${symbol}`, 'dex', 'swap')),
  ...DENOMINATIONS_DECI.map((deci) => service('mixer', `Mixer ${deci / 10} dETH`, 'mixer', 'mixer')),
  service('relayer', 'Mixer relayer', null, 'relayer'),
  service('bridge', 'Bridge vault', 'bridge', 'bridge'),
  ...['one', 'two', 'three'].map((name) => service('merchant', `Merchant ${name}`, 'payment', `merchant-${name}`)),
  ...['one', 'two', 'three', 'four'].map((name) => service('company', `Company ${name}`, null, `company-${name}`)),
  ...['one', 'two'].map((name) => service('whale', `Whale ${name}`, null, `whale-${name}`)),
];

const first = (role: Role): number => SERVICES.findIndex((entry) => entry.role === role);

export const HOT = first('exchange');
export const COLD = first('cold');
export const ROUTER = first('router');
/** Pool of token `asset` is POOL + asset - 1. */
export const POOL = first('pool');
export const MIXER = first('mixer');
export const LARGEST_MIXER = MIXER + DENOMINATIONS_DECI.length - 1;
export const RELAYER = first('relayer');
export const BRIDGE = first('bridge');
export const MERCHANT = first('merchant');
export const COMPANY = first('company');
export const WHALE = first('whale');
export const FIRST_PERSON = SERVICES.length;

/** Drill units of the native asset that mixer pool `index` (0 to 3) takes. */
export function denomination(index: number): number {
  return DENOMINATIONS_DECI[index]! * 1e8;
}

/** How the actors are numbered: services, then persons, then one deposit address a person, then what the plan makes. */
export interface Roster {
  readonly persons: number;
  readonly firstDeposit: number;
  readonly firstPlanned: number;
}

/** At most 100,000 persons: memory stays bounded whatever the scale. */
export function rosterOf(scale: number): Roster {
  const persons = Math.max(60, Math.min(100_000, Math.floor(scale / 8)));
  const firstDeposit = FIRST_PERSON + persons;
  return { persons, firstDeposit, firstPlanned: firstDeposit + persons };
}
