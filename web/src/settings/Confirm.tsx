import type { UseMutationResult } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { settingsWords } from '../messages/settings.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Fault } from '../parts/state.tsx';

/** Asks before something that cannot simply be undone; what else must be filled in are its children. */
export function Confirm({
  title,
  text,
  action,
  doing,
  ready = true,
  onClose,
  children,
}: {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly doing: Pick<UseMutationResult<unknown, unknown, void>, 'mutate' | 'isPending' | 'error'>;
  readonly ready?: boolean;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}): ReactNode {
  const words = useWords(settingsWords);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (ready) doing.mutate();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit} className="stacked">
        {text === '' ? null : <p>{text}</p>}
        {children}
        {doing.error === null ? null : <Fault error={doing.error} />}
        <div className="row-of">
          <button type="submit" className="primary" disabled={!ready || doing.isPending}>
            {action}
          </button>
          <button type="button" onClick={onClose}>
            {words.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
