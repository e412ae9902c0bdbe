import type { Decoy } from './decoy.ts';
import type { Stage } from './plan.ts';

/** A movement into, out of or between the thieves' places. Amounts are decimal text of base units, times ISO 8601. */
export interface TruthHop {
  readonly stage: Stage;
  readonly chain: string;
  readonly tx: string;
  readonly time: string;
  /** On a UTXO chain the first input of the thieves, else the first input. */
  readonly from: string;
  readonly to: string;
  readonly asset: string;
  readonly amount: string;
  /** What the movement is to the thieves: see TruthFlow; `own` stays with them. */
  readonly flow: FlowName | 'own';
  /** On a UTXO chain the output, txid:index. */
  readonly outpoint?: string;
}

/** What comes to the thieves and what leaves them. Out of `stolen` come the loot, of `commingled` another theft of the same thieves. */
export const INFLOWS = ['stolen', 'swapIn', 'mixerOut', 'bridgeOut', 'innocentIn', 'commingledIn'] as const;
export const OUTFLOWS = ['swapOut', 'exchange', 'mixer', 'bridge', 'innocent', 'commingledOut', 'fee'] as const;
export type FlowName = (typeof INFLOWS)[number] | (typeof OUTFLOWS)[number];

/** Per asset: the inflows together are the outflows and what is held, to the unit. */
export interface TruthFlow {
  readonly chain: string;
  readonly asset: string;
  readonly in: Readonly<Record<(typeof INFLOWS)[number], string>>;
  readonly out: Readonly<Record<(typeof OUTFLOWS)[number], string>>;
  readonly held: string;
}

export interface TruthPlace {
  readonly chain: string;
  readonly address: string;
  readonly asset: string;
  readonly amount: string;
  readonly outpoint?: string;
}

/** What a service got from the thieves, all in all. */
export interface TruthService {
  readonly name: string;
  readonly chain: string;
  readonly asset: string;
  readonly amount: string;
  readonly movements: number;
  /** Where it arrived: deposit addresses for an exchange. */
  readonly addresses: readonly string[];
  readonly firstTime: string;
  readonly lastTime: string;
}

export interface TruthStage {
  readonly stage: Stage;
  readonly from: string;
  readonly until: string;
  readonly movements: number;
  readonly addresses: readonly string[];
}

export interface TruthTheft {
  readonly id: string;
  readonly title: string;
  /** Theft file that names its seeds. */
  readonly file: string;
  readonly victim: { readonly name: string; readonly address: string };
  readonly stolen: readonly {
    readonly id: string;
    readonly asset: string;
    readonly address: string;
    readonly amount: string;
    readonly time: string;
  }[];
  /** Every address that the thieves control. */
  readonly controlled: readonly { readonly chain: string; readonly address: string }[];
  readonly stages: readonly TruthStage[];
  readonly flows: readonly TruthFlow[];
  readonly exchanges: readonly TruthService[];
  readonly mixers: readonly TruthService[];
  readonly bridges: readonly TruthService[];
  readonly held: readonly TruthPlace[];
  /** Innocents that paid the thieves or were paid by them. */
  readonly innocents: readonly {
    readonly chain: string;
    readonly address: string;
    readonly asset: string;
    readonly paidIn: string;
    readonly gotOut: string;
  }[];
  readonly hops: readonly TruthHop[];
}

/** What went into the bridge and where it came out, for thieves and honest users alike. */
export interface TruthCrossing {
  readonly theft: string | null;
  /** The deposit; `to` is the bridge's address. */
  readonly from: {
    readonly chain: string;
    readonly tx: string;
    readonly to: string;
    readonly time: string;
    readonly amount: string;
  };
  readonly to: {
    readonly chain: string;
    readonly outpoint: string;
    readonly address: string;
    readonly time: string;
    readonly amount: string;
  };
}

export interface TruthDecoy extends Pick<Decoy, 'kind' | 'resembles'> {
  readonly addresses: readonly { readonly chain: string; readonly address: string }[];
  readonly from: string;
  readonly until: string;
}

export interface DrillTruth {
  readonly simulated: true;
  readonly seed: number;
  readonly scale: number;
  readonly chains: readonly string[];
  readonly from: string;
  readonly until: string;
  readonly thefts: readonly TruthTheft[];
  readonly crossings: readonly TruthCrossing[];
  readonly decoys: readonly TruthDecoy[];
}
