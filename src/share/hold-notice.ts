import { hash } from 'node:crypto';
import { formatAmount } from '../base/money.ts';
import type { Alert } from '../screen/alert.ts';
import type { LabelFact, PathFact } from '../screen/facts.ts';
import type { Verdict } from '../screen/verdict.ts';
import type { Tlp } from './hold-state.ts';

export interface Party {
  readonly name: string;
  /** How to reach them: an address, a telephone number, a key. */
  readonly contact: string;
}

/** What one provider asks another to hold. Never changed once drawn up; the order of its keys is part of the format. Amounts are base units, times UTC. */
export interface HoldNotice {
  readonly format: 'haetae-hold/1';
  readonly id: string;
  readonly tlp: Tlp;
  readonly from: Party;
  readonly to: Party;
  readonly issuedAt: string;
  readonly expiresAt: string;
  readonly what: {
    readonly chain: string;
    readonly asset: string | null;
    readonly symbol: string | null;
    readonly decimals: number | null;
    readonly amount: string | null;
    /** In whole units; null where the decimals are not known. */
    readonly amountText: string | null;
    readonly transactions: readonly string[];
  };
  readonly where: {
    /** Address at the provider that is asked about. */
    readonly address: string;
    /** Addresses that the finding names. */
    readonly concerned: readonly string[];
  };
  readonly why: {
    readonly alert: string;
    readonly verdict: string;
    readonly decidedAt: string;
    readonly statement: string;
    readonly stolenAt: string | null;
    readonly reasons: readonly HoldReason[];
  };
  readonly legalBasis: string;
  /** SHA-256 of the JSON of all before, in this order, without spaces. */
  readonly digest: string;
}

export interface HoldReason {
  readonly title: string;
  readonly text: string;
  readonly address: string;
  readonly category: string | null;
  readonly link: 'direct' | 'indirect' | null;
  readonly amount: string | null;
  readonly label: Pick<LabelFact, 'label' | 'source' | 'url' | 'confidence' | 'listed' | 'programmes'> | null;
  readonly path: PathFact | null;
}

export interface HoldWish {
  readonly to: Party;
  readonly address: string;
  readonly tlp: Tlp;
  readonly amount: string | null;
  readonly statement: string;
  readonly legalBasis: string;
  readonly expiresAt: string;
}

/** `verdict` null: not kept whole (a plain line of a batch); then the alert alone speaks. */
export function drawNotice(
  id: string,
  issuedAt: string,
  from: Party,
  alert: Alert,
  verdict: Verdict | null,
  wish: HoldWish,
): HoldNotice {
  const amount = wish.amount ?? alert.amount;
  const reasons = verdict === null ? [] : verdict.reasons.map(reasonOf);
  const steps = reasons.flatMap(({ path }) => path?.steps ?? []);
  const transactions = new Set([alert.tx, ...steps.map(({ tx }) => tx)].filter((tx) => tx !== null));
  const concerned = new Set([alert.address, ...reasons.map(({ address }) => address)].filter((text) => text !== null));
  return sealed({
    format: 'haetae-hold/1',
    id,
    tlp: wish.tlp,
    from: { name: from.name, contact: from.contact },
    to: { name: wish.to.name, contact: wish.to.contact },
    issuedAt,
    expiresAt: wish.expiresAt,
    what: {
      chain: alert.chain,
      asset: alert.asset,
      symbol: alert.symbol,
      decimals: alert.decimals,
      amount,
      amountText: amount === null || alert.decimals === null ? null : formatAmount(BigInt(amount), alert.decimals),
      transactions: [...transactions],
    },
    where: { address: wish.address, concerned: [...concerned] },
    why: {
      alert: alert.id,
      verdict: alert.verdict,
      decidedAt: verdict?.at ?? alert.at,
      statement: wish.statement,
      stolenAt: verdict === null ? null : stolenAt(verdict),
      reasons,
    },
    legalBasis: wish.legalBasis,
  });
}

/** First theft, not simulated, that a trace found the counterparty in. */
export function stolenAt(verdict: Verdict): string | null {
  const thefts = verdict.facts.flatMap(({ traces }) => traces.filter(({ simulated }) => !simulated));
  return thefts.map((trace) => trace.stolenAt).sort()[0] ?? null;
}

function reasonOf(reason: Verdict['reasons'][number]): HoldReason {
  const { label } = reason;
  return {
    title: reason.title,
    text: reason.text,
    address: reason.address,
    category: reason.category,
    link: reason.link,
    amount: reason.amount,
    label: label && {
      label: label.label,
      source: label.source,
      url: label.url,
      confidence: label.confidence,
      listed: label.listed,
      programmes: label.programmes,
    },
    path: reason.path,
  };
}

function sealed(notice: Omit<HoldNotice, 'digest'>): HoldNotice {
  return { ...notice, digest: hash('sha256', JSON.stringify(notice)) };
}

/** Is it as it was drawn up? For whoever gets one. */
export function holdsDigest(notice: HoldNotice): boolean {
  const { digest, ...rest } = notice;
  return hash('sha256', JSON.stringify(rest)) === digest;
}
