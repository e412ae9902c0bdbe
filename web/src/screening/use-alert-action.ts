import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useWords } from '../app/settings.tsx';
import { alertsWords } from '../messages/alerts.ts';
import { useToast } from '../parts/toast.tsx';
import { api, codeOf } from '../server/api.ts';
import type { Alert } from './alert-filters.ts';
import { useAlertChanged } from './use-alerts.ts';

export interface AlertAction {
  readonly isPending: boolean;
  readonly error: unknown;
  /** What another person did meanwhile, in words; null where nobody was faster. */
  readonly faster: readonly string[] | null;
  run(act: () => Promise<Alert>, done: (alert: Alert) => string): void;
  reset(): void;
}

/** Does something to an alert as it was seen; where another was faster, shows the alert as it is now and what they did. */
export function useAlertAction(alert: Alert): AlertAction {
  const words = useWords(alertsWords);
  const toast = useToast();
  const changed = useAlertChanged();
  const [faster, setFaster] = useState<readonly string[] | null>(null);
  const mutation = useMutation({
    mutationFn: ({ act }: { readonly act: () => Promise<Alert>; readonly done: (alert: Alert) => string }) => act(),
    onMutate: () => setFaster(null),
    onSuccess: (now, { done }) => {
      changed(now);
      toast(done(now));
    },
    onError: async (error) => {
      if (codeOf(error) !== 'E_STATE') return;
      const now = await api.getAlert({ params: { id: alert.id } });
      changed(now);
      if (now.version !== alert.version) setFaster(differences(alert, now, words));
    },
  });
  return {
    isPending: mutation.isPending,
    error: mutation.error,
    faster,
    run: (act, done) => {
      if (!mutation.isPending) mutation.mutate({ act, done });
    },
    reset: () => {
      setFaster(null);
      mutation.reset();
    },
  };
}

type Words = (typeof alertsWords)['en'];

/** What became of an alert between two readings, and by whom where it says so. */
function differences(before: Alert, now: Alert, { faster, outcomes }: Words): readonly string[] {
  const said: string[] = [];
  const added = now.comments.slice(before.comments.length);
  if (now.closed !== null && before.closed === null)
    said.push(faster.closed(now.closed.by, outcomes[now.closed.outcome] ?? now.closed.outcome));
  if (now.closed === null && before.closed !== null) said.push(faster.reopened(added[0]?.by ?? '?'));
  else for (const { by } of added) said.push(faster.commented(by));
  if (now.assignee !== before.assignee)
    said.push(now.assignee === null ? faster.unassigned : faster.assigned(now.assignee));
  for (const hold of now.holds.slice(before.holds.length)) said.push(faster.held(hold));
  if (now.pending !== null && before.pending === null) said.push(faster.proposed);
  return said.length === 0 ? [faster.other] : said;
}
