import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useWords } from '../app/settings.tsx';
import { settingsWords } from '../messages/settings.ts';
import { Fault } from '../parts/state.tsx';
import { Outside } from '../parts/text.tsx';
import { useToast } from '../parts/toast.tsx';
import { api } from '../server/api.ts';
import { Confirm } from './Confirm.tsx';
import type { Webhook } from './WebhooksTab.tsx';

export function WebhookActions({
  webhook: { id, url, active },
  open,
  onOpen,
  onSecret,
}: {
  readonly webhook: Webhook;
  readonly open: boolean;
  readonly onOpen: () => void;
  readonly onSecret: (secret: string) => void;
}): ReactNode {
  const words = useWords(settingsWords);
  const client = useQueryClient();
  const toast = useToast();
  const [removing, setRemoving] = useState(false);
  const params = { id };
  const anew = async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: ['webhooks'] });
    await client.invalidateQueries({ queryKey: ['deliveries', id] });
  };
  const set = useMutation({
    mutationFn: () => api.setWebhook({ params, body: { active: !active } }),
    onSuccess: anew,
  });
  const test = useMutation({
    mutationFn: () => api.testWebhook({ params }),
    onSuccess: ({ delivery }) => {
      toast(words.testSent(delivery));
      return anew();
    },
  });
  const rotate = useMutation({
    mutationFn: () => api.rotateWebhook({ params }),
    gcTime: 0,
    onSuccess: ({ secret }) => {
      onSecret(secret);
      return anew();
    },
  });
  const remove = useMutation({
    mutationFn: () => api.deleteWebhook({ params }),
    onSuccess: () => {
      toast(words.removed);
      setRemoving(false);
      return anew();
    },
  });
  const fault = set.error ?? test.error ?? rotate.error;
  return (
    <>
      <div className="row-of no-print">
        <button type="button" aria-expanded={open} onClick={onOpen}>
          {words.deliveries}
        </button>
        <button type="button" disabled={set.isPending} onClick={() => set.mutate()}>
          {active ? words.pause : words.resume}
        </button>
        <button type="button" disabled={test.isPending} onClick={() => test.mutate()}>
          {words.test}
        </button>
        <button type="button" disabled={rotate.isPending} onClick={() => rotate.mutate()}>
          {words.rotate}
        </button>
        <button type="button" onClick={() => setRemoving(true)}>
          {words.remove}
        </button>
      </div>
      {fault === null ? null : <Fault error={fault} />}
      {removing ? (
        <Confirm
          title={words.removeTitle}
          text={words.removeWhat}
          action={words.remove}
          doing={remove}
          onClose={() => setRemoving(false)}
        >
          <p>
            <code>
              <Outside>{url}</Outside>
            </code>
          </p>
        </Confirm>
      ) : null}
    </>
  );
}
