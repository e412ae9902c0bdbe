import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type InputHTMLAttributes, type ReactNode, useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import { requireAmount } from '../../../src/base/money.ts';
import { visibleText } from '../../../src/base/visible-text.ts';
import { TLP_MARKINGS } from '../../../src/share/hold-state.ts';
import { useWords } from '../app/settings.tsx';
import { paths } from '../format/paths.ts';
import { holdsWords } from '../messages/holds.ts';
import { Dialog } from '../parts/dialog.tsx';
import { NoticeFrom } from '../parts/notice-from.tsx';
import { useOrganisation } from '../parts/organisation-form.tsx';
import { Fault } from '../parts/state.tsx';
import { Amount, Field } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import '../styles/holds.css';
import { useSubmissionKey } from './submission-key.ts';

export type Hold = Awaited<ReturnType<typeof api.getHold>>;
type HoldBody = Parameters<typeof api.createHold>[0]['body'];
/** What a notice is drawn up from: an alert, or a service that the loot of a traced case reached. */
export type HoldSource = Required<Pick<HoldBody, 'alert'>> | Required<Pick<HoldBody, 'case'>>;

export interface HoldDialogProps {
  /** A case names the address; from an alert it is asked for. */
  readonly source: HoldSource;
  /** What is proposed: the address, and the amount in base units, shown beside the field. */
  readonly what: {
    readonly address: string | null;
    readonly amount: string | null;
    readonly decimals: number | null;
    readonly symbol: string | null;
    /** null: the source names none, so that no amount of it can be said. */
    readonly asset: string | null;
  };
  /** What stands in the fields at first; the amount in whole units. */
  readonly filled?: Partial<Pick<Values, 'name' | 'amount' | 'statement' | 'legalBasis'>>;
  /** Above the fields: what it asks for. */
  readonly about?: ReactNode;
  /** What an empty amount means, where it is not the amount of the source. */
  readonly amountLeft?: string;
  readonly onClose: () => void;
  /** In place of saying here what was made. */
  readonly onDone?: (hold: Hold) => void;
}

interface Values {
  readonly name: string;
  readonly contact: string;
  readonly address: string;
  readonly amount: string;
  readonly statement: string;
  readonly legalBasis: string;
  /** A day, of UTC. */
  readonly expires: string;
  readonly tlp: (typeof TLP_MARKINGS)[number];
}

const DAYS = 30;

/** Draws up a hold notice: a draft until somebody sends it. */
export function HoldDialog(props: HoldDialogProps): ReactNode {
  const words = useWords(holdsWords);
  const [made, setMade] = useState<Hold | null>(null);
  const { onClose, onDone = setMade } = props;
  return (
    <Dialog title={made === null ? words.drawTitle : words.madeTitle} onClose={onClose} wide>
      {made === null ? <HoldForm {...props} onDone={onDone} /> : <HoldMade hold={made} onClose={onClose} />}
    </Dialog>
  );
}

function HoldMade({ hold, onClose }: { readonly hold: Hold; readonly onClose: () => void }): ReactNode {
  const words = useWords(holdsWords);
  const ref = useRef<HTMLDivElement>(null);
  // The form that had the focus is gone.
  useEffect(() => ref.current?.focus(), []);
  return (
    <div ref={ref} tabIndex={-1}>
      <p>
        <strong>{hold.id}</strong> {words.madeWhat}
      </p>
      <div className="row-of">
        <a
          className="button primary"
          href={`/v1/holds/${encodeURIComponent(hold.id)}/html`}
          target="_blank"
          rel="noreferrer noopener"
        >
          {words.madePrint}
        </a>
        <Link className="button" href={paths.hold(hold.id)}>
          {words.madeOpen}
        </Link>
        <button type="button" onClick={onClose}>
          {words.finish}
        </button>
      </div>
    </div>
  );
}

type HoldFormProps = HoldDialogProps & Required<Pick<HoldDialogProps, 'onDone'>>;

function HoldForm({ source, what, filled, about, amountLeft, onClose, onDone }: HoldFormProps): ReactNode {
  const words = useWords(holdsWords);
  const own = useOrganisation();
  const [values, setValues] = useState<Values>(() => ({
    name: '',
    contact: '',
    address: what.address ?? '',
    amount: '',
    statement: '',
    legalBasis: '',
    expires: new Date(Date.now() + DAYS * 86_400_000).toISOString().slice(0, 10),
    tlp: 'TLP:AMBER',
    ...filled,
  }));
  const draw = useDraw(source, what.decimals, values, onDone);
  const isNamed = own.data?.organisation !== null;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!draw.isPending && isNamed) draw.mutate();
  };
  return (
    <>
      <NoticeFrom />
      <form onSubmit={submit}>
        {about}
        <HoldFields
          values={values}
          onChange={(part) => setValues((now) => ({ ...now, ...part }))}
          what={what}
          withAddress={!('case' in source)}
          amountLeft={amountLeft ?? words.amountLeft}
          statementRows={filled?.statement === undefined ? 4 : 9}
        />
        {draw.error === null ? null : <Fault error={draw.error} />}
        <p className="muted">{isNamed ? `${words.nothingSent} ${words.never}` : words.nameFirst}</p>
        <div className="row-of">
          <button type="submit" className="primary" disabled={!isNamed} aria-disabled={draw.isPending}>
            {words.drawUp}
          </button>
          <button type="button" onClick={onClose}>
            {words.cancel}
          </button>
        </div>
      </form>
    </>
  );
}

function useDraw(source: HoldSource, decimals: number | null, values: Values, onDone: (hold: Hold) => void) {
  const client = useQueryClient();
  const key = useSubmissionKey();
  return useMutation({
    mutationFn: async () => {
      const body = { ...source, ...bodyOf(values, decimals) };
      return api.createHold({ body }, { idempotencyKey: key.of(body) });
    },
    onSuccess: (hold) => {
      key.answered();
      const id = 'case' in source ? source.case?.id : undefined;
      const about = id === undefined ? [] : [['case', id, 'services']];
      for (const queryKey of [['holds'], ['overview'], ...about]) void client.invalidateQueries({ queryKey });
      onDone(hold);
    },
    // Another may have been named meanwhile.
    onError: () => client.invalidateQueries({ queryKey: ['organisation'] }),
  });
}

function bodyOf(values: Values, decimals: number | null) {
  const amount = plainAmount(values.amount);
  return {
    to: { name: values.name.trim(), contact: values.contact.trim() },
    address: values.address.trim(),
    ...(amount === '' ? {} : { amount: requireAmount(amount, decimals ?? 0, 'amount').toString() }),
    statement: values.statement,
    legalBasis: values.legalBasis,
    // The whole day.
    expiresAt: `${values.expires}T23:59:59Z`,
    tlp: values.tlp,
  };
}

/** Without what groups thousands; any other comma is left, to be refused. */
function plainAmount(text: string): string {
  const plain = text.replaceAll(/\s/g, '');
  return /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain) ? plain.replaceAll(',', '') : plain;
}

type TextName = Exclude<keyof Values, 'tlp'>;

function HoldFields({
  values,
  onChange,
  what,
  withAddress,
  amountLeft,
  statementRows,
}: {
  readonly values: Values;
  readonly onChange: (part: Partial<Values>) => void;
  readonly what: HoldDialogProps['what'];
  readonly withAddress: boolean;
  readonly amountLeft: string;
  readonly statementRows: number;
}): ReactNode {
  const words = useWords(holdsWords);
  const line = (name: TextName, label: string, hint?: string, more: InputHTMLAttributes<HTMLInputElement> = {}) => (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {(id, describedBy) => (
        <input
          id={id}
          aria-describedby={describedBy}
          required
          maxLength={200}
          autoComplete="off"
          {...more}
          value={values[name]}
          onChange={(event) => onChange({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  const text = (name: 'statement' | 'legalBasis', label: string, rows: number, hint?: string): ReactNode => (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {(id, describedBy) => (
        <textarea
          id={id}
          aria-describedby={describedBy}
          value={values[name]}
          required
          rows={rows}
          maxLength={8000}
          onChange={(event) => onChange({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  const unit = what.decimals === null ? words.amountInBase : words.amountInWhole(visibleText(what.symbol ?? ''));
  const amountHint = what.asset === null ? words.noAsset : `${unit} ${amountLeft}`;
  return (
    <>
      <div className="hold-fields">
        {line('name', words.toName)}
        {line('contact', words.toContact, words.contactHint, { maxLength: 1000 })}
        {withAddress ? line('address', words.address) : null}
        <div>
          {line('amount', words.amount, amountHint, {
            required: false,
            disabled: what.asset === null,
            inputMode: 'decimal',
          })}
          {what.amount === null ? null : (
            <Amount
              units={what.amount}
              decimals={what.decimals}
              {...(what.symbol === null ? {} : { symbol: what.symbol })}
            />
          )}
        </div>
        {line('expires', words.expiresOn, words.expiresHint, { type: 'date' })}
        <Field label={words.tlp}>
          {(id) => (
            <select
              id={id}
              value={values.tlp}
              onChange={({ target }) =>
                onChange({ tlp: TLP_MARKINGS.find((each) => each === target.value) ?? 'TLP:AMBER' })
              }
            >
              {TLP_MARKINGS.map((tlp) => (
                <option key={tlp} value={tlp}>
                  {words.tlps[tlp]}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      {text('statement', words.statement, statementRows)}
      {text('legalBasis', words.legalBasis, 4, words.legalHint)}
    </>
  );
}
