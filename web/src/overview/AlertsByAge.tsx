import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { overviewWords } from '../messages/overview.ts';
import { Chip, type Tone } from '../parts/text.tsx';
import { Sheet } from '../search/Sheet.tsx';
import { total } from './OpenWork.tsx';
import type { Overview } from './OverviewPage.tsx';

const AGES = ['hour', 'day', 'week', 'older'] as const;
const TONES: Readonly<Record<(typeof AGES)[number], Tone>> = { hour: 'good', day: 'info', week: 'warn', older: 'bad' };

export function AlertsByAge({ alerts }: { readonly alerts: Overview['alerts'] }): ReactNode {
  const words = useWords(overviewWords);
  const { open, assigned } = alerts;
  const none = total(open) + total(assigned) === 0;
  return (
    <section className="panel">
      <h2>{words.alertsByAge}</h2>
      {none ? (
        <p className="muted">
          <Chip tone="good">{words.noAlerts}</Chip>
        </p>
      ) : (
        <Sheet
          label={words.alertsByAge}
          rows={AGES}
          keyOf={(age) => age}
          columns={[
            { name: 'age', title: words.age, cell: (age) => words.ages[age] },
            {
              name: 'state',
              title: words.stage,
              cell: (age) =>
                open[age] + assigned[age] === 0 ? null : <Chip tone={TONES[age]}>{words.ageStates[age]}</Chip>,
            },
            { name: 'open', title: words.open, right: true, cell: (age) => words.number(open[age]) },
            { name: 'assigned', title: words.assigned, right: true, cell: (age) => words.number(assigned[age]) },
          ]}
        />
      )}
    </section>
  );
}
