import { type FormEvent, type ReactNode, useState } from 'react';
import { useWords } from '../app/settings.tsx';
import { alertsWords } from '../messages/alerts.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/text.tsx';

/** Asks for a reason, and for what stands in `children` before it. */
export function ReasonDialog(props: {
  readonly title: string;
  readonly submit: string;
  readonly isPending: boolean;
  readonly fault: ReactNode;
  readonly maxLength?: number;
  readonly children?: ReactNode;
  readonly onClose: () => void;
  readonly onSubmit: (reason: string) => void;
}): ReactNode {
  const words = useWords(alertsWords);
  const [reason, setReason] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (reason.trim() !== '') props.onSubmit(reason);
  };
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <form onSubmit={submit}>
        {props.children}
        <Field label={words.reason}>
          {(id) => (
            <textarea
              id={id}
              value={reason}
              required
              maxLength={props.maxLength ?? 4000}
              onChange={(event) => setReason(event.target.value)}
            />
          )}
        </Field>
        {props.fault}
        <div className="row-of">
          <button type="submit" className="primary" disabled={props.isPending || reason.trim() === ''}>
            {props.submit.replace(' …', '')}
          </button>
          <button type="button" onClick={props.onClose}>
            {words.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
