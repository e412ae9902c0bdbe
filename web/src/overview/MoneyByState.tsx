import { type ReactNode, useMemo, useState } from 'react';
import { Link } from 'wouter';
import { useWords } from '../app/settings.tsx';
import { type CaseMoney, MONEY_STATES, moneyByCase, type TheftMoney } from '../format/money-sums.ts';
import { paths } from '../format/paths.ts';
import { methodWords } from '../messages/methods.ts';
import { overviewWords } from '../messages/overview.ts';
import { Amount, Outside, SimulatedChip, Time } from '../parts/text.tsx';
import { Sheet, type SheetColumn } from '../search/Sheet.tsx';
import { useWorth } from '../server/prices.ts';
import { MoneyBar } from './MoneyBar.tsx';

const FEW = 8;
const VIEWS = ['bars', 'table'] as const;

/** Where the loot of each theft is, as bars or as a table with every digit. */
export function MoneyByState({ money }: { readonly money: readonly TheftMoney[] }): ReactNode {
  const words = useWords(overviewWords);
  const [view, setView] = useState<(typeof VIEWS)[number]>('bars');
  const [all, setAll] = useState(false);
  const cases = useMemo(() => moneyByCase(money), [money]);
  const shown = all ? cases : cases.slice(0, FEW);
  return (
    <section className="panel">
      <div className="row-of spread">
        <h2>{words.money}</h2>
        <fieldset className="views no-print">
          <legend className="unseen">{words.view}</legend>
          {VIEWS.map((each) => (
            <label key={each}>
              <input type="radio" name="money-view" checked={view === each} onChange={() => setView(each)} />{' '}
              {each === 'bars' ? words.asBars : words.asTable}
            </label>
          ))}
        </fieldset>
      </div>
      <p className="muted">{words.moneyWhat}</p>
      {cases.length === 0 ? <p className="muted">{words.noMoney}</p> : null}
      {view === 'bars' ? (
        shown.map((each) => <CaseBars key={each.case} money={each} />)
      ) : (
        <MoneyTable money={shown.flatMap(({ thefts }) => thefts)} />
      )}
      {shown.length < cases.length ? (
        <button type="button" onClick={() => setAll(true)}>
          {words.allCases(cases.length)}
        </button>
      ) : null}
    </section>
  );
}

function CaseBars({ money: { case: id, title, simulated, thefts, sum } }: { readonly money: CaseMoney }): ReactNode {
  const words = useWords(overviewWords);
  return (
    <article className="case-money">
      <h3>
        <Link href={paths.case(id)}>
          <Outside>{title}</Outside>
        </Link>{' '}
        {simulated ? <SimulatedChip /> : null}
      </h3>
      {sum === null ? null : <MoneyBar money={sum} title={<strong>{words.sumOf(thefts.length)}</strong>} />}
      {thefts.map((theft) => (
        <MoneyBar
          key={theft.theft}
          money={theft}
          title={thefts.length === 1 && theft.title === title ? null : <Outside>{theft.title}</Outside>}
          theft={theft}
        />
      ))}
    </article>
  );
}

function MoneyTable({ money }: { readonly money: readonly TheftMoney[] }): ReactNode {
  const words = useWords(overviewWords);
  const columns: SheetColumn<TheftMoney>[] = [
    { name: 'theft', title: words.theft, cell: (theft) => <Theft theft={theft} /> },
    { name: 'stolen', title: words.stolen, right: true, cell: (theft) => <Stolen theft={theft} /> },
    ...MONEY_STATES.map(
      (state): SheetColumn<TheftMoney> => ({
        name: state,
        title: words.states[state],
        right: true,
        cell: ({ decimals, stolen, [state]: units }) => (
          <span className="under">
            <Amount units={units} decimals={decimals} of={stolen} />
          </span>
        ),
      }),
    ),
  ];
  return <Sheet label={words.money} columns={columns} rows={money} keyOf={({ case: id, theft }) => `${id}|${theft}`} />;
}

function Stolen({ theft: { asset, symbol, decimals, stolen, time } }: { readonly theft: TheftMoney }): ReactNode {
  const usd = useWorth(asset, time, stolen, decimals);
  return (
    <span className="under">
      <Amount units={stolen} decimals={decimals} symbol={symbol} usd={usd} />
    </span>
  );
}

function Theft({ theft }: { readonly theft: TheftMoney }): ReactNode {
  const words = useWords(overviewWords);
  const names = useWords(methodWords);
  const { case: id, caseTitle, title, simulated, time, method } = theft;
  return (
    <div className="wide-cell">
      <Link href={paths.case(id)}>
        <Outside>{title}</Outside>
      </Link>{' '}
      {title.includes(caseTitle) ? null : (
        <span className="muted">
          (<Outside>{caseTitle}</Outside>)
        </span>
      )}{' '}
      {simulated ? <SimulatedChip /> : null}
      <div className="muted">
        <Time time={time} />, {words.method}: {names[method] ?? method}
      </div>
    </div>
  );
}
