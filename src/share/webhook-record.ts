/** As kept in table `webhook`, key its id. The secret stands in plain: it must sign. The records' folder is of mode 0700, its files 0600. */
export interface Endpoint {
  readonly format: 1;
  /** wh-SEQ-HHHH */
  readonly id: string;
  readonly url: string;
  /** Types of events; empty: all but verdict.decided. */
  readonly events: readonly string[];
  readonly secret: string;
  /** The secret before, which signs too until then, so that a receiver can change over. */
  readonly former: { readonly secret: string; readonly until: string } | null;
  readonly active: boolean;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly rotatedAt: string | null;
}

/** As shown: no secret. */
export interface EndpointView {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly active: boolean;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly rotatedAt: string | null;
  /** Acknowledged so far. */
  readonly delivered: number;
  /** In memory to be sent; `more` are on disk alone. */
  readonly waiting: number;
  readonly more: boolean;
  readonly failing: boolean;
}

export type DeliveryState = 'pending' | 'failed';

/** As kept in table `delivery`, key `ENDPOINT.ORDER`: of one endpoint in order of time. Removed once acknowledged. */
export interface Delivery {
  readonly format: 1;
  /** wd-SEQ-HHHH */
  readonly id: string;
  readonly endpoint: string;
  readonly type: string;
  readonly at: string;
  /** JSON text, posted as it stands. */
  readonly body: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** Milliseconds: retries end so long after. Set anew by a resend. */
  readonly since: number;
  readonly nextAt: number;
  readonly lastAt: string | null;
  readonly lastStatus: number | null;
  readonly lastFault: string | null;
}

export type DeliveryView = Omit<Delivery, 'format' | 'since' | 'nextAt' | 'body'> & { readonly nextAt: string | null };

export function deliveryView({ format: _, since: __, body: ___, ...delivery }: Delivery): DeliveryView {
  const { nextAt, ...rest } = delivery;
  return { ...rest, nextAt: delivery.state === 'pending' ? new Date(nextAt).toISOString() : null };
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 3_600_000;
export const GIVE_UP_AFTER_MS = 3 * 86_400_000;

/** Doubles from a second to an hour, give or take a quarter. `attempts` from 1; `random` from 0 to 1. */
export function waitAfter(attempts: number, random: number): number {
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts - 1, 30));
  return Math.round(Math.min(LONGEST_WAIT_MS, Math.max(FIRST_WAIT_MS, wait * (0.75 + random / 2))));
}
