import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { screeningWords } from '../messages/screening.ts';
import { Field } from '../parts/text.tsx';

export interface MoreValues {
  readonly asset: string;
  readonly customer: string;
  readonly segment: string;
  readonly asOf: string;
}

export const NO_MORE: MoreValues = { asset: '', customer: '', segment: '', asOf: '' };

/** What may be said besides the address. */
export function MoreFields({
  values,
  onChange,
  many,
}: {
  readonly values: MoreValues;
  readonly onChange: (values: MoreValues) => void;
  readonly many: boolean;
}): ReactNode {
  const words = useWords(screeningWords);
  const field = (name: keyof MoreValues, label: string, hint?: string): ReactNode => (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {(id, describedBy) => (
        <input
          id={id}
          aria-describedby={describedBy}
          value={values[name]}
          disabled={many}
          maxLength={200}
          autoComplete="off"
          onChange={(event) => onChange({ ...values, [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <details className="scr-more">
      <summary>{words.more}</summary>
      {many ? <p className="muted">{words.moreMany}</p> : null}
      <div className="scr-field-grid">
        {field('asset', words.asset, words.assetHint)}
        {field('customer', words.customer, words.customerHint)}
        {field('segment', words.segment)}
        {field('asOf', words.asOf, words.asOfHint)}
      </div>
    </details>
  );
}
