import { type FormEvent, type ReactNode, useCallback, useEffect, useState } from 'react';
import { useMay, useWho } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { alertsWords } from '../messages/alerts.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Fault } from '../parts/state.tsx';
import { Field, Outside } from '../parts/text.tsx';
import { useToast } from '../parts/toast.tsx';
import { api } from '../server/api.ts';
import { AlertCaseDialog } from './AlertCaseDialog.tsx';
import { type Alert, OUTCOMES, RELEASES } from './alert-filters.ts';
import type { AlertPart } from './alert-wish.ts';
import { HoldDialog } from './HoldDialog.tsx';
import { ReasonDialog } from './ReasonDialog.tsx';
import { type AlertAction, useAlertAction } from './use-alert-action.ts';
import { useAlertChanged } from './use-alerts.ts';

type Open = 'assign' | 'close' | 'reopen' | 'hold' | 'case' | null;

/** What can be done to an alert. */
export function AlertActions({ alert, wish, onWish }: AlertPart): ReactNode {
  const words = useWords(alertsWords);
  const who = useWho();
  const may = useMay('alerts');
  const mayHold = useMay('holds');
  const [open, setOpen] = useState<Open>(null);
  const action = useAlertAction(alert);
  const { id, version } = alert;
  const isClosed = alert.state === 'closed';
  const assignMe = (): void =>
    action.run(
      () => api.assignAlert({ params: { id }, body: { version } }),
      ({ assignee }) => words.done.assigned(assignee ?? ''),
    );
  useEffect(() => {
    if (wish === null || wish === 'comment') return;
    onWish(null);
    if (wish === 'hold' && mayHold) setOpen('hold');
    if (!may || isClosed) return;
    if (wish === 'assign-me' && alert.assignee !== who.person) assignMe();
    if (wish === 'close' && alert.pending === null) setOpen('close');
  });
  const done = useCallback(() => setOpen(null), []);
  if (!may && !mayHold) return <p className="muted">{words.noScope}</p>;
  return (
    <div className="scr-actions no-print" role="group" aria-label={words.actions}>
      <div className="row-of">
        <button
          type="button"
          className="primary"
          onClick={assignMe}
          disabled={!may || isClosed || alert.assignee === who.person || action.isPending}
        >
          {words.assignMe}
        </button>
        <button type="button" onClick={() => setOpen('assign')} disabled={!may || isClosed}>
          {words.assign}
        </button>
        {isClosed ? (
          <button type="button" onClick={() => setOpen('reopen')} disabled={!may}>
            {words.reopen}
          </button>
        ) : (
          <button type="button" onClick={() => setOpen('close')} disabled={!may || alert.pending !== null}>
            {words.close}
          </button>
        )}
        <button type="button" onClick={() => setOpen('hold')} disabled={!mayHold}>
          {words.hold}
        </button>
        <button type="button" onClick={() => setOpen('case')} disabled={!may}>
          {words.deskCase}
        </button>
      </div>
      <ActionFault action={action} />
      <Opened open={open} alert={alert} onClose={done} />
    </div>
  );
}

function Opened({
  open,
  alert,
  onClose,
}: {
  readonly open: Open;
  readonly alert: Alert;
  readonly onClose: () => void;
}): ReactNode {
  const words = useWords(alertsWords);
  const changed = useAlertChanged();
  const toast = useToast();
  const action = useAlertAction(alert);
  const { id, version } = alert;
  if (open === 'assign') return <AssignDialog alert={alert} onClose={onClose} />;
  if (open === 'close') return <CloseDialog alert={alert} onClose={onClose} />;
  if (open === 'case') return <AlertCaseDialog alert={alert} onClose={onClose} />;
  if (open === 'reopen')
    return (
      <ReasonDialog
        title={words.reopenTitle}
        submit={words.reopen}
        isPending={action.isPending}
        fault={<ActionFault action={action} />}
        onClose={onClose}
        onSubmit={(reason) =>
          action.run(
            () => api.reopenAlert({ params: { id }, body: { reason, version } }),
            () => {
              onClose();
              return words.done.reopened;
            },
          )
        }
      />
    );
  if (open !== 'hold') return null;
  return (
    <HoldDialog
      source={{ alert: id }}
      what={alert}
      onClose={onClose}
      onDone={(hold) => {
        onClose();
        toast(words.done.held(hold.id));
        void api.getAlert({ params: { id } }).then(changed);
      }}
    />
  );
}

/** Why it was not done: another person was faster, or the server's own words. */
export function ActionFault({ action }: { readonly action: AlertAction }): ReactNode {
  const words = useWords(alertsWords);
  if (action.faster !== null)
    return (
      <div className="fault" role="alert">
        <p>
          {words.changedMeanwhile} <code>E_STATE</code>
        </p>
        <ul>
          {action.faster.map((said) => (
            <li key={said}>
              <Outside>{said}</Outside>
            </li>
          ))}
        </ul>
      </div>
    );
  return action.error === null ? null : <Fault error={action.error} />;
}

function AssignDialog({ alert, onClose }: { readonly alert: Alert; readonly onClose: () => void }): ReactNode {
  const words = useWords(alertsWords);
  const [person, setPerson] = useState(alert.assignee ?? '');
  const action = useAlertAction(alert);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const assignee = person.trim() === '' ? null : person.trim();
    action.run(
      () => api.assignAlert({ params: { id: alert.id }, body: { assignee, version: alert.version } }),
      () => {
        onClose();
        return assignee === null ? words.done.unassigned : words.done.assigned(assignee);
      },
    );
  };
  return (
    <Dialog title={words.assignTitle} onClose={onClose}>
      <form onSubmit={submit}>
        <Field label={words.person} hint={words.personHint}>
          {(id, describedBy) => (
            <input
              id={id}
              aria-describedby={describedBy}
              value={person}
              maxLength={100}
              autoComplete="off"
              onChange={(event) => setPerson(event.target.value)}
            />
          )}
        </Field>
        <ActionFault action={action} />
        <div className="row-of">
          <button type="submit" className="primary" disabled={action.isPending}>
            {words.assign.replace(' …', '')}
          </button>
          <button type="button" onClick={onClose}>
            {words.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function CloseDialog({ alert, onClose }: { readonly alert: Alert; readonly onClose: () => void }): ReactNode {
  const words = useWords(alertsWords);
  const [outcome, setOutcome] = useState<(typeof OUTCOMES)[number]>('true-positive');
  const action = useAlertAction(alert);
  const { id, version } = alert;
  const isRelease = alert.decision === 'block' && RELEASES.includes(outcome);
  return (
    <ReasonDialog
      title={words.closeTitle}
      submit={words.close}
      isPending={action.isPending}
      fault={<ActionFault action={action} />}
      onClose={onClose}
      onSubmit={(reason) =>
        action.run(
          () => api.closeAlert({ params: { id }, body: { outcome, reason, version } }),
          (now) => {
            onClose();
            return now.pending === null ? words.done.closed : words.done.proposed;
          },
        )
      }
    >
      <Field label={words.outcome}>
        {(field) => (
          <select id={field} value={outcome} onChange={(event) => setOutcome(event.target.value as typeof outcome)}>
            {OUTCOMES.map((name) => (
              <option key={name} value={name}>
                {words.outcomes[name]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {isRelease ? <p className="scr-notice">{words.release}</p> : null}
    </ReasonDialog>
  );
}
