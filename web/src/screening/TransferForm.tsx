import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useWords } from '../app/settings.tsx';
import { CHAIN_CHOICES } from '../format/chain.ts';
import { screeningWords } from '../messages/screening.ts';
import { Field } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { ScreenedOnce } from './ScreenedOnce.tsx';
import { useSubmissionKey } from './submission-key.ts';

interface Values {
  readonly chain: string;
  readonly direction: 'deposit' | 'withdrawal';
  readonly asset: string;
  readonly amount: string;
  readonly address: string;
  readonly tx: string;
  readonly to: string;
  readonly customer: string;
  readonly segment: string;
  readonly at: string;
}

type TextName = Exclude<keyof Values, 'chain' | 'direction'>;

const EMPTY: Values = {
  chain: 'eip155:1',
  direction: 'deposit',
  asset: 'ETH',
  amount: '',
  address: '',
  tx: '',
  to: '',
  customer: '',
  segment: '',
  at: '',
};

/** A deposit that came or a withdrawal before it goes, answered at once. */
export function TransferForm(): ReactNode {
  const words = useWords(screeningWords);
  const [values, setValues] = useState(EMPTY);
  const [dry, setDry] = useState(false);
  const screen = useTransfer();
  const submit = (): void => {
    if (!screen.isPending) screen.mutate({ values, dry });
  };
  return (
    <>
      <form
        className="panel no-print"
        aria-label={words.tabs.transfer}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <p className="muted">{words.transferWhat}</p>
        <TransferFields values={values} onChange={setValues} />
        <label className="scr-check">
          <input type="checkbox" checked={dry} onChange={(event) => setDry(event.target.checked)} /> {words.dry}
        </label>
        <button type="submit" className="primary" disabled={screen.isPending}>
          {screen.isPending ? words.screening : words.screen}
        </button>
      </form>
      <ScreenedOnce screen={screen} onAgain={submit} />
    </>
  );
}

function TransferFields({
  values,
  onChange,
}: {
  readonly values: Values;
  readonly onChange: (values: Values) => void;
}): ReactNode {
  const words = useWords(screeningWords);
  const field = (name: TextName, label: string, hint?: string, required = false): ReactNode => (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {(id, describedBy) => (
        <input
          id={id}
          aria-describedby={describedBy}
          value={values[name]}
          required={required}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange({ ...values, [name]: event.target.value })}
        />
      )}
    </Field>
  );
  const isDeposit = values.direction === 'deposit';
  return (
    <div className="scr-field-grid">
      <Field label={words.direction}>
        {(id) => (
          <select
            id={id}
            value={values.direction}
            onChange={(event) => onChange({ ...values, direction: event.target.value as Values['direction'] })}
          >
            <option value="deposit">{words.directions.deposit}</option>
            <option value="withdrawal">{words.directions.withdrawal}</option>
          </select>
        )}
      </Field>
      <Field label={words.chain}>
        {(id) => (
          <select id={id} value={values.chain} onChange={(event) => onChange({ ...values, chain: event.target.value })}>
            {CHAIN_CHOICES.map(({ id: chain, name }) => (
              <option key={chain} value={chain}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      {field('asset', words.asset, words.assetHint, true)}
      {field('amount', words.amount, words.amountHint, !isDeposit)}
      {field('address', words.counterparty, words.counterpartyHint[values.direction], !isDeposit || values.tx === '')}
      {isDeposit ? field('tx', words.tx, words.txHint) : null}
      {isDeposit ? field('to', words.to, words.toHint) : null}
      {field('customer', words.customer, words.customerHint)}
      {field('segment', words.segment)}
      {field('at', words.at, words.atHint)}
    </div>
  );
}

function useTransfer() {
  const key = useSubmissionKey();
  return useMutation({
    mutationFn: async ({ values, dry }: { readonly values: Values; readonly dry: boolean }) => {
      const { chain, direction, asset, ...others } = values;
      const { tx, to, ...plain } = others;
      const said = direction === 'deposit' ? others : plain;
      const given = Object.fromEntries(
        Object.entries(said).flatMap(([name, value]) => (value.trim() === '' ? [] : [[name, value.trim()]])),
      );
      const body = { chain, direction, asset: asset.trim(), ...given };
      if (dry) return { verdict: await api.screenTransfer({ body, query: { dry: '1' } }), dry };
      return { verdict: await api.screenTransfer({ body }, { idempotencyKey: key.of(body) }), dry };
    },
    onSuccess: () => key.answered(),
  });
}
