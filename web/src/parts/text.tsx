import { type ReactNode, useEffect, useId, useState } from 'react';
import { Link } from 'wouter';
import { shortAddress, visibleText } from '../../../src/base/visible-text.ts';
import { useSettings, useWords } from '../app/settings.tsx';
import { amountText, shareText, usdText } from '../format/amount.ts';
import { paths } from '../format/paths.ts';
import { ageText, timeText } from '../format/time.ts';
import { partsWords } from '../messages/parts.ts';
import { copyText } from './browser.ts';
import { useToast } from './toast.tsx';

/** Text from outside: control and direction marks become visible, and nothing of it is markup. */
export function Outside({ children }: { readonly children: string }): ReactNode {
  return <bdi>{visibleText(children)}</bdi>;
}

interface AmountProps {
  /** Base units as decimal text. */
  readonly units: string;
  readonly decimals: number | null;
  readonly symbol?: string;
  /** Also the part of this sum. */
  readonly of?: string;
  /** Dollar value as decimal text, with what says so. */
  readonly usd?: { readonly value: string; readonly source: string; readonly day: string } | null;
}

/** An amount: short on the page, every digit on hover and with a click into the clipboard. */
export function Amount({ units, decimals, symbol, of, usd = null }: AmountProps): ReactNode {
  const { language } = useSettings();
  const words = useWords(partsWords);
  const { exact, short } = amountText(units, decimals, language);
  const unit = symbol === undefined ? '' : ` ${visibleText(symbol)}`;
  const whole = decimals === null ? words.baseUnits : '';
  const dollars = usd === null ? '' : `≈ $${usdText(usd.value, language)}`;
  const money = usd === null ? '' : `\n${dollars} (${visibleText(usd.source)}, ${usd.day})`;
  return (
    <span className="amount">
      <Copied value={exact.replaceAll(/[^\d.-]/g, '')} title={`${exact}${unit}${whole}${money}`}>
        {short}
        {unit}
      </Copied>
      {of === undefined ? null : <span className="share">{shareText(units, of)}</span>}
      {usd === null ? null : <span className="usd">{dollars}</span>}
    </span>
  );
}

/** Text that a click copies. */
export function Copied({
  value,
  title,
  children,
}: {
  readonly value: string;
  readonly title: string;
  readonly children: ReactNode;
}): ReactNode {
  const words = useWords(partsWords);
  const toast = useToast();
  const copy = (): void => {
    copyText(value).then(
      () => toast(words.copied(value)),
      () => toast(words.notCopied),
    );
  };
  return (
    <button type="button" className="copied" title={`${title}\n${words.clickToCopy}`} onClick={copy}>
      {children}
    </button>
  );
}

/** An address, short, leading to its page; whole on hover, and copied by the button beside it. */
export function Address({
  chain,
  address,
  name = null,
  whole = false,
}: {
  readonly chain: string;
  readonly address: string;
  readonly name?: string | null;
  readonly whole?: boolean;
}): ReactNode {
  return (
    <span className="address">
      {name === null ? null : (
        <span className="name">
          <Outside>{name}</Outside>
        </span>
      )}
      <Link href={paths.address(chain, address)} title={`${chain}\n${address}`}>
        <code>{whole ? visibleText(address) : shortAddress(address)}</code>
      </Link>
      <CopyButton value={address} />
    </span>
  );
}

/** A transaction, short, leading to its page. */
export function Transaction({ chain, tx }: { readonly chain: string; readonly tx: string | null }): ReactNode {
  const words = useWords(partsWords);
  if (tx === null || tx === '') return <span className="muted">{words.noTransaction}</span>;
  return (
    <span className="address">
      <Link href={paths.transaction(chain, tx)} title={tx}>
        <code>{shortAddress(tx)}</code>
      </Link>
      <CopyButton value={tx} />
    </span>
  );
}

export function CopyButton({ value }: { readonly value: string }): ReactNode {
  const words = useWords(partsWords);
  return (
    <Copied value={value} title={value}>
      <CopySign />
      <span className="unseen">{words.copy}</span>
    </Copied>
  );
}

/** Two sheets, drawn: fonts often lack the character. */
export function CopySign(): ReactNode {
  return (
    <svg className="copy-sign" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      <path d="M1 1h7v7H1zM4 10.5V11h7V4h-.5" fill="none" stroke="currentColor" />
    </svg>
  );
}

/** A moment in the zone that the reader chose, in the other one on hover. `time`: ISO 8601 or seconds; null: not known. */
export function Time({
  time,
  age = false,
}: {
  readonly time: string | number | null;
  readonly age?: boolean;
}): ReactNode {
  const { zone, language } = useSettings();
  const words = useWords(partsWords);
  const now = useNow(age);
  if (time === null) return <span className="muted">{words.notKnown}</span>;
  const { utc, local } = timeText(time);
  const iso = typeof time === 'number' ? new Date(time * 1000).toISOString() : time;
  return (
    <time dateTime={iso} title={`${utc}\n${local}`}>
      {age ? ageText(time, now, language) : zone === 'utc' ? utc : local}
    </time>
  );
}

/** Milliseconds, anew each half minute where asked for. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

/** A word in a frame. The tone colours it and sets a sign before it, so that colour is never the only one. */
export function Chip({
  tone = 'plain',
  children,
  title,
}: {
  readonly tone?: Tone;
  readonly children: ReactNode;
  readonly title?: string;
}): ReactNode {
  return (
    <span className={`chip tone-${tone}`} title={title}>
      {SIGNS[tone] === '' ? null : <span aria-hidden="true">{SIGNS[tone]} </span>}
      {children}
    </span>
  );
}

export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'info' | 'drill';
const SIGNS: Readonly<Record<Tone, string>> = { plain: '', good: '✓', warn: '▲', bad: '■', info: '●', drill: '◇' };

/** allow, review, block. */
export function DecisionChip({ decision }: { readonly decision: string }): ReactNode {
  const words = useWords(partsWords);
  const tone = decision === 'block' ? 'bad' : decision === 'review' ? 'warn' : 'good';
  return <Chip tone={tone}>{words.decisions[decision] ?? decision}</Chip>;
}

/** On whatever is not real. */
export function SimulatedChip(): ReactNode {
  const words = useWords(partsWords);
  return (
    <Chip tone="drill" title={words.simulatedWhy}>
      {words.simulated}
    </Chip>
  );
}

/** What a field is called, above it. */
export function Field({
  label,
  hint,
  children,
}: {
  readonly label: string;
  readonly hint?: string;
  readonly children: (id: string, describedBy: string | undefined) => ReactNode;
}): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id, hint === undefined ? undefined : `${id}-hint`)}
      {hint === undefined ? null : (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
