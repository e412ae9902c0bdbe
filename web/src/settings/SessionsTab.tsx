import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useWho } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { settingsWords } from '../messages/settings.ts';
import { Answer, Empty, Fault } from '../parts/state.tsx';
import { Chip, Outside, Time } from '../parts/text.tsx';
import { useToast } from '../parts/toast.tsx';
import { Sheet } from '../search/Sheet.tsx';
import { api } from '../server/api.ts';

type Session = Awaited<ReturnType<typeof api.listSessions>>['items'][number];

export function SessionsTab(): ReactNode {
  const words = useWords(settingsWords);
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: ({ signal }) => api.listSessions({}, { signal }) });
  return (
    <section className="panel">
      <h2>{words.tabs.sessions}</h2>
      <p className="muted">{words.sessionsWhat}</p>
      <Answer query={sessions}>
        {({ items }) => (items.length === 0 ? <Empty>{words.noSessions}</Empty> : <Sessions sessions={items} />)}
      </Answer>
    </section>
  );
}

function Sessions({ sessions }: { readonly sessions: readonly Session[] }): ReactNode {
  const words = useWords(settingsWords);
  const who = useWho();
  const client = useQueryClient();
  const toast = useToast();
  const end = useMutation({
    mutationFn: (id: string) => api.endSession({ params: { id } }),
    onSuccess: async () => {
      toast(words.sessionEnded);
      await client.invalidateQueries({ queryKey: ['sessions'] });
    },
  });
  const own = ({ id }: Session): boolean => who.id === `session:${id}` || who.id === id;
  return (
    <>
      {end.error === null ? null : <Fault error={end.error} />}
      <Sheet
        label={words.tabs.sessions}
        rows={sessions}
        keyOf={({ id }) => id}
        columns={[
          {
            name: 'person',
            title: words.person,
            cell: (session) => (
              <>
                <Outside>{session.person}</Outside> {own(session) ? <Chip tone="info">{words.thisSession}</Chip> : null}
              </>
            ),
          },
          { name: 'since', title: words.since, cell: ({ since }) => <Time time={since} /> },
          { name: 'until', title: words.endsBy, cell: ({ until }) => <Time time={until} /> },
          {
            name: 'key',
            title: words.madeFrom,
            cell: ({ key }) => (key === null ? words.oneTimeLink : <code>{key}</code>),
          },
          {
            name: 'end',
            title: <span className="unseen">{words.actions}</span>,
            right: true,
            cell: (session) => (
              <button
                type="button"
                disabled={end.isPending}
                aria-label={`${words.end}: ${session.id}`}
                onClick={() => end.mutate(session.id)}
              >
                {words.end}
              </button>
            ),
          },
        ]}
      />
    </>
  );
}
