import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useWords } from '../app/settings.tsx';
import { settingsWords } from '../messages/settings.ts';
import { Answer, Empty } from '../parts/state.tsx';
import { Chip, Outside, Time } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { CreateWebhook } from './CreateWebhook.tsx';
import { Deliveries } from './Deliveries.tsx';
import { SecretOnce } from './SecretOnce.tsx';
import { WebhookActions } from './WebhookActions.tsx';

export type Webhook = Awaited<ReturnType<typeof api.listWebhooks>>['items'][number];

interface Told {
  readonly title: string;
  readonly secret: string;
  readonly note: string | null;
}

const ASKED_EACH_MS = 10_000;

export function WebhooksTab(): ReactNode {
  const words = useWords(settingsWords);
  const [adding, setAdding] = useState(false);
  const [told, setTold] = useState<Told | null>(null);
  const webhooks = useQuery({
    queryKey: ['webhooks'],
    queryFn: ({ signal }) => api.listWebhooks({}, { signal }),
    refetchInterval: ASKED_EACH_MS,
  });
  return (
    <section className="panel">
      <div className="row-of spread">
        <h2>{words.tabs.webhooks}</h2>
        <button type="button" className="primary no-print" onClick={() => setAdding(true)}>
          {words.createWebhook}
        </button>
      </div>
      <p className="muted">{words.webhooksWhat}</p>
      <Answer query={webhooks}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{words.noWebhooks}</Empty>
          ) : (
            items.map((webhook) => (
              <One
                key={webhook.id}
                webhook={webhook}
                onSecret={(secret) => setTold({ title: words.webhookRotated, secret, note: words.webhookGrace })}
              />
            ))
          )
        }
      </Answer>
      {adding ? (
        <CreateWebhook
          onClose={() => setAdding(false)}
          onDone={(secret) => {
            setAdding(false);
            setTold({ title: words.webhookCreated, secret, note: null });
          }}
        />
      ) : null}
      {told === null ? null : <SecretOnce {...told} onClose={() => setTold(null)} />}
    </section>
  );
}

function One({
  webhook,
  onSecret,
}: {
  readonly webhook: Webhook;
  readonly onSecret: (secret: string) => void;
}): ReactNode {
  const words = useWords(settingsWords);
  const [open, setOpen] = useState(false);
  const { id, url, events, active, failing, createdAt, createdBy, delivered, waiting, more } = webhook;
  return (
    <article className="webhook" aria-labelledby={`${id}-url`}>
      <h3 id={`${id}-url`}>
        <code>
          <Outside>{url}</Outside>
        </code>
      </h3>
      <p className="row-of">
        {active ? <Chip tone="good">{words.active}</Chip> : <Chip tone="warn">{words.paused}</Chip>}
        {failing ? <Chip tone="bad">{words.failing}</Chip> : null}
        <span>
          {words.delivered}: {delivered.toLocaleString()}
        </span>
        <span>
          {words.waiting}: {words.atLeast(waiting, more)}
        </span>
        <span className="muted">
          {id}, {words.created} <Time time={createdAt} /> ({words.by} <Outside>{createdBy}</Outside>)
        </span>
      </p>
      <p className="muted">
        {words.events}: {events.length === 0 ? words.usualEvents : events.join(', ')}
      </p>
      <WebhookActions webhook={webhook} open={open} onOpen={() => setOpen(!open)} onSecret={onSecret} />
      {open ? <Deliveries webhook={id} /> : null}
    </article>
  );
}
