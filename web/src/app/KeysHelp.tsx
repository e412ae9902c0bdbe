import type { ReactNode } from 'react';
import { shellWords } from '../messages/shell.ts';
import { Dialog } from '../parts/dialog.tsx';
import { useWords } from './settings.tsx';

export function KeysHelp({ onClose }: { readonly onClose: () => void }): ReactNode {
  const words = useWords(shellWords);
  return (
    <Dialog title={words.keys} onClose={onClose}>
      <dl className="keys">
        {words.keyList.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
