import type { ChainFlow } from '../flow/flow.ts';
import type { Kernels } from '../kernel/kernel.ts';
import type { CategoryTable } from './categorise.ts';
import { passOver, type SideFigures } from './passes.ts';
import { type Blocks, scanRows } from './scan-rows.ts';

/** The exposure of every address of a chain, in memory. */
export interface ExposureFigures {
  readonly received: SideFigures;
  readonly sent: SideFigures;
  /** By account: number of its small account among the received figures, from 1; 0 for none. */
  readonly small: Uint32Array;
  readonly smallCount: number;
  readonly blocks: Blocks;
  /** Steps gone through. */
  readonly steps: number;
}

/** What was found of a shorter history of the same chain, categories and dust limits. */
export type SavedFigures = Pick<ExposureFigures, 'received' | 'small' | 'smallCount' | 'blocks' | 'steps'>;

export interface BuildOptions {
  readonly flow: ChainFlow;
  readonly table: Pick<CategoryTable, 'lanes' | 'set'>;
  /** By asset: base units. */
  readonly dust: readonly number[];
  readonly kernels: Kernels;
  readonly entityOf?: (address: number) => number;
  readonly progress?: (stage: 'received' | 'sent', rows: number) => void;
}

/**
 * Goes through a chain once forward for what was received and once backward for what was sent (more often where the memory of a pass
 * would not hold all categories). Forward it goes on from `saved`; backward it always begins at the end.
 */
export function buildExposure(options: BuildOptions, saved: SavedFigures | null = null): ExposureFigures {
  const received = receivedFigures(options, saved);
  return { ...received, sent: sentFigures(options) };
}

/** The forward half of {@link buildExposure}: so that it can be written out before the other begins. */
export function receivedFigures(options: BuildOptions, saved: SavedFigures | null): Omit<ExposureFigures, 'sent'> {
  const { flow, table, kernels, progress } = options;
  const steps = flow.steps.count;
  const rows = scanRows({
    ...scanQuery(options),
    steps: { from: saved?.steps ?? 0, to: steps },
    ...(saved === null ? {} : { small: { numbers: saved.small, count: saved.smallCount, blocks: saved.blocks } }),
  });
  rows.openSmall();
  const categories = table.set.names.length;
  const known = saved === null ? undefined : { figures: saved.received, blocks: saved.blocks };
  const received = passOver(
    'received',
    {
      kernels,
      rows,
      categories,
      ...(progress === undefined ? {} : { progress: (done) => progress('received', done) }),
    },
    known,
  );
  return {
    received,
    small: rows.small.numbers,
    smallCount: rows.small.count,
    blocks: rows.blocks,
    steps: flow.steps.count,
  };
}

export function sentFigures(options: BuildOptions): SideFigures {
  const { flow, table, kernels, progress } = options;
  const rows = scanRows({ ...scanQuery(options), steps: { from: 0, to: flow.steps.count } });
  const categories = table.set.names.length;
  return passOver('sent', {
    kernels,
    rows,
    categories,
    ...(progress === undefined ? {} : { progress: (done) => progress('sent', done) }),
  });
}

function scanQuery({ flow, table, dust, entityOf }: BuildOptions) {
  return { flow, lanes: table.lanes, dust, ...(entityOf === undefined ? {} : { entityOf }) };
}
