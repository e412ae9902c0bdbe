import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useMay } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { alertsWords } from '../messages/alerts.ts';
import { Field } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { ActionFault } from './AlertActions.tsx';
import type { AlertPart } from './alert-wish.ts';
import { Remarks } from './Remarks.tsx';
import { useSubmissionKey } from './submission-key.ts';
import { useAlertAction } from './use-alert-action.ts';

/** What people said of it, and the place to say more. */
export function AlertComments({ alert, wish, onWish }: AlertPart): ReactNode {
  const words = useWords(alertsWords);
  const may = useMay('alerts');
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const key = useSubmissionKey();
  const action = useAlertAction(alert);
  useEffect(() => {
    if (wish !== 'comment') return;
    field.current?.focus();
    field.current?.scrollIntoView({ block: 'nearest' });
    onWish(null);
  }, [wish, onWish]);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() === '') return;
    const said = { params: { id: alert.id }, body: { text } };
    action.run(
      () => api.commentAlert(said, { idempotencyKey: key.of(said) }),
      () => {
        key.answered();
        setText('');
        return words.done.commented;
      },
    );
  };
  return (
    <section className="scr-comments">
      <h3>
        {words.comments} {alert.comments.length === 0 ? null : <span className="count">{alert.comments.length}</span>}
      </h3>
      {alert.comments.length === 0 ? <p className="muted">{words.noComments}</p> : null}
      <Remarks said={alert.comments} />
      {may ? (
        <form className="no-print" onSubmit={send} aria-label={words.comment}>
          <Field label={words.comment} hint={words.commentHint}>
            {(id, describedBy) => (
              <textarea
                id={id}
                ref={field}
                aria-describedby={describedBy}
                value={text}
                maxLength={4000}
                onChange={(event) => setText(event.target.value)}
                onKeyDown={(event) => {
                  if (event.key === 'Escape') event.currentTarget.blur();
                }}
              />
            )}
          </Field>
          <button type="submit" disabled={action.isPending || text.trim() === ''}>
            {words.send}
          </button>
          <ActionFault action={action} />
        </form>
      ) : null}
    </section>
  );
}
