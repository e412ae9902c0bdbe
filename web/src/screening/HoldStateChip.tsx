import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { holdsWords } from '../messages/holds.ts';
import { Chip, type Tone } from '../parts/text.tsx';

const TONES: Readonly<Record<string, Tone>> = {
  draft: 'plain',
  sent: 'info',
  acknowledged: 'good',
  refused: 'bad',
  expired: 'warn',
  withdrawn: 'plain',
};

export function HoldStateChip({ state }: { readonly state: string }): ReactNode {
  const words = useWords(holdsWords);
  return <Chip tone={TONES[state] ?? 'plain'}>{words.states[state] ?? state}</Chip>;
}
