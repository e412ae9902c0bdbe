/** Who may do what. A role is a set of scopes; a key may be narrowed to some of its role's. */
export const ROLES = ['viewer', 'analyst', 'approver', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export const SCOPES = [
  /** Screen addresses, transfers, batches. */
  'screen',
  /** Read verdicts, alerts, cases, labels, rules. */
  'read',
  /** Assign, comment, close alerts. */
  'alerts',
  /** Start and stop traces, imports and drills from the console. */
  'cases',
  /** Add and expire own labels. */
  'labels',
  /** Draft hold notices, record their acknowledgement. */
  'holds',
  /** Release what is blocked, send holds, activate rules, approve as the second person. */
  'approve',
  /** Load, test, back-test rules. */
  'rules',
  'webhooks',
  /** Create, rotate, revoke keys; name the own organisation. */
  'keys',
  'audit',
  /** Erase a customer. */
  'erase',
  'metrics',
  /** The store itself, for the command line on this machine. Never given to a key. */
  'local',
] as const;
export type Scope = (typeof SCOPES)[number];

const VIEWER: readonly Scope[] = ['read'];
const ANALYST: readonly Scope[] = [...VIEWER, 'screen', 'alerts', 'cases', 'labels', 'holds', 'rules'];
const APPROVER: readonly Scope[] = [...ANALYST, 'approve'];

export const SCOPES_OF: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: VIEWER,
  analyst: ANALYST,
  approver: APPROVER,
  admin: [...APPROVER, 'webhooks', 'keys', 'audit', 'erase', 'metrics'],
};

/** Who a request is from, once its key or session is known. */
export interface Principal {
  /** Stands in the audit log: `key:ID`, `session:ID`, `local`, or `system` for what the server does by itself. */
  readonly id: string;
  /** The person, where two keys or sessions may be of one: what "two persons" goes by. */
  readonly person: string;
  readonly role: Role;
  readonly scopes: ReadonlySet<Scope>;
  /** Requests a second; null: no limit. */
  readonly rate: number | null;
  /** Whose requests are counted together with its own: a session's with those of the key that it was made from. Left out: its own id. */
  readonly bucket?: string;
}

/** The server itself: re-screening, clean-up. */
export const SYSTEM: Principal = {
  id: 'system',
  person: 'system',
  role: 'admin',
  scopes: new Set(SCOPES),
  rate: null,
};
