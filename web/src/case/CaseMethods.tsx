import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { outcomeOf, PARTS } from '../format/bucket-parts.ts';
import { caseWords } from '../messages/case.ts';
import { Amount } from '../parts/text.tsx';
import type { CaseScene } from './case-data.ts';

/** Shown even where no method put anything there. */
const ALWAYS: readonly string[] = ['askable', 'held', 'heldEdge', 'otherStops', 'inFlight'];

/** What every method says of the whole, side by side, with the rule that each follows. */
export function CaseMethods({
  theft,
  method,
  onMethod,
}: CaseScene & { readonly onMethod: (name: string) => void }): ReactNode {
  const words = useWords(caseWords);
  const conserving = theft.methods.filter(({ buckets }) => buckets !== null);
  const poison = theft.methods.find(({ buckets }) => buckets === null);
  const rows = conserving.map((each) => ({ each, outcome: outcomeOf(each) }));
  const shown = PARTS.filter(
    (part) =>
      ALWAYS.includes(part) ||
      rows.some(({ outcome }) => outcome.parts.some(({ name, units }) => name === part && units > 0n)),
  );
  return (
    <section>
      <h2>{words.methodsTitle}</h2>
      <p className="muted">{words.methodsNote}</p>
      <div className="scroll">
        <table className="plain-table compare">
          <caption className="unseen">{words.methodsTitle}</caption>
          <thead>
            <tr>
              <th scope="col">{words.method}</th>
              {shown.map((part) => (
                <th key={part} scope="col" className="right" title={words.bucketsMean[part]}>
                  {words.buckets[part]}
                </th>
              ))}
              <th scope="col" className="right">
                {words.sum}
              </th>
              <th scope="col" className="right">
                {words.servicesReached}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ each, outcome }) => (
              <tr key={each.name} aria-current={each.name === method.name ? 'true' : undefined}>
                <th scope="row">
                  <button type="button" className="link" onClick={() => onMethod(each.name)}>
                    {each.name === method.name ? <span aria-hidden="true">▸ </span> : null}
                    {words.methods[each.name] ?? each.name}
                  </button>
                  <div className="under rule-of">{words.rules[each.name] ?? words.noRule}</div>
                </th>
                {shown.map((part) => {
                  const units = outcome.parts.find(({ name }) => name === part)!.units.toString();
                  return (
                    <td key={part} className="right stacked">
                      <Amount units={units} decimals={theft.decimals} of={theft.stolen} />
                    </td>
                  );
                })}
                <td className="right stacked">
                  <Amount units={outcome.sum.toString()} decimals={theft.decimals} symbol={theft.symbol} />
                </td>
                <td className="right">{each.services}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="muted">{words.conservedNote}</p>
      {poison === undefined ? null : (
        <div className="panel">
          <h3>{words.methods.poison}</h3>
          <p>{words.rules.poison}</p>
          <p>{words.poisonReach(poison.places, poison.touched)}</p>
          <button type="button" className="no-print" onClick={() => onMethod(poison.name)}>
            {words.showPoison}
          </button>
        </div>
      )}
    </section>
  );
}
