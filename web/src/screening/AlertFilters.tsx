import { type ReactNode, useId } from 'react';
import { CATEGORIES } from '../../../src/model/label.ts';
import { useWho } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { CHAIN_CHOICES } from '../format/chain.ts';
import { alertsWords } from '../messages/alerts.ts';
import { partsWords } from '../messages/parts.ts';
import { screeningWords } from '../messages/screening.ts';
import { DECISIONS, type FilterName, type Filters, KINDS, ORDERS, STATES } from './alert-filters.ts';
import { FilterText } from './FilterText.tsx';

/** What of the queue is shown; every choice stands in the address bar. */
export function AlertFilters({ filters }: { readonly filters: Filters }): ReactNode {
  const words = useWords(alertsWords);
  const parts = useWords(partsWords);
  const screening = useWords(screeningWords);
  const who = useWho();
  const named = (names: readonly string[], say: Readonly<Record<string, string>>) =>
    names.map((name) => [name, say[name] ?? name] as const);
  const { query } = filters;
  const select = (name: FilterName, label: string, options: readonly (readonly [string, string])[]): ReactNode => (
    <Select
      label={label}
      value={String(query[name] ?? '')}
      options={options}
      onChange={(value) => filters.set({ [name]: value })}
    />
  );
  const text = (name: FilterName, label: string, type: 'text' | 'date' = 'text'): ReactNode => (
    <FilterText
      key={`${name} ${String(query[name] ?? '')}`}
      label={label}
      type={type}
      maxLength={200}
      value={String(query[name] ?? '')}
      onChange={(value) => filters.set({ [name]: value })}
    />
  );
  return (
    <form className="scr-filters no-print" aria-label={words.filters} onSubmit={(event) => event.preventDefault()}>
      {select('state', words.state, named(STATES, words.states))}
      {select('decision', words.decision, named(DECISIONS, parts.decisions))}
      {select('kind', words.kind, named(KINDS, words.kinds))}
      {select('category', words.category, named(CATEGORIES, screening.categories))}
      {select(
        'chain',
        words.chain,
        CHAIN_CHOICES.map(({ id, name }) => [id, name] as const),
      )}
      {text('assignee', words.assignee)}
      {text('address', words.address)}
      {text('from', words.from, 'date')}
      {text('until', words.until, 'date')}
      <Select
        label={words.order}
        value={query.order ?? 'newest'}
        options={named(ORDERS, words.orders)}
        isWhole
        onChange={(value) => filters.set({ order: value === 'newest' ? '' : value })}
      />
      <button
        type="button"
        aria-pressed={query.assignee === who.person}
        onClick={() => filters.set({ assignee: query.assignee === who.person ? '' : who.person })}
      >
        {words.mine}
      </button>
      <button type="button" className="plain" disabled={filters.search === ''} onClick={filters.clear}>
        {words.clear}
      </button>
    </form>
  );
}

function Select({
  label,
  value,
  options,
  onChange,
  isWhole = false,
}: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [string, string])[];
  readonly onChange: (value: string) => void;
  /** There is no choice of all. */
  readonly isWhole?: boolean;
}): ReactNode {
  const words = useWords(alertsWords);
  const id = useId();
  return (
    <div className="scr-filter">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
        {isWhole ? null : <option value="">{words.anyOf}</option>}
        {options.map(([name, said]) => (
          <option key={name} value={name}>
            {said}
          </option>
        ))}
      </select>
    </div>
  );
}
