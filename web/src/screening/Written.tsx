import type { ReactNode } from 'react';
import { placed } from '../format/placed.ts';
import { Outside } from '../parts/text.tsx';

/** Text that a person wrote, with its lines. */
export function Written({ text }: { readonly text: string }): ReactNode {
  return placed(text.split('\n')).map(({ item: line, at }) => (
    <span key={at} className="scr-line">
      <Outside>{line.replaceAll('\t', '    ')}</Outside>
    </span>
  ));
}
