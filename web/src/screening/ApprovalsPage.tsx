import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { useMay, useWho } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { paths } from '../format/paths.ts';
import { alertsWords } from '../messages/alerts.ts';
import { rulesWords } from '../messages/rules.ts';
import { Empty, Fault, Loading } from '../parts/state.tsx';
import { Chip, Field, Outside, Time, type Tone } from '../parts/text.tsx';
import { useToast } from '../parts/toast.tsx';
import { api } from '../server/api.ts';
import { Facts } from './Facts.tsx';
import { Written } from './Written.tsx';
import '../styles/screening.css';
import '../styles/desk.css';

type Approval = Awaited<ReturnType<typeof api.getApproval>>;

export default function ApprovalsPage(): ReactNode {
  const words = useWords(rulesWords);
  const [isWaiting, setWaiting] = useState(true);
  const list = useInfiniteQuery({
    queryKey: ['approvals', isWaiting],
    queryFn: ({ pageParam, signal }) =>
      api.listApprovals(
        {
          query: {
            limit: 50,
            ...(isWaiting ? { pending: 'true' as const } : {}),
            ...(pageParam === null ? {} : { cursor: pageParam }),
          },
        },
        { signal },
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    refetchInterval: 10_000,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <h1>{words.approvals}</h1>
      <p className="muted">{words.approvalsLead}</p>
      <div className="scr-kinds no-print" role="group" aria-label={words.approvals}>
        <button type="button" aria-pressed={isWaiting} onClick={() => setWaiting(true)}>
          {words.waiting}
        </button>
        <button type="button" aria-pressed={!isWaiting} onClick={() => setWaiting(false)}>
          {words.past}
        </button>
      </div>
      {list.isLoading ? <Loading /> : null}
      {list.error === null ? null : <Fault error={list.error} />}
      {list.data !== undefined && items.length === 0 ? (
        <Empty>{isWaiting ? words.nothingWaits : words.noApprovals}</Empty>
      ) : null}
      {items.map((approval) => (
        <ApprovalView key={approval.id} approval={approval} />
      ))}
      {list.hasNextPage ? (
        <button type="button" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {words.more}
        </button>
      ) : null}
    </>
  );
}

/** What a decision can change. */
const CONCERNED = ['approvals', 'overview', 'alert', 'holds', 'rules'] as const;

const TONES: Readonly<Record<string, Tone>> = { pending: 'warn', approved: 'good', rejected: 'bad', expired: 'plain' };

function ApprovalView({ approval }: { readonly approval: Approval }): ReactNode {
  const words = useWords(rulesWords);
  const { decided } = approval;
  return (
    <article className="panel scr-approval" aria-label={approval.id}>
      <header className="row-of">
        <h2>{words.actions[approval.action] ?? approval.action}</h2>
        <Chip tone={TONES[approval.state] ?? 'plain'}>{words.approvalStates[approval.state]}</Chip>
        <code className="muted">{approval.id}</code>
      </header>
      <Facts
        rows={[
          [words.what, <Subject key="what" approval={approval} />],
          [
            words.proposed,
            <span key="proposed">
              <Outside>{approval.proposedPerson}</Outside> · <Time time={approval.proposed} />
            </span>,
          ],
          [words.lapses, approval.state === 'pending' ? <Time key="lapses" time={approval.expires} /> : null],
          [
            words.detail,
            Object.keys(approval.detail).length === 0 ? null : <Particulars key="detail" detail={approval.detail} />,
          ],
          [
            words.decided,
            decided === null ? null : (
              <span key="decided">
                <Outside>{approval.decidedPerson ?? '–'}</Outside> · <Time time={decided} />
              </span>
            ),
          ],
          [words.note, approval.note === '' ? null : <Written key="note" text={approval.note} />],
        ]}
      />
      {approval.state === 'pending' ? <Decide approval={approval} /> : null}
    </article>
  );
}

function Subject({ approval }: { readonly approval: Approval }): ReactNode {
  const { action, subject } = approval;
  if (action === 'alert.release') return <Link href={paths.alert(subject)}>{subject}</Link>;
  if (action === 'hold.send') return <Link href={paths.hold(subject)}>{subject}</Link>;
  if (action === 'rules.activate')
    return (
      <Link href="/rules">
        <code className="scr-digest">{subject}</code>
      </Link>
    );
  return <Outside>{subject}</Outside>;
}

function Particulars({ detail }: { readonly detail: Approval['detail'] }): ReactNode {
  const alerts = useWords(alertsWords);
  return (
    <span>
      {Object.entries(detail).map(([name, value]) => (
        <span key={name} className="scr-line">
          <span className="muted">
            <Outside>{name}</Outside>
          </span>{' '}
          <Outside>{name === 'outcome' ? (alerts.outcomes[String(value)] ?? String(value)) : String(value)}</Outside>
        </span>
      ))}
    </span>
  );
}

function Decide({ approval }: { readonly approval: Approval }): ReactNode {
  const words = useWords(rulesWords);
  const who = useWho();
  const may = useMay('approve');
  const [note, setNote] = useState('');
  const toast = useToast();
  const client = useQueryClient();
  const isOwn = approval.proposedPerson === who.person;
  const decide = useMutation({
    mutationFn: (how: 'approve' | 'reject') =>
      api[how]({ params: { id: approval.id }, body: note.trim() === '' ? {} : { note: note.trim() } }),
    onSuccess: (now) => toast(now.state === 'approved' ? words.approved : words.rejected),
    onSettled: () => {
      for (const key of CONCERNED) void client.invalidateQueries({ queryKey: [key] });
    },
  });
  return (
    <div className="decide no-print">
      {isOwn ? <p className="scr-notice">{words.own}</p> : null}
      {!isOwn && !may ? <p className="muted">{words.noApprove}</p> : null}
      <Field label={words.note} hint={words.noteHint}>
        {(id, describedBy) => (
          <input
            id={id}
            aria-describedby={describedBy}
            className="scr-wide-input"
            value={note}
            maxLength={1000}
            autoComplete="off"
            onChange={(event) => setNote(event.target.value)}
          />
        )}
      </Field>
      <div className="row-of">
        <button
          type="button"
          className="primary"
          disabled={!may || decide.isPending}
          onClick={() => decide.mutate('approve')}
        >
          {words.approve}
        </button>
        <button type="button" disabled={(!may && !isOwn) || decide.isPending} onClick={() => decide.mutate('reject')}>
          {isOwn ? words.takeBack : words.reject}
        </button>
      </div>
      {decide.error === null ? null : <Fault error={decide.error} />}
    </div>
  );
}
