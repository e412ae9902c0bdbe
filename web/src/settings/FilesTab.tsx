import { lazy, type ReactNode, Suspense } from 'react';
import { Link } from 'wouter';
import { useWords } from '../app/settings.tsx';
import { settingsWords } from '../messages/settings.ts';
import { Loading } from '../parts/state.tsx';

const JobList = lazy(() => import('../case/JobList.tsx').then((module) => ({ default: module.JobList })));

export function FilesTab(): ReactNode {
  const words = useWords(settingsWords);
  return (
    <>
      <section className="panel">
        <p>{words.filesWhat}</p>
        <Link href="/cases?new=" className="button primary">
          {words.filesGo}
        </Link>
      </section>
      <section className="panel">
        <h2>{words.jobs}</h2>
        <Suspense fallback={<Loading />}>
          <JobList />
        </Suspense>
      </section>
    </>
  );
}
