import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useWords } from '../app/settings.tsx';
import { LateJobList } from '../case/LateJobList.tsx';
import { settingsWords } from '../messages/settings.ts';

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
        <LateJobList />
      </section>
    </>
  );
}
