import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type InputHTMLAttributes, type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { formatAmount, requireAmount } from '../../../src/base/money.ts';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useSettings, useWords } from '../app/settings.tsx';
import { amountText, shareText } from '../format/amount.ts';
import { paths } from '../format/paths.ts';
import { timeText } from '../format/time.ts';
import { caseWords } from '../messages/case.ts';
import { freshId } from '../parts/browser.ts';
import { Dialog } from '../parts/dialog.tsx';
import { NoOrganisation } from '../parts/no-organisation.tsx';
import { Fault } from '../parts/state.tsx';
import { Address, Field, Outside, SimulatedChip } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { type CaseScene, type CaseService, type Hold, TLP_MARKINGS } from './case-data.ts';

type HoldProps = CaseScene & { readonly service: CaseService; readonly onClose: () => void };

const DAYS = 30;

/** Draws up a hold notice for a service that the loot reached: every field is filled in from the case and can be changed. */
export function HoldDialog(props: HoldProps): ReactNode {
  const words = useWords(caseWords);
  const [made, setMade] = useState<Hold | null>(null);
  return (
    <Dialog title={made === null ? words.holdTitle : words.holdMade} onClose={props.onClose} wide>
      {made === null ? <HoldForm {...props} onMade={setMade} /> : <HoldMade hold={made} onClose={props.onClose} />}
    </Dialog>
  );
}

function HoldMade({ hold, onClose }: { readonly hold: Hold; readonly onClose: () => void }): ReactNode {
  const words = useWords(caseWords);
  return (
    <div role="status">
      <p>
        <strong>{hold.id}</strong> {words.holdMadeWhat}
      </p>
      <div className="row-of">
        <a
          className="button primary"
          href={`/v1/holds/${encodeURIComponent(hold.id)}/html`}
          target="_blank"
          rel="noreferrer noopener"
        >
          {words.holdPrint}
        </a>
        <Link className="button" href={paths.hold(hold.id)}>
          {words.holdOpen}
        </Link>
        <button type="button" onClick={onClose}>
          {words.done}
        </button>
      </div>
    </div>
  );
}

interface Draft {
  readonly name: string;
  readonly contact: string;
  readonly amount: string;
  readonly statement: string;
  readonly legalBasis: string;
  readonly expires: string;
  readonly tlp: string;
}

function HoldForm({ onMade, ...props }: HoldProps & { readonly onMade: (hold: Hold) => void }): ReactNode {
  const words = useWords(caseWords);
  const { view, service } = props;
  const method = methodFor(props);
  const first = useDraft(props, method);
  const [draft, setDraft] = useState<Draft>(first);
  const set = (part: Partial<Draft>): void => setDraft((now) => ({ ...now, ...part }));
  const draw = useDraw(props, method, draft, onMade);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    draw.mutate();
  };
  const text = (name: 'statement' | 'legalBasis', rows: number): ReactNode => (
    <Field label={words[name]}>
      {(id) => (
        <textarea
          id={id}
          required
          rows={rows}
          maxLength={8000}
          value={draft[name]}
          onChange={(event) => set({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <form onSubmit={submit} className="hold-form">
      <NoOrganisation />
      <p>
        {words.holdAbout} <Address chain={service.chain} address={service.address} name={service.name} />{' '}
        <Outside>{service.chain}</Outside> {view.simulated ? <SimulatedChip /> : null}
      </p>
      <HoldFields draft={draft} service={service} method={method} onChange={set} />
      {text('statement', 9)}
      {text('legalBasis', 4)}
      {draw.error === null ? null : <Fault error={draw.error} />}
      <div className="row-of">
        <button type="submit" className="primary" disabled={draw.isPending}>
          {words.drawHold}
        </button>
        <span className="muted">{words.holdNothingSent}</span>
      </div>
    </form>
  );
}

function useDraw({ view, theft, service }: HoldProps, method: string, draft: Draft, onMade: (hold: Hold) => void) {
  const words = useWords(caseWords);
  const client = useQueryClient();
  const [key] = useState(() => freshId());
  return useMutation({
    mutationFn: () => {
      const { chain, address, asset } = service;
      const amount = amountOf(draft.amount, service, words.amount);
      return api.createHold(
        {
          body: {
            case: { id: view.id, theft: theft.id, method, chain, address, asset },
            to: { name: draft.name.trim(), contact: draft.contact.trim() },
            address,
            ...(amount === null ? {} : { amount }),
            statement: draft.statement,
            legalBasis: draft.legalBasis,
            expiresAt: `${draft.expires}T23:59:59Z`,
            tlp: TLP_MARKINGS.find((each) => each === draft.tlp) ?? 'TLP:AMBER',
          },
        },
        // The same form sent twice is one notice; a form that was changed is another.
        { idempotencyKey: `${key}-${keyOf(draft)}` },
      );
    },
    onSuccess: (hold) => {
      onMade(hold);
      for (const queryKey of [['case', view.id, 'services'], ['holds'], ['overview']])
        client.invalidateQueries({ queryKey });
    },
  });
}

function HoldFields({
  draft,
  service,
  method,
  onChange,
}: {
  readonly draft: Draft;
  readonly service: CaseService;
  readonly method: string;
  readonly onChange: (part: Partial<Draft>) => void;
}): ReactNode {
  const words = useWords(caseWords);
  const symbol = visibleText(service.symbol);
  const unit = service.decimals === null ? words.baseUnitsOf(symbol) : symbol;
  const text = (
    name: 'name' | 'contact' | 'amount' | 'expires',
    label: string,
    more: { readonly hint?: string; readonly input: InputHTMLAttributes<HTMLInputElement> },
  ): ReactNode => (
    <Field label={label} {...(more.hint === undefined ? {} : { hint: more.hint })}>
      {(id, hint) => (
        <input
          id={id}
          aria-describedby={hint}
          {...more.input}
          value={draft[name]}
          onChange={(event) => onChange({ [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <div className="two">
      {text('name', words.provider, { input: { required: true, maxLength: 200 } })}
      {text('contact', words.contact, { hint: words.contactHint, input: { required: true, maxLength: 1000 } })}
      {text('amount', `${words.amount} (${unit})`, {
        hint: words.amountHint(words.methods[method] ?? method),
        input: { inputMode: 'decimal', maxLength: 100 },
      })}
      {text('expires', words.expires, { input: { type: 'date', required: true } })}
      <Field label={words.tlp}>
        {(id) => (
          <select id={id} value={draft.tlp} onChange={(event) => onChange({ tlp: event.target.value })}>
            {TLP_MARKINGS.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}

/** Poison has no amounts, so no notice can rest on it; nor on a method that did not reach the service. */
function methodFor({ theft, method, service }: HoldProps): string {
  const reached = (name: string): boolean => BigInt(service.units[name] ?? 0) > 0n;
  if (method.conserves && reached(method.name)) return method.name;
  return theft.methods.find(({ name, conserves }) => conserves && reached(name))?.name ?? method.name;
}

function useDraft(props: HoldProps, method: string): Draft {
  const words = useWords(caseWords);
  const { language } = useSettings();
  const { view, theft, service } = props;
  const units = service.units[method] ?? '0';
  const time = (iso: string): string => timeText(iso).utc;
  return {
    name: service.name ?? '',
    contact: '',
    amount: amountFor(props, method),
    statement: words.draftStatement({
      theft: visibleText(theft.title),
      stolen: `${amountText(theft.stolen, theft.decimals, language).exact} ${visibleText(theft.symbol)}`,
      stolenAt: time(theft.time),
      method: words.methods[method] ?? method,
      rule: words.rules[method] ?? '',
      reached: `${amountText(units, theft.decimals, language).exact} ${visibleText(theft.symbol)}`,
      share: shareText(units, theft.stolen),
      first: time(service.firstTime),
      last: time(service.lastTime),
      payments: service.transfers.length,
      address: visibleText(service.address),
      chain: service.chain,
      caseId: view.id,
      digest: view.digest,
      simulated: view.simulated,
    }),
    legalBasis: words.draftLegalBasis,
    expires: new Date(Date.now() + DAYS * 86_400_000).toISOString().slice(0, 10),
    tlp: 'TLP:AMBER',
  };
}

/** What reached the service by this method, as the field takes it; empty where the case says it in another asset only: then the server fills it in. */
function amountFor({ theft, service }: HoldProps, method: string): string {
  const leads = theft.methods.find(({ name, conserves }) => conserves && BigInt(service.units[name] ?? 0) > 0n)?.name;
  const units = service.asset === theft.asset ? service.units[method] : leads === method ? service.amount : undefined;
  if (units === undefined) return '';
  return service.decimals === null ? units : formatAmount(BigInt(units), service.decimals);
}

/** Base units. Throws E_AMOUNT. */
function amountOf(text: string, service: CaseService, field: string): string | null {
  const plain = text.replaceAll(/[\s,]/g, '');
  return plain === '' ? null : requireAmount(plain, service.decimals ?? 0, field).toString();
}

/** Of what is in the form, short; told apart only from other states of this one form. */
function keyOf(draft: Draft): string {
  let sum = 0;
  for (const letter of JSON.stringify(draft)) sum = (Math.imul(sum, 31) + letter.codePointAt(0)!) | 0;
  return (sum >>> 0).toString(36);
}
