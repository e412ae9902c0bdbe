import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { ERROR_CODES, type ErrorCode, HaetaeError } from '../../../src/base/errors.ts';
import { targetsOf } from '../format/new-case.ts';
import { api } from '../server/api.ts';
import type { Job, JobOptions, JobWish } from './case-data.ts';
import { type ChosenFile, filled, importWish, limitsOf, type TraceWish } from './new-case-wish.ts';
import { withUpload } from './upload.ts';

export interface Stage {
  readonly what: 'upload' | 'import' | 'start';
  readonly name: string;
  readonly done: number;
  /** null: not known. */
  readonly total: number | null;
}

export interface Order {
  readonly files: readonly ChosenFile[];
  readonly targets: readonly string[];
  readonly chain: string | null;
  readonly wish: TraceWish;
}

interface Start {
  readonly stage: Stage | null;
  readonly error: unknown;
  run(order: Order, done: () => void): void;
  cancel(): void;
}

const POLL_MS = 500;

/** Uploads and imports the files one after the other, then starts the traces: a trace reads what was imported before it. */
export function useStart(): Start {
  const client = useQueryClient();
  const [stage, setStage] = useState<Stage | null>(null);
  const [error, setError] = useState<unknown>(null);
  const control = useRef<AbortController | null>(null);
  useEffect(() => () => control.current?.abort(), []);
  const run = (order: Order, done: () => void): void => {
    const own = new AbortController();
    control.current = own;
    setError(null);
    const options = client.getQueryData<JobOptions>(['job-options']);
    const changed = (): void => void client.invalidateQueries({ queryKey: ['jobs'] });
    carryOut(order, options?.methods ?? [], { tell: setStage, changed, signal: own.signal })
      .then(done, (fault: unknown) => {
        if (!own.signal.aborted) setError(fault);
      })
      .finally(() => {
        setStage(null);
        changed();
      });
  };
  return { stage, error, run, cancel: () => control.current?.abort() };
}

interface Watch {
  readonly tell: (stage: Stage) => void;
  readonly changed: () => void;
  readonly signal: AbortSignal;
}

async function carryOut(order: Order, methods: readonly string[], watch: Watch): Promise<void> {
  const { files, targets, chain, wish } = order;
  const limits = limitsOf(wish, methods);
  const thefts = files.filter(({ kind }) => kind === 'trace-file');
  const traces = thefts.length + (targets.length > 0 ? 1 : 0);
  for (const chosen of files) {
    if (chosen.kind === 'trace-file') continue;
    const { file } = chosen;
    const told = (done: number): void => watch.tell({ what: 'upload', name: file.name, done, total: file.size });
    const job = await withUpload(file, told, watch.signal, (upload) => {
      watch.tell({ what: 'import', name: file.name, done: 0, total: null });
      return begin(importWish(chosen, upload), watch);
    });
    if (traces > 0) await ended(job, watch.signal);
  }
  for (const { file } of thefts) {
    watch.tell({ what: 'start', name: file.name, done: 0, total: null });
    await begin({ kind: 'trace-file', text: await file.text(), live: wish.live, ...limits }, watch);
  }
  if (targets.length === 0 || chain === null) return;
  watch.tell({ what: 'start', name: wish.title, done: 0, total: null });
  const thieves = targetsOf(wish.thieves);
  await begin(
    {
      kind: 'trace',
      chain,
      targets: [...targets],
      live: wish.live,
      ...(thieves.length === 0 ? {} : { thieves: [...thieves] }),
      ...filled('title', wish.title),
      ...filled('since', wish.since),
      ...limits,
    },
    watch,
  );
}

async function begin(body: JobWish, { signal, changed }: Watch): Promise<Job> {
  const job = await api.startJob({ body }, { signal });
  changed();
  return job;
}

/** Throws what the job failed with. */
async function ended(job: Job, signal: AbortSignal): Promise<void> {
  let now = job;
  while (now.state === 'running' || now.state === 'waiting') {
    await new Promise((wake) => setTimeout(wake, POLL_MS));
    signal.throwIfAborted();
    now = await api.getJob({ params: { id: job.id } }, { signal });
  }
  if (now.state === 'done') return;
  const code: ErrorCode =
    now.fault !== null && Object.hasOwn(ERROR_CODES, now.fault.code) ? (now.fault.code as ErrorCode) : 'E_STATE';
  throw new HaetaeError(
    code,
    now.fault?.detail ?? now.state,
    now.fault?.remedy == null ? {} : { remedy: now.fault.remedy },
  );
}
