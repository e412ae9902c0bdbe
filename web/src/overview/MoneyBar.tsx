import type { ReactNode } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useSettings, useWords } from '../app/settings.tsx';
import { amountText, ratio, shareText, usdText } from '../format/amount.ts';
import { type CaseSum, MONEY_STATES, type MoneyState, type TheftMoney } from '../format/money-sums.ts';
import { methodWords } from '../messages/methods.ts';
import { overviewWords } from '../messages/overview.ts';
import { Amount, Outside, Time } from '../parts/text.tsx';
import { useWorth } from '../server/prices.ts';

const SIGNS: Readonly<Record<MoneyState, string>> = { held: '●', services: '◆', mixed: '✖', bridged: '⇄', other: '○' };

/** One stacked bar with its amounts under it; `theft`: also when, by which method, and what it was worth then. */
export function MoneyBar({
  money,
  title,
  theft = null,
}: {
  readonly money: CaseSum;
  readonly title: ReactNode;
  readonly theft?: TheftMoney | null;
}): ReactNode {
  const words = useWords(overviewWords);
  const { language } = useSettings();
  const { symbol, decimals, stolen } = money;
  const present = MONEY_STATES.filter((state) => money[state] !== '0');
  return (
    <div className="money">
      <p className="row-of money-head">
        {title} <Amount units={stolen} decimals={decimals} symbol={symbol} />
        {theft === null ? null : <About theft={theft} />}
      </p>
      {/* Its words and figures stand below, for everybody. */}
      <div className="money-bar" aria-hidden="true">
        {present.map((state) => (
          <span
            key={state}
            className={`money-part state-${state}`}
            style={{ flexGrow: ratio(money[state], stolen), flexBasis: 0 }}
            title={`${words.states[state]}: ${amountText(money[state], decimals, language).exact} ${visibleText(symbol)} (${shareText(money[state], stolen)})`}
          >
            {ratio(money[state], stolen) > 0.06 ? SIGNS[state] : ''}
          </span>
        ))}
      </div>
      <ul className="money-legend">
        {present.map((state) => (
          <li key={state} title={words.statesWhat[state]}>
            <span className={`swatch state-${state}`} aria-hidden="true">
              {SIGNS[state]}
            </span>{' '}
            {words.states[state]} <Amount units={money[state]} decimals={decimals} symbol={symbol} of={stolen} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function About({ theft: { asset, decimals, stolen, time, method } }: { readonly theft: TheftMoney }): ReactNode {
  const words = useWords(overviewWords);
  const names = useWords(methodWords);
  const { language } = useSettings();
  const worth = useWorth(asset, time, stolen, decimals);
  return (
    <>
      {worth === null ? null : (
        <span className="muted" title={words.priceFrom(visibleText(worth.source), worth.day)}>
          ≈ ${usdText(worth.value, language)} {words.worth} (<Outside>{worth.source}</Outside>, {worth.day})
        </span>
      )}
      <span className="muted">
        <Time time={time} />
      </span>
      <span className="muted" title={method === 'poison' ? words.poison : undefined}>
        {words.method}: {names[method] ?? method}
      </span>
    </>
  );
}
