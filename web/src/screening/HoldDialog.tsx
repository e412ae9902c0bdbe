import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { requireAmount } from '../../../src/base/money.ts';
import { TLP_MARKINGS } from '../../../src/share/hold-state.ts';
import { useWords } from '../app/settings.tsx';
import { holdsWords } from '../messages/holds.ts';
import { Dialog } from '../parts/dialog.tsx';
import { NoOrganisation } from '../parts/no-organisation.tsx';
import { Fault } from '../parts/state.tsx';
import { Amount, Field } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { useSubmissionKey } from './submission-key.ts';

export type Hold = Awaited<ReturnType<typeof api.getHold>>;
type HoldBody = Parameters<typeof api.createHold>[0]['body'];
/** What a notice is drawn up from: an alert, or a service that the loot of a traced case reached. */
export type HoldSource = Required<Pick<HoldBody, 'alert'>> | Required<Pick<HoldBody, 'case'>>;

export interface HoldDialogProps {
  readonly source: HoldSource;
  /** What is proposed: the address, and the amount in base units. */
  readonly what: {
    readonly address: string | null;
    readonly amount: string | null;
    readonly decimals: number | null;
    readonly symbol: string | null;
    /** null: the source names none, so that no amount of it can be said. */
    readonly asset: string | null;
  };
  /** Name of the provider, where it is known. */
  readonly provider?: string;
  readonly onClose: () => void;
  readonly onDone: (hold: Hold) => void;
}

interface Values {
  readonly name: string;
  readonly contact: string;
  readonly address: string;
  readonly amount: string;
  readonly statement: string;
  readonly legalBasis: string;
  readonly expires: string;
  readonly tlp: (typeof TLP_MARKINGS)[number];
}

const DAYS = 30;

/** Draws up a hold notice: a draft until somebody sends it. */
export function HoldDialog({ source, what, provider = '', onClose, onDone }: HoldDialogProps): ReactNode {
  const words = useWords(holdsWords);
  const client = useQueryClient();
  const key = useSubmissionKey();
  const [values, setValues] = useState<Values>(() => ({
    name: provider,
    contact: '',
    address: what.address ?? '',
    amount: '',
    statement: '',
    legalBasis: '',
    expires: new Date(Date.now() + DAYS * 86_400_000).toISOString().slice(0, 10),
    tlp: 'TLP:AMBER',
  }));
  const draw = useMutation({
    mutationFn: async () => {
      const body = { ...source, ...bodyOf(values, what.decimals) };
      return api.createHold({ body }, { idempotencyKey: key.of(body) });
    },
    onSuccess: (hold) => {
      key.answered();
      void client.invalidateQueries({ queryKey: ['holds'] });
      onDone(hold);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!draw.isPending) draw.mutate();
  };
  return (
    <Dialog title={words.drawTitle} onClose={onClose} wide>
      <form onSubmit={submit}>
        <NoOrganisation />
        <p className="muted">{words.never}</p>
        <HoldFields values={values} onChange={setValues} what={what} />
        {draw.error === null ? null : <Fault error={draw.error} />}
        <div className="row-of">
          <button type="submit" className="primary" disabled={draw.isPending}>
            {words.drawUp}
          </button>
          <button type="button" onClick={onClose}>
            {words.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function bodyOf(values: Values, decimals: number | null) {
  const amount = values.amount.trim();
  return {
    to: { name: values.name.trim(), contact: values.contact.trim() },
    address: values.address.trim(),
    ...(amount === '' ? {} : { amount: requireAmount(amount, decimals ?? 0, 'amount').toString() }),
    statement: values.statement,
    legalBasis: values.legalBasis,
    expiresAt: values.expires,
    tlp: values.tlp,
  };
}

type TextName = Exclude<keyof Values, 'tlp'>;

function HoldFields({
  values,
  onChange,
  what,
}: {
  readonly values: Values;
  readonly onChange: (values: Values) => void;
  readonly what: HoldDialogProps['what'];
}): ReactNode {
  const words = useWords(holdsWords);
  const set = (name: keyof Values, value: string): void => onChange({ ...values, [name]: value });
  const line = (
    name: TextName,
    label: string,
    more: { hint?: string; required?: boolean; type?: string; disabled?: boolean } = {},
  ): ReactNode => (
    <Field label={label} {...(more.hint === undefined ? {} : { hint: more.hint })}>
      {(id, describedBy) => (
        <input
          id={id}
          aria-describedby={describedBy}
          type={more.type ?? 'text'}
          value={values[name]}
          required={more.required ?? true}
          disabled={more.disabled === true}
          maxLength={name === 'contact' ? 1000 : 200}
          autoComplete="off"
          onChange={(event) => set(name, event.target.value)}
        />
      )}
    </Field>
  );
  const text = (name: TextName, label: string, hint?: string): ReactNode => (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {(id, describedBy) => (
        <textarea
          id={id}
          aria-describedby={describedBy}
          value={values[name]}
          required
          maxLength={8000}
          onChange={(event) => set(name, event.target.value)}
        />
      )}
    </Field>
  );
  const inUnits = what.decimals === null ? words.amountBaseHint : words.amountHint(what.symbol ?? '');
  const amountHint = what.asset === null ? words.noAsset : inUnits;
  return (
    <>
      <div className="scr-field-grid">
        {line('name', words.toName)}
        {line('contact', words.toContact, { hint: words.contactHint })}
        {line('address', words.address)}
        <div>
          {line('amount', words.amount, { hint: amountHint, required: false, disabled: what.asset === null })}
          {what.amount === null ? null : (
            <Amount
              units={what.amount}
              decimals={what.decimals}
              {...(what.symbol === null ? {} : { symbol: what.symbol })}
            />
          )}
        </div>
        {line('expires', words.expires, { hint: words.expiresHint, type: 'date' })}
        <Field label={words.tlp}>
          {(id) => (
            <select id={id} value={values.tlp} onChange={(event) => set('tlp', event.target.value)}>
              {TLP_MARKINGS.map((tlp) => (
                <option key={tlp} value={tlp}>
                  {words.tlps[tlp]}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      {text('statement', words.statement)}
      {text('legalBasis', words.legalBasis, words.legalHint)}
    </>
  );
}
