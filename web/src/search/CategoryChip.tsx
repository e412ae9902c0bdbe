import type { ReactNode } from 'react';
import { visibleText } from '../../../src/base/visible-text.ts';
import { useWords } from '../app/settings.tsx';
import { searchWords } from '../messages/search.ts';
import { Chip, type Tone } from '../parts/text.tsx';

const TONES: Readonly<Record<string, Tone>> = {
  sanctioned: 'bad',
  stolen: 'bad',
  ransomware: 'bad',
  darknet: 'bad',
  scam: 'bad',
  frozen: 'warn',
  mixer: 'warn',
  coinjoin: 'warn',
  gambling: 'warn',
  otc: 'warn',
  bridge: 'info',
  exchange: 'info',
};

export function CategoryChip({ category }: { readonly category: string }): ReactNode {
  const words = useWords(searchWords);
  return <Chip tone={TONES[category] ?? 'plain'}>{words.categories[category] ?? visibleText(category)}</Chip>;
}
