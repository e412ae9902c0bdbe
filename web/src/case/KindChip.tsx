import type { ReactNode } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useWords } from '../app/settings.tsx';
import { caseWords } from '../messages/case.ts';

/** What each kind of place is drawn with, so that colour is never the only sign. */
export const KIND_SIGNS: Readonly<Record<string, string>> = {
  theft: '✦',
  address: '○',
  service: '▣',
  'suspected-service': '▢',
  mixer: '◈',
  bridge: '⇄',
  burn: '✕',
  link: '↷',
  fee: '·',
};

/** Kinds of stops as results name them. */
const ALSO: Readonly<Record<string, string>> = {
  suspectedService: 'suspected-service',
  feeTaker: 'fee',
  hopLimit: 'address',
};

export function KindChip({ kind: given }: { readonly kind: string }): ReactNode {
  const words = useWords(caseWords);
  const kind = ALSO[given] ?? given;
  return (
    <span className={`chip kind kind-${Object.hasOwn(KIND_SIGNS, kind) ? kind : 'address'}`}>
      <span aria-hidden="true">{KIND_SIGNS[kind] ?? '○'} </span>
      {words.kinds[kind] ?? visibleText(kind)}
    </span>
  );
}
