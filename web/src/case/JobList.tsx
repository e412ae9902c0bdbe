import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Link } from 'wouter';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useMay, useWho } from '../app/SessionGate.tsx';
import { useSettings, useWords } from '../app/settings.tsx';
import { countText } from '../format/amount.ts';
import { paths } from '../format/paths.ts';
import { casesWords } from '../messages/cases.ts';
import { useSaid } from '../parts/said.tsx';
import { Answer, Fault, FaultText } from '../parts/state.tsx';
import { Chip, Outside, Time, type Tone } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import '../styles/case.css';
import '../styles/case-panes.css';
import type { Job } from './case-data.ts';

const POLL_MS = 500;
const SHOWN_LINES = 12;

/** Long work, newest first: how far each is, what came of it. */
export function JobList(): ReactNode {
  const words = useWords(casesWords);
  const jobs = useQuery({
    queryKey: ['jobs'],
    queryFn: ({ signal }) => api.listJobs({}, { signal }),
    refetchInterval: 5_000,
  });
  useEnded(jobs.data?.items);
  return (
    <section className="jobs" aria-label={words.jobs}>
      <Answer query={jobs}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="muted">{words.noJobs}</p>
          ) : (
            <ul className="job-list">
              {items.map((job) => (
                <li key={job.id} className="panel">
                  <JobCard job={job} />
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </section>
  );
}

export function isActive(job: Job): boolean {
  return job.state === 'running' || job.state === 'waiting';
}

const TONES: Readonly<Record<Job['state'], Tone>> = {
  waiting: 'plain',
  running: 'info',
  done: 'good',
  failed: 'bad',
  cancelled: 'warn',
  interrupted: 'warn',
};

/** When work has ended, whatever it may have changed is read anew. */
function useEnded(items: readonly Job[] | undefined): void {
  const client = useQueryClient();
  const known = useRef<string | null>(null);
  const ended = items
    ?.filter((job) => !isActive(job))
    .map(({ id }) => id)
    .join(' ');
  useEffect(() => {
    if (ended === undefined) return;
    if (known.current !== null && known.current !== ended)
      client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'jobs' && queryKey[0] !== 'job' });
    known.current = ended;
  }, [ended, client]);
}

/** Asked for each half second while it runs. */
function JobCard({ job: listed }: { readonly job: Job }): ReactNode {
  const words = useWords(casesWords);
  const client = useQueryClient();
  const job = useJob(listed);
  const active = isActive(job);
  const [seenActive] = useState(active);
  const was = useRef(active);
  useEffect(() => {
    if (was.current && !active) client.invalidateQueries({ queryKey: ['jobs'] });
    was.current = active;
  }, [active, client]);
  return (
    <>
      <div className="row-of spread">
        <h3>{job.title === '' ? words.kinds[job.kind] : <Outside>{job.title}</Outside>}</h3>
        <span className="row-of">
          <Chip tone={TONES[job.state]}>{words.states[job.state]}</Chip>
          {active ? <Cancel job={job} /> : null}
        </span>
      </div>
      <p className="muted">
        {words.kinds[job.kind]} · <Time time={job.startedAt} />
        {job.endedAt === null ? null : (
          <>
            {' – '}
            <Time time={job.endedAt} />
          </>
        )}{' '}
        · {visibleText(job.by)} · <code>{job.id}</code>
      </p>
      {active ? <Progress job={job} /> : null}
      {job.fault === null ? null : <FaultText fault={{ ...job.fault, message: job.fault.detail }} past={!seenActive} />}
      {job.case === null ? null : (
        <p>
          <Link className="button primary" href={paths.case(job.case)}>
            {words.openCase}
          </Link>{' '}
          <code>{visibleText(job.case)}</code>
        </p>
      )}
      <Lines job={job} />
    </>
  );
}

function useJob(listed: Job): Job {
  const query = useQuery({
    queryKey: ['job', listed.id],
    queryFn: ({ signal }) => api.getJob({ params: { id: listed.id } }, { signal }),
    enabled: isActive(listed),
    refetchInterval: ({ state }) => (state.data === undefined || isActive(state.data) ? POLL_MS : false),
  });
  return isActive(listed) ? (query.data ?? listed) : listed;
}

function Progress({ job }: { readonly job: Job }): ReactNode {
  const words = useWords(casesWords);
  const { language } = useSettings();
  const { progress } = job;
  const said = useSaid('stage');
  const what = progress === null ? words.states[job.state] : visibleText(said(progress.what));
  const known = progress !== null && progress.total !== null && progress.total > 0;
  const count =
    progress === null || progress.done === 0
      ? ''
      : known
        ? `${countText(progress.done, language)} / ${countText(progress.total ?? 0, language)}`
        : countText(progress.done, language);
  return (
    <div className="progress" role="status" aria-live="polite">
      {known ? (
        <progress value={progress.done} max={progress.total ?? 1} aria-label={what} />
      ) : (
        <progress aria-label={what} />
      )}
      <span>{what}</span> <span className="muted">{count}</span>
    </div>
  );
}

function Cancel({ job }: { readonly job: Job }): ReactNode {
  const words = useWords(casesWords);
  const client = useQueryClient();
  const may = useMay('cases');
  const who = useWho();
  const reason = useId();
  const theirs = who.person !== job.by && who.role !== 'admin';
  const cancel = useMutation({
    mutationFn: () => api.cancelJob({ params: { id: job.id } }),
    onSettled: () => {
      client.invalidateQueries({ queryKey: ['jobs'] });
      client.invalidateQueries({ queryKey: ['job', job.id] });
    },
  });
  if (!may) return null;
  return (
    <>
      {theirs ? (
        <span id={reason} className="muted">
          {words.onlyBy(visibleText(job.by))}
        </span>
      ) : null}
      <button
        type="button"
        disabled={theirs || cancel.isPending}
        aria-describedby={theirs ? reason : undefined}
        onClick={() => cancel.mutate()}
      >
        {words.cancel}
      </button>
      {cancel.error === null ? null : <Fault error={cancel.error} />}
    </>
  );
}

function Lines({ job }: { readonly job: Job }): ReactNode {
  const words = useWords(casesWords);
  if (job.lines.length === 0) return null;
  const text = (lines: readonly string[]): string => lines.map(visibleText).join('\n');
  return (
    <details open={isActive(job) && job.lines.length <= SHOWN_LINES}>
      <summary>{words.lines(job.lines.length)}</summary>
      <pre className="job-lines">{text(job.lines)}</pre>
    </details>
  );
}
