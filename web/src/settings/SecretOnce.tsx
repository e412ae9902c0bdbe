import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { partsWords } from '../messages/parts.ts';
import { settingsWords } from '../messages/settings.ts';
import { copyText } from '../parts/browser.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/text.tsx';
import { useToast } from '../parts/toast.tsx';

/** A secret that the server tells once. It is never said in a notice: those are read out. */
export function SecretOnce({
  title,
  secret,
  note = null,
  onClose,
}: {
  readonly title: string;
  readonly secret: string;
  readonly note?: string | null;
  readonly onClose: () => void;
}): ReactNode {
  const words = useWords(settingsWords);
  const parts = useWords(partsWords);
  const toast = useToast();
  const copy = (): void => {
    copyText(secret).then(
      () => toast(parts.copied('••••')),
      () => toast(parts.notCopied),
    );
  };
  return (
    <Dialog title={title} onClose={onClose} wide>
      <p>{words.secretOnce}</p>
      {note === null ? null : <p className="muted">{note}</p>}
      <Field label={words.secret}>
        {(id) => (
          <div className="row-of secret">
            <input id={id} className="secret-text" readOnly value={secret} onFocus={(event) => event.target.select()} />
            <button type="button" onClick={copy}>
              {words.copySecret}
            </button>
          </div>
        )}
      </Field>
      <button type="button" className="primary" onClick={onClose}>
        {words.stored}
      </button>
    </Dialog>
  );
}
