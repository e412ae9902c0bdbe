import type { ReactNode } from 'react';
import { later, useLoaded } from '../parts/later.ts';
import { Loading } from '../parts/state.tsx';

const jobList = later(() => import('./JobList.tsx'));

/** The list of long work, for pages that seldom show it. */
export function LateJobList(): ReactNode {
  const loaded = useLoaded(jobList);
  return loaded === null ? <Loading /> : <loaded.JobList />;
}
