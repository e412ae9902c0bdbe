import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { useSettings, useWords } from '../app/settings.tsx';
import { countText } from '../format/amount.ts';
import { paths } from '../format/paths.ts';
import { placed } from '../format/placed.ts';
import { rulesWords } from '../messages/rules.ts';
import { Said } from '../parts/said.tsx';
import { Empty, Fault, Loading } from '../parts/state.tsx';
import { DecisionChip, Field, Outside, Time } from '../parts/text.tsx';
import { api } from '../server/api.ts';

type Result = Awaited<ReturnType<typeof api.backTestRules>>;

/** Runs a set over past verdicts. `of`: one that is kept, or a text. */
export function BackTestForm({
  of,
}: {
  readonly of: { readonly hash: string } | { readonly text: string };
}): ReactNode {
  const words = useWords(rulesWords);
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const test = useMutation({
    mutationFn: () =>
      api.backTestRules({
        body: {
          ...of,
          ...(from === '' ? {} : { from: `${from}T00:00:00Z` }),
          ...(until === '' ? {} : { until: `${until}T00:00:00Z` }),
        },
      }),
  });
  const run = (event: FormEvent): void => {
    event.preventDefault();
    if (!test.isPending) test.mutate();
  };
  return (
    <section className="back-test" aria-label={words.backtest}>
      <h3>{words.backtest}</h3>
      <p className="muted">{words.backtestWhy}</p>
      <form className="row-of ends no-print" onSubmit={run}>
        <Field label={words.from}>
          {(id) => <input id={id} type="date" value={from} onChange={(event) => setFrom(event.target.value)} />}
        </Field>
        <Field label={words.until}>
          {(id) => <input id={id} type="date" value={until} onChange={(event) => setUntil(event.target.value)} />}
        </Field>
        <button type="submit" className="primary" disabled={test.isPending}>
          {words.run}
        </button>
      </form>
      {test.isPending ? <Loading what={words.running} /> : null}
      {test.error === null ? null : <Fault error={test.error} />}
      {test.data === undefined ? null : <BackTestView result={test.data} />}
    </section>
  );
}

function BackTestView({ result }: { readonly result: Result }): ReactNode {
  const words = useWords(rulesWords);
  const { language } = useSettings();
  const count = (value: number): string => countText(value, language);
  const unknown = Object.entries(result.unknown).filter(([, value]) => value > 0);
  return (
    <>
      <p role="status">
        <strong>{words.summary(count(result.verdicts), count(result.differing))}</strong>
      </p>
      <div className="scr-two-tables">
        <Decisions result={result} />
        <Fired result={result} />
      </div>
      {unknown.length === 0 ? null : (
        <>
          <h4>{words.unknown}</h4>
          <ul>
            {unknown.map(([name, value]) => (
              <li key={name}>
                {count(value)} {words.unknownWords[name as keyof typeof words.unknownWords] ?? name}
              </li>
            ))}
          </ul>
        </>
      )}
      <h4>{words.differences}</h4>
      {result.differences.length === 0 ? <Empty>{words.noDifferences}</Empty> : <Differences result={result} />}
    </>
  );
}

function Decisions({ result }: { readonly result: Result }): ReactNode {
  const words = useWords(rulesWords);
  const { language } = useSettings();
  return (
    <table className="scr-plain-table">
      <caption>{words.decisions}</caption>
      <thead>
        <tr>
          <th scope="col">{words.before}</th>
          <th scope="col">{words.after}</th>
          <th scope="col" className="right">
            {words.verdicts}
          </th>
        </tr>
      </thead>
      <tbody>
        {result.decisions.map(({ before, after, verdicts }) => (
          <tr key={`${before} ${after}`} className={before === after ? undefined : 'differs'}>
            <td>
              <DecisionChip decision={before} />
            </td>
            <td>
              <span aria-hidden="true">→ </span>
              <DecisionChip decision={after} />
            </td>
            <td className="right">{countText(verdicts, language)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Fired({ result }: { readonly result: Result }): ReactNode {
  const words = useWords(rulesWords);
  const { language } = useSettings();
  const count = (value: number): string => countText(value, language);
  return (
    <table className="scr-plain-table">
      <caption>{words.fired}</caption>
      <thead>
        <tr>
          <th scope="col">{words.rule}</th>
          {[words.before, words.after, words.difference, words.tested].map((title) => (
            <th key={title} scope="col" className="right">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {result.fired.map(({ rule, before, after, tested }) => (
          <tr key={rule} className={before === after ? undefined : 'differs'}>
            <td>
              <code>
                <Outside>{rule}</Outside>
              </code>
            </td>
            <td className="right">{count(before)}</td>
            <td className="right">{count(after)}</td>
            <td className="right">
              {after === before ? '=' : `${after > before ? '+' : '−'}${count(Math.abs(after - before))}`}
            </td>
            <td className="right">{count(tested)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Differences({ result }: { readonly result: Result }): ReactNode {
  const words = useWords(rulesWords);
  const { language } = useSettings();
  return (
    <>
      {result.differences.length < result.differing ? (
        <p className="muted">
          {words.differencesShown(
            countText(result.differences.length, language),
            countText(result.differing, language),
          )}
        </p>
      ) : null}
      <div className="scr-wide-content">
        <table className="scr-plain-table">
          <caption className="unseen">{words.differences}</caption>
          <thead>
            <tr>
              {[words.verdict, words.at, words.before, words.after, words.whyBefore, words.whyAfter].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {result.differences.map(({ verdict, at, before, after }) => (
              <tr key={verdict}>
                <td>
                  <Link href={paths.verdict(verdict)}>{verdict}</Link>
                </td>
                <td>
                  <Time time={at} />
                </td>
                <td>
                  <DecisionChip decision={before.decision} /> {before.score}
                </td>
                <td>
                  <span aria-hidden="true">→ </span>
                  <DecisionChip decision={after.decision} /> {after.score}
                </td>
                <td>
                  <Reasons reasons={before.reasons} />
                </td>
                <td>
                  <Reasons reasons={after.reasons} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Reasons({ reasons }: { readonly reasons: Result['differences'][number]['before']['reasons'] }): ReactNode {
  if (reasons.length === 0) return <span className="muted">–</span>;
  return (
    <ul className="scr-tight-list">
      {placed(reasons).map(({ item: { rule, text }, at }) => (
        <li key={at}>
          <code>
            <Outside>{rule}</Outside>
          </code>{' '}
          <Said kind="reason">{text}</Said>
        </li>
      ))}
    </ul>
  );
}
