import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { CATEGORIES, type Category } from '../../../src/model/label.ts';
import { useWords } from '../app/settings.tsx';
import { CHAIN_CHOICES } from '../format/chain.ts';
import { searchWords } from '../messages/search.ts';
import { freshId } from '../parts/browser.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Fault } from '../parts/state.tsx';
import { Field } from '../parts/text.tsx';
import { useToast } from '../parts/toast.tsx';
import { api } from '../server/api.ts';

interface Draft {
  readonly chain: string;
  readonly address: string;
  readonly category: Category;
  readonly label: string;
  readonly actor: string;
  readonly note: string;
  /** Days, UTC; empty: not bounded. */
  readonly from: string;
  readonly until: string;
}

/** An own label. `chain` and `address` are asked for where they are left out. */
export function AddLabel({
  chain = null,
  address = null,
  onClose,
}: {
  readonly chain?: string | null;
  readonly address?: string | null;
  readonly onClose: () => void;
}): ReactNode {
  const words = useWords(searchWords);
  const client = useQueryClient();
  const toast = useToast();
  const [draft, setDraft] = useState<Draft>({
    chain: chain ?? 'eip155:1',
    address: address ?? '',
    category: 'stolen',
    label: '',
    actor: '',
    note: '',
    from: '',
    until: '',
  });
  const put = (part: Partial<Draft>): void => setDraft((now) => ({ ...now, ...part }));
  const add = useMutation({
    mutationFn: () => api.addLabel({ body: bodyOf(draft) }, { idempotencyKey: freshId() }),
    onSuccess: async () => {
      toast(words.labelAdded);
      onClose();
      await Promise.all(KEYS_TOUCHED.map((key) => client.invalidateQueries({ queryKey: [key] })));
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Dialog title={words.addLabel} onClose={onClose}>
      <form onSubmit={submit} className="stacked">
        <p className="muted">{words.addLabelWhy}</p>
        {address === null ? <Place draft={draft} put={put} /> : null}
        <Details draft={draft} put={put} />
        {add.error === null ? null : <Fault error={add.error} />}
        <div className="row-of">
          <button type="submit" className="primary" disabled={add.isPending}>
            {words.addLabel}
          </button>
          <button type="button" onClick={onClose}>
            {words.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const KEYS_TOUCHED = ['address', 'own-labels', 'entities', 'named-entity', 'entity', 'search', 'labels'] as const;

interface PartProps {
  readonly draft: Draft;
  readonly put: (part: Partial<Draft>) => void;
}

function Place({ draft, put }: PartProps): ReactNode {
  const words = useWords(searchWords);
  return (
    <>
      <Field label={words.chain}>
        {(id) => (
          <select id={id} value={draft.chain} onChange={(event) => put({ chain: event.target.value })}>
            {CHAIN_CHOICES.map(({ id: each, name }) => (
              <option key={each} value={each}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={words.address}>
        {(id) => (
          <input
            id={id}
            required
            maxLength={200}
            spellCheck={false}
            autoComplete="off"
            value={draft.address}
            onChange={(event) => put({ address: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}

function Details({ draft, put }: PartProps): ReactNode {
  const words = useWords(searchWords);
  const line = (name: 'label' | 'actor' | 'note', most: number, required: boolean) => (id: string, hint?: string) => (
    <input
      id={id}
      aria-describedby={hint}
      required={required}
      maxLength={most}
      value={draft[name]}
      onChange={(event) => put({ [name]: event.target.value })}
    />
  );
  const day = (name: 'from' | 'until') => (id: string, hint?: string) => (
    <input
      id={id}
      type="date"
      aria-describedby={hint}
      value={draft[name]}
      onChange={(event) => put({ [name]: event.target.value })}
    />
  );
  return (
    <>
      <Field label={words.category}>
        {(id) => (
          <select
            id={id}
            value={draft.category}
            onChange={(event) => put({ category: event.target.value as Category })}
          >
            {CATEGORIES.map((each) => (
              <option key={each} value={each}>
                {words.categories[each]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={words.label}>{line('label', 300, true)}</Field>
      <Field label={words.actorOptional}>{line('actor', 100, false)}</Field>
      <Field label={words.noteOptional} hint={words.noteHint}>
        {line('note', 500, false)}
      </Field>
      <div className="row-of days">
        <Field label={words.validFrom}>{day('from')}</Field>
        <Field label={words.validTo}>{day('until')}</Field>
      </div>
      <p className="muted">{words.daysHint}</p>
    </>
  );
}

function bodyOf({ chain, address, category, label, actor, note, from, until }: Draft) {
  return {
    chain,
    address: address.trim(),
    category,
    label: label.trim(),
    note: note.trim(),
    ...(actor.trim() === '' ? {} : { actor: actor.trim() }),
    ...(from === '' ? {} : { validFrom: `${from}T00:00:00Z` }),
    ...(until === '' ? {} : { validTo: `${until}T00:00:00Z` }),
  };
}
