import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { useMay } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { paths } from '../format/paths.ts';
import { alertsWords } from '../messages/alerts.ts';
import { useSaid } from '../parts/said.tsx';
import { Answer, Fault } from '../parts/state.tsx';
import { Address, Chip, DecisionChip, Field, Outside, Time } from '../parts/text.tsx';
import { api, codeOf } from '../server/api.ts';
import { StateChip } from './alert-columns.tsx';
import { ReasonDialog } from './ReasonDialog.tsx';
import { Remarks } from './Remarks.tsx';
import { useSubmissionKey } from './submission-key.ts';
import { Written } from './Written.tsx';
import '../styles/screening.css';
import '../styles/desk.css';

type AnyCase = Awaited<ReturnType<typeof api.getCase>>;
type DeskCase = Extract<AnyCase, { kind: 'desk' }>;

export default function DeskCasePage({ id }: { readonly id: string }): ReactNode {
  const words = useWords(alertsWords);
  const found = useQuery({
    queryKey: ['desk-cases', id],
    queryFn: ({ signal }) => api.getCase({ params: { id } }, { signal }),
    refetchInterval: 15_000,
  });
  return (
    <Answer query={found}>
      {(data) =>
        data.kind === 'desk' ? (
          <CaseView file={data} />
        ) : (
          <p>
            {words.notDesk} <Link href={paths.case(data.id)}>{words.showCase}</Link>
          </p>
        )
      }
    </Answer>
  );
}

function useCaseChange(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (act: () => Promise<DeskCase>) => act(),
    onSuccess: (now) => {
      client.setQueryData(['desk-cases', id], now);
      void client.invalidateQueries({ queryKey: ['desk-cases'] });
    },
    onError: (error) => {
      if (codeOf(error) === 'E_STATE') void client.invalidateQueries({ queryKey: ['desk-cases', id] });
    },
  });
}

function CaseView({ file }: { readonly file: DeskCase }): ReactNode {
  const words = useWords(alertsWords);
  const may = useMay('alerts');
  return (
    <>
      <header className="row-of scr-case-head">
        <h1>
          <Outside>{file.title}</Outside>
        </h1>
        <Chip tone={file.state === 'open' ? 'info' : 'plain'}>{words.caseStates[file.state]}</Chip>
      </header>
      <p className="muted">
        {words.case} <code>{file.id}</code> · {words.opened} <Time time={file.opened.at} /> ·{' '}
        <Outside>{file.opened.by}</Outside>
      </p>
      {file.closed === null ? null : (
        <div className="scr-notice">
          {words.closedCase} <Time time={file.closed.at} /> · <Outside>{file.closed.by}</Outside>
          <span className="scr-written">
            <Written text={file.closed.reason} />
          </span>
        </div>
      )}
      {may ? <EndOrReopen file={file} /> : <p className="muted">{words.noScope}</p>}
      <AlertsOfCase file={file} />
      <Notes file={file} />
    </>
  );
}

function EndOrReopen({ file }: { readonly file: DeskCase }): ReactNode {
  const words = useWords(alertsWords);
  const [isAsking, setAsking] = useState(false);
  const change = useCaseChange(file.id);
  const { id, version } = file;
  const isOpen = file.state === 'open';
  const submit = (reason: string): void => {
    const asked = { params: { id }, body: { reason, version } };
    change.mutate(() => (isOpen ? api.closeCase(asked) : api.reopenCase(asked)), { onSuccess: () => setAsking(false) });
  };
  return (
    <p className="no-print">
      <button type="button" onClick={() => setAsking(true)}>
        {isOpen ? words.closeCase : words.reopenCase}
      </button>
      {isAsking ? (
        <ReasonDialog
          title={isOpen ? words.closeCase.replace(' …', '') : words.reopenCase.replace(' …', '')}
          submit={isOpen ? words.closeCase : words.reopenCase}
          maxLength={8000}
          isPending={change.isPending}
          fault={change.error === null ? null : <Fault error={change.error} />}
          onClose={() => setAsking(false)}
          onSubmit={submit}
        />
      ) : null}
    </p>
  );
}

function AlertsOfCase({ file }: { readonly file: DeskCase }): ReactNode {
  const words = useWords(alertsWords);
  const may = useMay('alerts') && file.state === 'open';
  const [added, setAdded] = useState('');
  const change = useCaseChange(file.id);
  const { id, version } = file;
  const add = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = added.split(/[\s,]+/).filter((each) => each !== '');
    if (wanted.length === 0) return;
    change.mutate(() => api.changeCaseAlerts({ params: { id }, body: { add: wanted, version } }), {
      onSuccess: () => setAdded(''),
    });
  };
  return (
    <section className="panel" aria-label={words.alertsOfCase}>
      <h2>
        {words.alertsOfCase} <span className="count">{file.alerts.length}</span>
      </h2>
      {file.alerts.length === 0 ? <p className="muted">{words.noAlerts}</p> : null}
      <ul className="scr-choices">
        {file.alerts.map((alert) => (
          <li key={alert} className="row-of spread">
            <AlertLine id={alert} />
            {may ? (
              <button
                type="button"
                className="no-print"
                disabled={change.isPending}
                onClick={() =>
                  change.mutate(() => api.changeCaseAlerts({ params: { id }, body: { remove: [alert], version } }))
                }
              >
                {words.remove} <span className="unseen">{alert}</span>
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      {may ? (
        <form className="row-of ends no-print" onSubmit={add}>
          <Field label={words.addAlert}>
            {(field) => (
              <input
                id={field}
                value={added}
                placeholder="al-…"
                autoComplete="off"
                onChange={(event) => setAdded(event.target.value)}
              />
            )}
          </Field>
          <button type="submit" disabled={change.isPending || added.trim() === ''}>
            {words.add}
          </button>
        </form>
      ) : null}
      {change.error === null ? null : <Fault error={change.error} />}
    </section>
  );
}

function AlertLine({ id }: { readonly id: string }): ReactNode {
  const alert = useQuery({
    queryKey: ['alert', id],
    queryFn: ({ signal }) => api.getAlert({ params: { id } }, { signal }),
    staleTime: 30_000,
  });
  const { data } = alert;
  const said = useSaid('rule');
  return (
    <span className="row-of">
      <Link href={paths.alert(id)}>{id}</Link>
      {data === undefined ? null : (
        <>
          <DecisionChip decision={data.decision} /> <StateChip state={data.state} />
          {data.address === null ? null : <Address chain={data.chain} address={data.address} />}
          <span className="muted">
            <Outside>{data.titles.map(said).join(' · ')}</Outside>
          </span>
        </>
      )}
    </span>
  );
}

function Notes({ file }: { readonly file: DeskCase }): ReactNode {
  const words = useWords(alertsWords);
  const may = useMay('alerts');
  const [text, setText] = useState('');
  const key = useSubmissionKey();
  const change = useCaseChange(file.id);
  const add = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() === '' || change.isPending) return;
    const said = { params: { id: file.id }, body: { text } };
    change.mutate(() => api.noteCase(said, { idempotencyKey: key.of(said) }), {
      onSuccess: () => {
        key.answered();
        setText('');
      },
    });
  };
  return (
    <section className="panel" aria-label={words.notes}>
      <h2>
        {words.notes} {file.notes.length === 0 ? null : <span className="count">{file.notes.length}</span>}
      </h2>
      {file.notes.length === 0 ? <p className="muted">{words.noNotes}</p> : null}
      <Remarks said={file.notes} />
      {may ? (
        <form className="no-print" onSubmit={add}>
          <Field label={words.note} hint={words.commentHint}>
            {(id, describedBy) => (
              <textarea
                id={id}
                aria-describedby={describedBy}
                value={text}
                maxLength={8000}
                onChange={(event) => setText(event.target.value)}
              />
            )}
          </Field>
          <button type="submit" disabled={change.isPending || text.trim() === ''}>
            {words.addNote}
          </button>
        </form>
      ) : null}
      {change.error === null ? null : <Fault error={change.error} />}
    </section>
  );
}
