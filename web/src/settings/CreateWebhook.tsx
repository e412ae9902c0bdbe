import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { webhookRoutes } from '../../../src/api/routes/webhooks.ts';
import { useWords } from '../app/settings.tsx';
import { settingsWords } from '../messages/settings.ts';
import { Field } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import { Confirm } from './Confirm.tsx';

const WEBHOOK_EVENTS = webhookRoutes.createWebhook.body.shape.events.unwrap().element.options;
type WebhookEventType = (typeof WEBHOOK_EVENTS)[number];

export function CreateWebhook({
  onClose,
  onDone,
}: {
  readonly onClose: () => void;
  readonly onDone: (secret: string) => void;
}): ReactNode {
  const words = useWords(settingsWords);
  const client = useQueryClient();
  const [url, setUrl] = useState('');
  const [events, setEvents] = useState<readonly WebhookEventType[]>([]);
  const create = useMutation({
    mutationFn: () => api.createWebhook({ body: { url: url.trim(), events: [...events] } }),
    gcTime: 0,
    onSuccess: ({ secret }) => {
      onDone(secret);
      void client.invalidateQueries({ queryKey: ['webhooks'] });
    },
  });
  const toggle = (event: WebhookEventType): void =>
    setEvents((now) => (now.includes(event) ? now.filter((each) => each !== event) : [...now, event]));
  return (
    <Confirm
      title={words.createWebhook}
      text={words.webhooksWhat}
      action={words.createWebhook}
      doing={create}
      ready={url.trim() !== ''}
      onClose={onClose}
    >
      <Field label={words.url} hint={words.urlHint}>
        {(id, hint) => (
          <input
            id={id}
            type="url"
            aria-describedby={hint}
            required
            maxLength={2000}
            spellCheck={false}
            value={url}
            onChange={(event) => setUrl(event.target.value)}
          />
        )}
      </Field>
      <fieldset className="choices">
        <legend>
          {words.events} <span className="muted">({words.eventsHint})</span>
        </legend>
        {WEBHOOK_EVENTS.map((event) => (
          <label key={event}>
            <input type="checkbox" checked={events.includes(event)} onChange={() => toggle(event)} />{' '}
            <code>{event}</code>
          </label>
        ))}
      </fieldset>
    </Confirm>
  );
}
