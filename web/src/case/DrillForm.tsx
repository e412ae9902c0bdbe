import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useWords } from '../app/settings.tsx';
import { casesWords } from '../messages/cases.ts';
import { Fault } from '../parts/state.tsx';
import { Field, SimulatedChip } from '../parts/text.tsx';
import { api } from '../server/api.ts';

const SCALES = [5_000, 20_000, 100_000, 500_000] as const;

/** A simulated theft to try everything on. */
export function DrillForm({ onStarted }: { readonly onStarted: () => void }): ReactNode {
  const words = useWords(casesWords);
  const client = useQueryClient();
  const [seed, setSeed] = useState('1');
  const [scale, setScale] = useState<number>(20_000);
  const start = useMutation({
    mutationFn: () => api.startJob({ body: { kind: 'drill', seed: Number(seed), scale } }),
    onSuccess: () => {
      client.invalidateQueries({ queryKey: ['jobs'] });
      onStarted();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    start.mutate();
  };
  return (
    <form className="panel" onSubmit={submit}>
      <h2>
        {words.tryDrill} <SimulatedChip />
      </h2>
      <p>{words.drillWhat}</p>
      <div className="row-of">
        <Field label={words.seed}>
          {(id) => (
            <input
              id={id}
              type="number"
              min={0}
              max={2 ** 31}
              step={1}
              required
              value={seed}
              onChange={(event) => setSeed(event.target.value)}
            />
          )}
        </Field>
        <Field label={words.scale}>
          {(id) => (
            <select id={id} value={scale} onChange={(event) => setScale(Number(event.target.value))}>
              {SCALES.map((each) => (
                <option key={each} value={each}>
                  {words.scaleOf(each.toLocaleString('en'))}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      {start.error === null ? null : <Fault error={start.error} />}
      <button type="submit" className="primary" disabled={start.isPending}>
        {words.start}
      </button>
    </form>
  );
}
