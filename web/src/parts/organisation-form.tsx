import { type UseQueryResult, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useRef, useState } from 'react';
import { useWords } from '../app/settings.tsx';
import { holdsWords } from '../messages/holds.ts';
import { api, codeOf } from '../server/api.ts';
import '../styles/holds.css';
import { Fault } from './state.tsx';
import { Field } from './text.tsx';

export type Organisation = Awaited<ReturnType<typeof api.getOrganisation>>;

const KEY = ['organisation'];
const ASKED_AGAIN_MS = 5_000;

/** Who draws up hold notices. While nobody is named it is asked again, so that a page goes on once somebody is. */
export function useOrganisation(): UseQueryResult<Organisation> {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => api.getOrganisation({}, { signal }),
    refetchInterval: ({ state }) => (state.data?.organisation === null ? ASKED_AGAIN_MS : false),
  });
}

/** Names who draws up hold notices: for who may make keys, and where the command line names nobody. */
export function OrganisationForm({
  own,
  onDone,
}: {
  readonly own: Organisation;
  readonly onDone: () => void;
}): ReactNode {
  const words = useWords(holdsWords);
  const client = useQueryClient();
  const seen = useRef(own.version);
  const [name, setName] = useState(own.organisation?.name ?? '');
  const [contact, setContact] = useState(own.organisation?.contact ?? '');
  const save = useMutation({
    mutationFn: () =>
      api.setOrganisation({ body: { name: name.trim(), contact: contact.trim(), version: seen.current } }),
    onSuccess: (now) => {
      seen.current = now.version;
      client.setQueryData(KEY, now);
      void client.invalidateQueries({ queryKey: ['overview'] });
      onDone();
    },
    onError: async (error) => {
      if (codeOf(error) !== 'E_STATE') return;
      // What another person set meanwhile is shown beside the form; saving again is then meant.
      await client.invalidateQueries({ queryKey: KEY });
      seen.current = client.getQueryData<Organisation>(KEY)?.version ?? seen.current;
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!save.isPending) save.mutate();
  };
  return (
    <form onSubmit={submit} className="organisation-form no-print">
      <Field label={words.ownName} hint={words.ownNameHint}>
        {(id, hint) => (
          <input
            id={id}
            aria-describedby={hint}
            required
            maxLength={200}
            autoComplete="organization"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label={words.ownContact} hint={words.ownContactHint}>
        {(id, hint) => (
          <textarea
            id={id}
            aria-describedby={hint}
            required
            rows={2}
            maxLength={1000}
            value={contact}
            onChange={(event) => setContact(event.target.value)}
          />
        )}
      </Field>
      {save.error === null ? null : (
        <div className="whole">
          <Fault error={save.error} />
        </div>
      )}
      <div className="row-of whole">
        <button
          type="submit"
          className="primary"
          disabled={name.trim() === '' || contact.trim() === ''}
          aria-disabled={save.isPending}
        >
          {words.ownSave}
        </button>
        <span className="muted">{words.ownLater}</span>
      </div>
    </form>
  );
}
