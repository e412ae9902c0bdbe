import type { ReactNode } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useSettings, useWords } from '../app/settings.tsx';
import { amountText, ratio, shareText } from '../format/amount.ts';
import { type Outcome, outcomeOf } from '../format/bucket-parts.ts';
import { caseWords } from '../messages/case.ts';
import { Amount } from '../parts/text.tsx';
import { useWorth } from '../server/prices.ts';
import type { CaseScene, TheftView } from './case-data.ts';

/** The methods, the rule of the chosen one, and where it says the stolen units are. */
export function MethodBar({
  theft,
  method,
  onMethod,
}: CaseScene & { readonly onMethod: (name: string) => void }): ReactNode {
  const words = useWords(caseWords);
  return (
    <section className="method-bar panel" aria-label={words.method}>
      <div className="row-of no-print" role="radiogroup" aria-label={words.method}>
        {theft.methods.map(({ name }) => (
          <label key={name} className="method-choice" title={words.rules[name]}>
            <input
              type="radio"
              name="case-method"
              value={name}
              checked={name === method.name}
              onChange={() => onMethod(name)}
            />
            <span>{words.methods[name] ?? name}</span>
          </label>
        ))}
      </div>
      <p className="rule" aria-live="polite">
        <strong>{words.methods[method.name] ?? method.name}</strong> {words.rules[method.name] ?? words.noRule}{' '}
        <span className="muted">{words.ruleVersion(method.version)}</span>
      </p>
      {method.buckets === null ? (
        <p>{words.poisonReach(method.places, method.touched)}</p>
      ) : (
        <BucketBar outcome={outcomeOf(method)} theft={theft} />
      )}
    </section>
  );
}

/** With what it was worth on the day of the theft. */
function PartAmount({ theft, units }: { readonly theft: TheftView; readonly units: string }): ReactNode {
  const worth = useWorth(theft.asset, theft.time, units, theft.decimals);
  return <Amount units={units} decimals={theft.decimals} symbol={theft.symbol} of={theft.stolen} usd={worth} />;
}

function BucketBar({ outcome, theft }: { readonly outcome: Outcome; readonly theft: TheftView }): ReactNode {
  const { stolen, decimals, symbol } = theft;
  const words = useWords(caseWords);
  const { language } = useSettings();
  const parts = outcome.parts.filter(({ units }) => units > 0n);
  return (
    <div className="buckets">
      <div className="bucket-bar" aria-hidden="true">
        {parts.map(({ name, units }) => (
          <span
            key={name}
            className={`bucket bucket-${name}`}
            style={{ flexGrow: Math.max(0.004, ratio(units, stolen)) }}
            title={`${words.buckets[name]}: ${amountText(units, decimals, language).exact} ${visibleText(symbol)} (${shareText(units, stolen)})`}
          />
        ))}
      </div>
      <ul className="bucket-list">
        {parts.map(({ name, units }) => (
          <li key={name} title={words.bucketsMean[name]}>
            <span className={`swatch bucket-${name}`} aria-hidden="true" />
            <span>{words.buckets[name]}</span> <PartAmount theft={theft} units={units.toString()} />
          </li>
        ))}
      </ul>
      {outcome.sum === BigInt(stolen) ? null : <p className="fault">{words.notConserved}</p>}
    </div>
  );
}
