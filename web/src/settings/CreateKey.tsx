import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { keyRoutes } from '../../../src/api/routes/keys.ts';
import { useWho, type Who } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { settingsWords } from '../messages/settings.ts';
import { Field } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { Confirm } from './Confirm.tsx';

type Role = Who['role'];
type Scope = Who['scopes'][number];

const ROLES = keyRoutes.createKey.body.shape.role.options;

interface Draft {
  readonly role: Role;
  readonly label: string;
  readonly person: string;
  /** A day, UTC; empty: never. */
  readonly expires: string;
  readonly rate: string;
  readonly scopes: readonly Scope[];
}

const FIRST: Draft = { role: 'analyst', label: '', person: '', expires: '', rate: '', scopes: [] };

/** Nobody gives more rights than are his own; which rights a role has is for the server to say. */
export function CreateKey({
  onClose,
  onDone,
}: {
  readonly onClose: () => void;
  readonly onDone: (secret: string) => void;
}): ReactNode {
  const words = useWords(settingsWords);
  const client = useQueryClient();
  const [draft, setDraft] = useState(FIRST);
  const put = (part: Partial<Draft>): void => setDraft((now) => ({ ...now, ...part }));
  const create = useMutation({
    mutationFn: () => api.createKey({ body: bodyOf(draft) }),
    gcTime: 0,
    onSuccess: ({ secret }) => {
      onDone(secret);
      void client.invalidateQueries({ queryKey: ['keys'] });
    },
  });
  return (
    <Confirm title={words.createKey} text={words.keysWhat} action={words.createKey} doing={create} onClose={onClose}>
      <RoleAndScopes draft={draft} put={put} />
      <Texts draft={draft} put={put} />
    </Confirm>
  );
}

interface PartProps {
  readonly draft: Draft;
  readonly put: (part: Partial<Draft>) => void;
}

function RoleAndScopes({ draft, put }: PartProps): ReactNode {
  const words = useWords(settingsWords);
  const who = useWho();
  const roles = ROLES.slice(0, ROLES.indexOf(who.role) + 1);
  const toggle = (scope: Scope): void =>
    put({
      scopes: draft.scopes.includes(scope) ? draft.scopes.filter((each) => each !== scope) : [...draft.scopes, scope],
    });
  return (
    <>
      <Field label={words.role}>
        {(id) => (
          <select
            id={id}
            value={draft.role}
            onChange={(event) => put({ role: event.target.value as Role, scopes: [] })}
          >
            {roles.map((role) => (
              <option key={role} value={role}>
                {words.roles[role]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <details className="field">
        <summary>
          {words.scopes}: {draft.scopes.length === 0 ? words.allOfRole : draft.scopes.length}
        </summary>
        <fieldset className="choices">
          <legend className="muted">{words.scopesHint}</legend>
          {who.scopes.map((scope) => (
            <label key={scope}>
              <input type="checkbox" checked={draft.scopes.includes(scope)} onChange={() => toggle(scope)} />{' '}
              {words.scopeNames[scope] ?? scope}
            </label>
          ))}
        </fieldset>
      </details>
    </>
  );
}

function Texts({ draft, put }: PartProps): ReactNode {
  const words = useWords(settingsWords);
  const input =
    (
      name: 'label' | 'person' | 'expires' | 'rate',
      type: string,
      more: { readonly min?: string; readonly step?: string } = {},
    ) =>
    (id: string, hint: string | undefined) => (
      <input
        id={id}
        type={type}
        aria-describedby={hint}
        maxLength={100}
        autoComplete="off"
        {...more}
        value={draft[name]}
        onChange={(event) => put({ [name]: event.target.value })}
      />
    );
  return (
    <>
      <Field label={words.purpose}>{input('label', 'text')}</Field>
      <Field label={words.person} hint={words.personHint}>
        {input('person', 'text')}
      </Field>
      <div className="row-of days">
        <Field label={words.expires} hint={words.expiresHint}>
          {input('expires', 'date')}
        </Field>
        <Field label={words.rate} hint={words.rateHint}>
          {input('rate', 'number', { min: '0.001', step: 'any' })}
        </Field>
      </div>
    </>
  );
}

function bodyOf({ role, label, person, expires, rate, scopes }: Draft) {
  return {
    role,
    ...(label.trim() === '' ? {} : { label: label.trim() }),
    ...(person.trim() === '' ? {} : { person: person.trim() }),
    ...(expires === '' ? {} : { expires: `${expires}T00:00:00Z` }),
    ...(rate === '' ? {} : { rate: Number(rate) }),
    ...(scopes.length === 0 ? {} : { scopes: [...scopes] }),
  };
}
