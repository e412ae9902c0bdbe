import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useWords } from '../app/settings.tsx';
import { alertsWords } from '../messages/alerts.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Answer, Fault } from '../parts/state.tsx';
import { Field, Outside, Time } from '../parts/text.tsx';
import { useToast } from '../parts/toast.tsx';
import { api } from '../server/api.ts';
import type { Alert } from './alert-filters.ts';
import { useSubmissionKey } from './submission-key.ts';

/** Opens a case of the desk with this alert, or adds it to one. */
export function AlertCaseDialog({
  alert,
  onClose,
}: {
  readonly alert: Alert;
  readonly onClose: () => void;
}): ReactNode {
  const words = useWords(alertsWords);
  const toast = useToast();
  const client = useQueryClient();
  const key = useSubmissionKey();
  const [title, setTitle] = useState('');
  const cases = useQuery({
    queryKey: ['desk-cases', 'open'],
    queryFn: ({ signal }) => api.listCases({ query: { kind: 'desk', state: 'open' } }, { signal }),
  });
  const put = useMutation({
    mutationFn: (to: { readonly id: string; readonly version: number } | null) => {
      if (to !== null)
        return api.changeCaseAlerts({ params: { id: to.id }, body: { add: [alert.id], version: to.version } });
      const body = { title, alerts: [alert.id] };
      return api.createCase({ body }, { idempotencyKey: key.of(body) });
    },
    onSuccess: ({ id }) => {
      key.answered();
      void client.invalidateQueries({ queryKey: ['desk-cases'] });
      toast(words.done.inCase(id));
      onClose();
    },
    onError: () => void client.invalidateQueries({ queryKey: ['desk-cases'] }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (title.trim() !== '' && !put.isPending) put.mutate(null);
  };
  return (
    <Dialog title={words.caseTitle} onClose={onClose}>
      <form onSubmit={submit}>
        <h3>{words.newCase}</h3>
        <Field label={words.caseName}>
          {(id) => (
            <input
              id={id}
              className="scr-wide-input"
              value={title}
              maxLength={200}
              required
              autoComplete="off"
              onChange={(event) => setTitle(event.target.value)}
            />
          )}
        </Field>
        <button type="submit" className="primary" disabled={put.isPending || title.trim() === ''}>
          {words.openCase}
        </button>
      </form>
      <h3 className="scr-after-form">{words.addTo}</h3>
      <Answer query={cases}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="muted">{words.noCases}</p>
          ) : (
            <ul className="scr-choices">
              {items.map((each) =>
                each.kind !== 'desk' ? null : (
                  <li key={each.id} className="row-of spread">
                    <span>
                      <strong>
                        <Outside>{each.title}</Outside>
                      </strong>{' '}
                      <span className="muted">
                        {each.id} · <Time time={each.opened.at} age />
                      </span>
                    </span>
                    <button
                      type="button"
                      disabled={put.isPending || each.alerts.includes(alert.id)}
                      onClick={() => put.mutate(each)}
                    >
                      {words.add} <span className="unseen">{each.id}</span>
                    </button>
                  </li>
                ),
              )}
            </ul>
          )
        }
      </Answer>
      {put.error === null ? null : <Fault error={put.error} />}
    </Dialog>
  );
}
