import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useWords } from '../app/settings.tsx';
import { overviewWords } from '../messages/overview.ts';
import { Chip, Outside, type Tone } from '../parts/text.tsx';
import { total } from './OpenWork.tsx';
import type { Overview } from './OverviewPage.tsx';

const TONES: Readonly<Record<string, Tone>> = {
  draft: 'plain',
  sent: 'info',
  acknowledged: 'good',
  refused: 'bad',
  expired: 'warn',
  withdrawn: 'plain',
};

export function HoldsByState({ holds }: { readonly holds: Overview['holds'] }): ReactNode {
  const words = useWords(overviewWords);
  const states = Object.entries(holds).filter(([, count]) => count > 0);
  return (
    <section className="panel">
      <h2>{words.holds}</h2>
      {total(holds) === 0 ? <p className="muted">{words.noHolds}</p> : null}
      <ul className="counts">
        {states.map(([state, count]) => (
          <li key={state}>
            <Link href="/holds">
              <strong>{words.number(count)}</strong>
            </Link>{' '}
            <Chip tone={TONES[state] ?? 'plain'}>{words.holdStates[state] ?? <Outside>{state}</Outside>}</Chip>
          </li>
        ))}
      </ul>
    </section>
  );
}
