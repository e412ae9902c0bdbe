import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useMay } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { settingsWords } from '../messages/settings.ts';
import { Fault } from '../parts/state.tsx';
import { Copied, Field } from '../parts/text.tsx';
import { useToast } from '../parts/toast.tsx';
import { api } from '../server/api.ts';
import { Confirm } from './Confirm.tsx';

/** The reference is never kept: not in the cache of answers, not in the address of the page. */
export function CustomersTab(): ReactNode {
  const words = useWords(settingsWords);
  const mayErase = useMay('erase');
  const [reference, setReference] = useState('');
  const [erasing, setErasing] = useState(false);
  const find = useMutation({ mutationFn: () => api.findCustomer({ body: { reference } }), gcTime: 0 });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    find.mutate();
  };
  return (
    <section className="panel">
      <h2>{words.tabs.customers}</h2>
      <p className="muted">{words.customersWhat}</p>
      <form onSubmit={submit}>
        <Field label={words.reference} hint={words.referenceHint}>
          {(id, hint) => (
            <input
              id={id}
              aria-describedby={hint}
              required
              maxLength={200}
              autoComplete="off"
              spellCheck={false}
              value={reference}
              onChange={(event) => {
                setReference(event.target.value);
                find.reset();
              }}
            />
          )}
        </Field>
        <div className="row-of">
          <button type="submit" className="primary" disabled={reference === '' || find.isPending}>
            {words.find}
          </button>
          {mayErase ? (
            <button type="button" disabled={reference === ''} onClick={() => setErasing(true)}>
              {words.erase}
            </button>
          ) : null}
        </div>
      </form>
      <div role="status" aria-live="polite" className="after">
        {find.data === undefined ? null : (
          <p>
            {words.pseudonym}:{' '}
            <Copied value={find.data.pseudonym} title={find.data.pseudonym}>
              <code>{find.data.pseudonym}</code>
            </Copied>
          </p>
        )}
      </div>
      {find.error === null ? null : <Fault error={find.error} />}
      {erasing ? <Erase reference={reference} onClose={() => setErasing(false)} onDone={() => find.reset()} /> : null}
    </section>
  );
}

function Erase({
  reference,
  onClose,
  onDone,
}: {
  readonly reference: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}): ReactNode {
  const words = useWords(settingsWords);
  const toast = useToast();
  const [again, setAgain] = useState('');
  const erase = useMutation({
    mutationFn: () => api.eraseCustomer({ body: { reference } }),
    gcTime: 0,
    onSuccess: ({ pseudonym }) => {
      toast(words.erased(pseudonym));
      onDone();
      onClose();
    },
  });
  return (
    <Confirm
      title={words.eraseTitle}
      text={words.eraseWhat}
      action={words.erase}
      doing={erase}
      ready={again === reference}
      onClose={onClose}
    >
      <Field label={words.eraseType}>
        {(id) => (
          <input
            id={id}
            autoComplete="off"
            spellCheck={false}
            maxLength={200}
            value={again}
            onChange={(event) => setAgain(event.target.value)}
          />
        )}
      </Field>
    </Confirm>
  );
}
