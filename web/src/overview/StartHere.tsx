import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { useMay } from '../app/SessionGate.tsx';
import { useWords } from '../app/settings.tsx';
import { overviewWords } from '../messages/overview.ts';
import { Fault } from '../parts/state.tsx';
import { useToast } from '../parts/toast.tsx';
import { api } from '../server/api.ts';

const SEED = 1;
const SCALE = 20_000;

/** Of a store with nothing in it. */
export function StartHere(): ReactNode {
  const words = useWords(overviewWords);
  const client = useQueryClient();
  const toast = useToast();
  const [, go] = useLocation();
  const may = useMay('cases');
  const drill = useMutation({
    mutationFn: () => api.startJob({ body: { kind: 'drill', seed: SEED, scale: SCALE } }),
    onSuccess: async () => {
      toast(words.drillStarted);
      await client.invalidateQueries({ queryKey: ['jobs'] });
      go('/cases');
    },
  });
  return (
    <section className="panel start" aria-labelledby="start-here">
      <h2 id="start-here">{words.startTitle}</h2>
      {may ? null : <p className="muted">{words.readOnly}</p>}
      <div className="ways">
        <article>
          <h3>{words.startCase}</h3>
          <p>{words.startCaseText}</p>
          {may ? (
            <Link href="/cases?new=" className="button primary">
              {words.startCaseGo}
            </Link>
          ) : null}
        </article>
        <article>
          <h3>{words.startImport}</h3>
          <p>{words.startImportText}</p>
          {may ? (
            <Link href="/cases?new=" className="button">
              {words.startImportGo}
            </Link>
          ) : null}
        </article>
        <article>
          <h3>{words.startDrill}</h3>
          <p>{words.startDrillText}</p>
          {may ? (
            <button type="button" disabled={drill.isPending} onClick={() => drill.mutate()}>
              {words.startDrillGo}
            </button>
          ) : null}
        </article>
      </div>
      {drill.error === null ? null : <Fault error={drill.error} />}
    </section>
  );
}
