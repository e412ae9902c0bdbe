import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useWords } from '../app/settings.tsx';
import { LateJobList } from '../case/LateJobList.tsx';
import { overviewWords } from '../messages/overview.ts';
import { Answer } from '../parts/state.tsx';
import { Chip, Time } from '../parts/text.tsx';
import { api } from '../server/api.ts';
import '../styles/overview.css';
import '../styles/search.css';
import { AlertsByAge } from './AlertsByAge.tsx';
import { DataByChain } from './DataByChain.tsx';
import { HoldsByState } from './HoldsByState.tsx';
import { InForce } from './InForce.tsx';
import { MoneyByState } from './MoneyByState.tsx';
import { OpenWork } from './OpenWork.tsx';
import { StartHere } from './StartHere.tsx';

export type Overview = Awaited<ReturnType<typeof api.getOverview>>;

/** The shell asks for it again and again under the same key, so this page is never older than that. */
export default function OverviewPage(): ReactNode {
  const words = useWords(overviewWords);
  const overview = useQuery({
    queryKey: ['overview'],
    queryFn: ({ signal }) => api.getOverview({}, { signal }),
  });
  return (
    <>
      <div className="row-of spread">
        <h1>{words.overview}</h1>
        {overview.data === undefined ? null : (
          <p className="muted">
            {words.asOf} <Time time={overview.data.at} />
          </p>
        )}
      </div>
      <Answer query={overview}>{(data) => <Sections overview={data} />}</Answer>
    </>
  );
}

function Sections({ overview }: { readonly overview: Overview }): ReactNode {
  const words = useWords(overviewWords);
  const { cases, chains, money, drill, alerts, holds, jobs } = overview;
  const nothing = cases.traced === 0 && chains.length === 0;
  return (
    <>
      {drill ? (
        <p className="drill-banner">
          <Chip tone="drill">{words.drillTitle}</Chip> {words.drillText}
        </p>
      ) : null}
      {nothing ? <StartHere /> : null}
      <OpenWork overview={overview} />
      {jobs === 0 ? null : (
        <section className="panel">
          <h2>{words.jobs}</h2>
          <LateJobList />
        </section>
      )}
      {nothing ? null : <MoneyByState money={money} />}
      <div className="two">
        <AlertsByAge alerts={alerts} />
        <HoldsByState holds={holds} />
      </div>
      {nothing ? null : <DataByChain chains={chains} />}
      <InForce overview={overview} />
    </>
  );
}
