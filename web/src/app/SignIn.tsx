import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { shellWords } from '../messages/shell.ts';
import { Fault } from '../parts/state.tsx';
import { Field } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { useWords } from './settings.tsx';

/** With an API key; the one-time link signs in by itself. `over`: a session ended under an open page. */
export function SignIn({ over = false, onDone }: { readonly over?: boolean; readonly onDone: () => void }): ReactNode {
  const words = useWords(shellWords);
  const [key, setKey] = useState('');
  const dialog = useRef<HTMLDialogElement>(null);
  const enter = useMutation({ mutationFn: () => api.signIn({ body: { key: key.trim() } }), onSuccess: onDone });
  useEffect(() => {
    if (over) dialog.current?.showModal();
  }, [over]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    enter.mutate();
  };
  const form = (
    <form onSubmit={submit} className="sign-in">
      <h1>{over ? words.sessionEnded : words.signIn}</h1>
      <p>{words.signInHow}</p>
      <Field label={words.apiKey}>
        {(id) => (
          <input
            id={id}
            type="password"
            autoComplete="off"
            spellCheck={false}
            maxLength={200}
            required
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
        )}
      </Field>
      {enter.error === null ? null : <Fault error={enter.error} />}
      <button type="submit" className="primary" disabled={enter.isPending}>
        {words.signIn}
      </button>
    </form>
  );
  if (!over) return <main className="sign-in-page">{form}</main>;
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-label={words.sessionEnded}
      onCancel={(event) => event.preventDefault()}
    >
      {form}
    </dialog>
  );
}
