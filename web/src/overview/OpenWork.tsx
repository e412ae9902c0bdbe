import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useWords } from '../app/settings.tsx';
import { overviewWords } from '../messages/overview.ts';
import type { Overview } from './OverviewPage.tsx';

interface Figure {
  readonly name: string;
  readonly count: number;
  readonly to: string;
  readonly beside: string | null;
}

/** What waits for somebody, each leading to where it is done. */
export function OpenWork({ overview }: { readonly overview: Overview }): ReactNode {
  const words = useWords(overviewWords);
  const { cases, alerts, approvals, jobs } = overview;
  const open = total(alerts.open) + total(alerts.assigned);
  const figures: readonly Figure[] = [
    {
      name: words.cases,
      count: cases.traced,
      to: '/cases',
      beside: cases.simulated === 0 ? null : `◇ ${words.someSimulated(cases.simulated)}`,
    },
    { name: words.deskCases, count: cases.desk, to: '/cases', beside: null },
    {
      name: words.alerts,
      count: open,
      to: '/alerts',
      beside: alerts.blocked === 0 ? null : `■ ${words.blocked}: ${words.number(alerts.blocked)}`,
    },
    { name: words.approvals, count: approvals, to: '/approvals', beside: null },
    { name: words.jobs, count: jobs, to: '/cases', beside: null },
  ];
  return (
    <section aria-labelledby="open-work">
      <h2 id="open-work" className="unseen">
        {words.openWork}
      </h2>
      <ul className="figures">
        {figures.map(({ name, count, to, beside }) => (
          <li key={name} className="panel">
            <Link href={to}>
              <strong>{words.number(count)}</strong> <span className="name">{name}</span>
            </Link>
            {beside === null ? null : <span className="beside">{beside}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

export function total(ages: Readonly<Record<string, number>>): number {
  return Object.values(ages).reduce((sum, count) => sum + count, 0);
}
