import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useWords } from '../app/settings.tsx';
import { settingsWords } from '../messages/settings.ts';
import { Answer, Empty } from '../parts/state.tsx';
import { Chip, Field, Outside, Time, type Tone } from '../parts/text.tsx';
import { useToast } from '../parts/toast.tsx';
import { Sheet, type SheetColumn } from '../search/Sheet.tsx';
import { api } from '../server/api.ts';
import { Confirm } from './Confirm.tsx';
import { CreateKey } from './CreateKey.tsx';
import { SecretOnce } from './SecretOnce.tsx';

type Key = Awaited<ReturnType<typeof api.listKeys>>['items'][number];
/** What is open over the list. */
type Over =
  | { readonly kind: 'create' }
  | { readonly kind: 'rotate' | 'revoke'; readonly key: Key }
  | { readonly kind: 'secret'; readonly title: string; readonly secret: string };

const TONES: Readonly<Record<Key['state'], Tone>> = { live: 'good', expired: 'warn', revoked: 'plain' };
const DAY = 86_400;

export function KeysTab(): ReactNode {
  const words = useWords(settingsWords);
  const [over, setOver] = useState<Over | null>(null);
  const keys = useQuery({ queryKey: ['keys'], queryFn: ({ signal }) => api.listKeys({}, { signal }) });
  const close = (): void => setOver(null);
  return (
    <section className="panel">
      <div className="row-of spread">
        <h2>{words.tabs.keys}</h2>
        <button type="button" className="primary no-print" onClick={() => setOver({ kind: 'create' })}>
          {words.createKey}
        </button>
      </div>
      <p className="muted">{words.keysWhat}</p>
      <Answer query={keys}>
        {({ items }) => (items.length === 0 ? <Empty>{words.noKeys}</Empty> : <Keys keys={items} onOver={setOver} />)}
      </Answer>
      {over?.kind === 'create' ? (
        <CreateKey onClose={close} onDone={(secret) => setOver({ kind: 'secret', title: words.keyCreated, secret })} />
      ) : null}
      {over?.kind === 'rotate' ? (
        <Rotate
          rotated={over.key}
          onClose={close}
          onDone={(secret) => setOver({ kind: 'secret', title: words.keyRotated, secret })}
        />
      ) : null}
      {over?.kind === 'revoke' ? <Revoke revoked={over.key} onClose={close} /> : null}
      {over?.kind === 'secret' ? <SecretOnce title={over.title} secret={over.secret} onClose={close} /> : null}
    </section>
  );
}

function Keys({ keys, onOver }: { readonly keys: readonly Key[]; readonly onOver: (over: Over) => void }): ReactNode {
  const words = useWords(settingsWords);
  const columns: SheetColumn<Key>[] = [
    {
      name: 'key',
      title: words.key,
      cell: ({ id, label }) => (
        <>
          <code>{id}</code>
          {label === '' ? null : (
            <div>
              <Outside>{label}</Outside>
            </div>
          )}
        </>
      ),
    },
    { name: 'person', title: words.person, cell: ({ person }) => <Outside>{person}</Outside> },
    { name: 'role', title: words.role, cell: (key) => <Rights of={key} /> },
    { name: 'state', title: words.state, cell: (key) => <State of={key} /> },
    { name: 'created', title: words.created, cell: ({ created }) => <Time time={created} /> },
    {
      name: 'expires',
      title: words.expires,
      cell: ({ expires }) =>
        expires === null ? <span className="muted">{words.never}</span> : <Time time={expires} />,
    },
    {
      name: 'rate',
      title: words.rate,
      right: true,
      cell: ({ rate }) => (rate === null ? <span className="muted">{words.noBound}</span> : rate),
    },
    {
      name: 'actions',
      title: <span className="unseen">{words.actions}</span>,
      right: true,
      cell: (key) =>
        key.state === 'revoked' ? null : (
          <span className="chips">
            <button
              type="button"
              aria-label={`${words.rotate}: ${key.id}`}
              onClick={() => onOver({ kind: 'rotate', key })}
            >
              {words.rotate}
            </button>
            <button
              type="button"
              aria-label={`${words.revoke}: ${key.id}`}
              onClick={() => onOver({ kind: 'revoke', key })}
            >
              {words.revoke}
            </button>
          </span>
        ),
    },
  ];
  return <Sheet label={words.tabs.keys} rows={keys} keyOf={({ id }) => id} columns={columns} />;
}

function Rights({ of: { role, scopes } }: { readonly of: Key }): ReactNode {
  const words = useWords(settingsWords);
  return (
    <span title={scopes.map((scope) => words.scopeNames[scope] ?? scope).join(', ')}>
      {words.roles[role] ?? role} <span className="muted">({scopes.length})</span>
    </span>
  );
}

function State({ of: { state, revoked, oldUntil } }: { readonly of: Key }): ReactNode {
  const words = useWords(settingsWords);
  return (
    <>
      <Chip tone={TONES[state]}>{words.keyStates[state]}</Chip> {revoked === null ? null : <Time time={revoked} />}
      {oldUntil === null || state !== 'live' ? null : (
        <div className="muted">
          {words.oldUntil} <Time time={oldUntil} />
        </div>
      )}
    </>
  );
}

function Rotate({
  rotated,
  onClose,
  onDone,
}: {
  readonly rotated: Key;
  readonly onClose: () => void;
  readonly onDone: (secret: string) => void;
}): ReactNode {
  const words = useWords(settingsWords);
  const client = useQueryClient();
  const [graceSeconds, setGrace] = useState(DAY);
  const rotate = useMutation({
    mutationFn: () => api.rotateKey({ params: { id: rotated.id }, body: { graceSeconds } }),
    gcTime: 0,
    onSuccess: ({ secret }) => {
      onDone(secret);
      void client.invalidateQueries({ queryKey: ['keys'] });
    },
  });
  return (
    <Confirm title={words.rotateTitle} text="" action={words.rotate} doing={rotate} onClose={onClose}>
      <p>
        <code>{rotated.id}</code> <Outside>{rotated.label}</Outside>
      </p>
      <Field label={words.grace}>
        {(id) => (
          <select id={id} value={graceSeconds} onChange={(event) => setGrace(Number(event.target.value))}>
            {words.graces.map(([seconds, text]) => (
              <option key={seconds} value={seconds}>
                {text}
              </option>
            ))}
          </select>
        )}
      </Field>
    </Confirm>
  );
}

function Revoke({ revoked, onClose }: { readonly revoked: Key; readonly onClose: () => void }): ReactNode {
  const words = useWords(settingsWords);
  const client = useQueryClient();
  const toast = useToast();
  const revoke = useMutation({
    mutationFn: () => api.revokeKey({ params: { id: revoked.id } }),
    onSuccess: () => {
      toast(words.keyRevoked);
      onClose();
      void client.invalidateQueries({ queryKey: ['keys'] });
      void client.invalidateQueries({ queryKey: ['sessions'] });
    },
  });
  return (
    <Confirm title={words.revokeTitle} text={words.revokeWhat} action={words.revoke} doing={revoke} onClose={onClose}>
      <p>
        <code>{revoked.id}</code> <Outside>{revoked.label}</Outside>
      </p>
    </Confirm>
  );
}
