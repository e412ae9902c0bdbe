import { hash } from 'node:crypto';
import { formatAmount } from '../base/money.ts';
import { CHAINS } from '../model/chain.ts';
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
    readonly alert: string | null;
    readonly verdict: string | null;
    readonly decidedAt: string | null;
    /** The traced case it was drawn up from, in place of an alert. Notices drawn up before there were such ones lack it. */
    readonly case?: HoldCase | null | undefined;
    readonly statement: string;
    readonly stolenAt: string | null;
    readonly reasons: readonly HoldReason[];
  };
  readonly legalBasis: string;
  /** SHA-256 of the JSON of all before, in this order, without spaces. */
  readonly digest: string;
}

/** What a traced case says of the address. Amounts are base units. */
export interface HoldCase {
  readonly id: string;
  /** Of its evidence bundle: whoever asks for the bundle can check it with this (`haetae verify BUNDLE --expect DIGEST`). */
  readonly digest: string;
  readonly theft: string;
  /** Of the theft. */
  readonly title: string;
  readonly method: string;
  readonly simulated: boolean;
  readonly reached: string;
  /** Of what was stolen, such as "12.34 %". */
  readonly share: string;
  readonly firstTime: string;
  readonly lastTime: string;
  readonly payments: readonly {
    readonly tx: string | null;
    readonly time: string;
    readonly from: string;
    readonly amount: string;
    readonly tainted: string;
  }[];
}

/** What a notice is about, from wherever it is known. */
export interface NoticeSubject {
  readonly what: Omit<HoldNotice['what'], 'amountText'>;
  readonly concerned: readonly string[];
  readonly why: Omit<HoldNotice['why'], 'statement'> & { readonly case: HoldCase | null };
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

export function drawNotice(
  id: string,
  issuedAt: string,
  from: Party,
  { what, concerned, why }: NoticeSubject,
  wish: HoldWish,
): HoldNotice {
  const amount = wish.amount ?? what.amount;
  return sealed({
    format: 'haetae-hold/1',
    id,
    tlp: wish.tlp,
    from: { name: from.name, contact: from.contact },
    to: { name: wish.to.name, contact: wish.to.contact },
    issuedAt,
    expiresAt: wish.expiresAt,
    what: {
      chain: what.chain,
      asset: what.asset,
      symbol: what.symbol,
      decimals: what.decimals,
      amount,
      amountText: amount === null || what.decimals === null ? null : formatAmount(BigInt(amount), what.decimals),
      transactions: what.transactions,
    },
    where: { address: wish.address, concerned },
    why: {
      alert: why.alert,
      verdict: why.verdict,
      decidedAt: why.decidedAt,
      case: why.case,
      statement: wish.statement,
      stolenAt: why.stolenAt,
      reasons: why.reasons,
    },
    legalBasis: wish.legalBasis,
  });
}

/** `verdict` null: not kept whole (a plain line of a batch); then the alert alone speaks. */
export function subjectOfAlert(alert: Alert, verdict: Verdict | null): NoticeSubject {
  const { chain, asset, symbol, decimals, amount } = alert;
  const reasons = verdict === null ? [] : verdict.reasons.map(reasonOf);
  const steps = reasons.flatMap(({ path }) => path?.steps ?? []);
  const transactions = new Set([alert.tx, ...steps.map(({ tx }) => tx)].filter((tx) => tx !== null));
  const concerned = new Set([alert.address, ...reasons.map(({ address }) => address)].filter((text) => text !== null));
  return {
    what: { chain, asset, symbol, decimals, amount, transactions: [...transactions] },
    concerned: [...concerned],
    why: {
      alert: alert.id,
      verdict: alert.verdict,
      decidedAt: verdict?.at ?? alert.at,
      case: null,
      stolenAt: verdict === null ? null : stolenAt(verdict),
      reasons,
    },
  };
}

/** Of a simulated case or on a chain of drills: no real theft, no real money. */
export function isSimulatedNotice({ what, why }: HoldNotice): boolean {
  return why.case?.simulated ?? CHAINS.some(({ id, simulated }) => simulated && id === what.chain);
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
