import type { Evidence } from './evaluation.ts';
import type { CounterpartyFacts, ExposureFact, LabelFact, PathFact, SignatureFact, TraceFact } from './facts.ts';
import type { Conditions, Rule, RuleSet } from './rule.ts';
import type { Verdict, VerdictRequest } from './verdict.ts';

export const ETHER = 'eip155:1/slip44:60';
export const ADDRESS = '0x1111111111111111111111111111111111111111';
export const AT = Date.parse('2026-03-01T12:00:00.000Z');
export const ONE_ETHER = 10n ** 18n;

export function ruleOf(id: string, when: Conditions, more: Partial<Rule> = {}): Rule {
  const source = { title: 'a source', url: null };
  return {
    id,
    version: 1,
    title: id,
    reason: 'why',
    source,
    mode: 'live',
    decision: 'review',
    score: 50,
    when,
    ...more,
  };
}

export function setOf(...rules: readonly Rule[]): RuleSet {
  return { name: 'test', hash: 'a'.repeat(64), text: '', rules };
}

export function requestOf(more: Partial<VerdictRequest> = {}): VerdictRequest {
  return {
    kind: 'transfer',
    chain: 'eip155:1',
    address: ADDRESS,
    direction: 'deposit',
    asset: ETHER,
    amount: `${ONE_ETHER}`,
    decimals: 18,
    symbol: 'ETH',
    tx: null,
    transferAt: '2026-03-01T11:00:00Z',
    asOf: null,
    customer: 'c-1',
    segment: null,
    ...more,
  };
}

export function addressRequest(more: Partial<VerdictRequest> = {}): VerdictRequest {
  const none = { direction: null, asset: null, amount: null, decimals: null, symbol: null, transferAt: null };
  return requestOf({ kind: 'address', ...none, ...more });
}

export function factsOf(more: Partial<CounterpartyFacts> = {}): CounterpartyFacts {
  return {
    address: ADDRESS,
    chain: 'eip155:1',
    amount: null,
    labels: [],
    entity: null,
    exposures: [],
    traces: [],
    signatures: [],
    missing: [],
    ...more,
  };
}

export function labelOf(more: Partial<LabelFact> = {}): LabelFact {
  return {
    category: 'sanctioned',
    label: 'Lazarus Group',
    actor: 'lazarusgroup',
    programmes: ['DPRK3'],
    confidence: 'authority_data',
    source: 'ofac-sdn',
    file: 'sdn.json',
    url: null,
    listed: '2022-04-14T00:00:00Z',
    lastListed: '2026-02-20T00:00:00Z',
    ended: null,
    status: 'current',
    atTransfer: true,
    caseLost: false,
    via: null,
    saidOf: null,
    ...more,
  };
}

export function exposureOf(more: Partial<ExposureFact> = {}): ExposureFact {
  return {
    asset: ETHER,
    side: 'received',
    category: 'stolen',
    direct: '0',
    indirect: `${ONE_ETHER}`,
    small: '0',
    amount: `${ONE_ETHER}`,
    share: 0.4,
    hops: null,
    path: null,
    ...more,
  };
}

export function pathOf(hops: number, time = '2026-02-28T00:00:00Z'): PathFact {
  const step = { tx: '0xabc', time, from: '0x22', to: ADDRESS, asset: ETHER, amount: '5' };
  return {
    amount: '5',
    origin: '0x22',
    label: 'Ronin Bridge Exploiter',
    steps: Array.from({ length: hops }, () => step),
  };
}

export function traceOf(more: Partial<TraceFact> = {}): TraceFact {
  return {
    case: 'case-1',
    title: 'Theft from a bridge',
    theft: 'theft-1',
    method: 'fifo',
    asset: ETHER,
    amount: `${ONE_ETHER}`,
    role: 'holds',
    hops: 4,
    stolenAt: '2026-02-20T00:00:00Z',
    simulated: false,
    ...more,
  };
}

export function signatureOf(more: Partial<SignatureFact> = {}): SignatureFact {
  const said = { name: 'peel chain', case: 'case-1', summary: '40 peels', lastTime: '2026-02-27T00:00:00Z' };
  return { id: 'S8', ...said, ...more };
}

export function evidenceOf(facts: readonly CounterpartyFacts[], more: Partial<Evidence> = {}): Evidence {
  return { request: requestOf(), at: AT, facts, cumulative: [], ...more };
}

export function verdictOf(more: Partial<Verdict> = {}): Verdict {
  return {
    format: 1,
    id: 'v-1-00ff',
    at: new Date(AT).toISOString(),
    request: requestOf(),
    decision: 'allow',
    score: 0,
    reasons: [],
    tested: [],
    basis: {
      labels: { hash: 'l', lists: 3 },
      rules: { hash: 'a'.repeat(64), name: 'test' },
      chain: { block: '100', time: '2026-03-01T11:59:00Z' },
      exposure: { hash: 'e', until: null, behind: 0 },
      traces: { hash: 't', cases: 1 },
      software: 'haetae 0.1.0',
    },
    facts: [],
    cumulative: [],
    previous: null,
    cause: null,
    ...more,
  };
}
