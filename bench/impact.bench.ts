/**
 * A label changes: seconds until every account that money came to from the address, or went to it from, is known, over a whole chain in memory; the
 * longest time that others wait meanwhile; and an exact answer for one of them. Limit of the whole: 5 s over 50 M transfers. What it costs goes by what
 * the address reaches, not by the chain. HAETAE_BENCH_TRANSFERS: another number.
 */
import { graphOf } from '../src/exposure/account-graph.ts';
import { nearExposure } from '../src/exposure/exact.ts';
import { type Spread, spreadBackward, spreadForward } from '../src/exposure/spread.ts';
import { exposureChain } from './_exposure-chain.ts';
import { count, printFigure, printPeakMemory } from './_print.ts';

const TRANSFERS = Number(process.env.HAETAE_BENCH_TRANSFERS ?? 2_000_000);
const CATEGORIES = 16;
const LEAST = 0.01;
const DUST = [1e14];
const ASKED = 300;

const { flow, lanes } = exposureChain(TRANSFERS, TRANSFERS / 10, CATEGORIES);
const graph = graphOf(flow);

interface Spreading {
  readonly seconds: number;
  readonly longest: number;
  readonly found: ReadonlyMap<number, Spread>;
}

function run(work: Generator<void, ReadonlyMap<number, Spread>>): Spreading {
  const started = performance.now();
  let longest = 0;
  for (;;) {
    const from = performance.now();
    const { done, value } = work.next();
    longest = Math.max(longest, performance.now() - from);
    if (done === true) return { seconds: (performance.now() - started) / 1000, longest, found: value };
  }
}

function measure(name: string, seed: number): void {
  const now = lanes.slice();
  now[seed] = now[seed] === 1 ? 2 : 1;
  const query = { graph, lanes: now, seeds: [seed], dust: DUST, least: LEAST };
  const [came, went] = [run(spreadForward(query)), run(spreadBackward(query))];
  const touched = [...came.found.keys(), ...went.found.keys()];
  const size = `${count(TRANSFERS)} transfers, ${count(touched.length)} accounts touched`;
  printFigure({
    name: `${name}: all it touches`,
    value: came.seconds + went.seconds,
    unit: 's',
    size,
    limit: { atMost: 5 },
  });
  printFigure({ name: `${name}: longest slice`, value: Math.max(came.longest, went.longest), unit: 'ms', size });
  const asked = touched.slice(0, ASKED);
  const started = performance.now();
  for (const address of asked) exactly(address, now);
  const each = (performance.now() - started) / Math.max(1, asked.length);
  printFigure({ name: `${name}: exact answer`, value: each, unit: 'ms', size: `${count(asked.length)} of them` });
}

function exactly(address: number, now: Uint8Array): void {
  const asked = { flow, lanes: now, categories: CATEGORIES, asset: 0, address, dust: DUST, until: flow.steps.count };
  nearExposure({ ...asked, budget: 4_000, withPaths: false });
}

measure('a person', TRANSFERS / 50);
measure('a service', 3);
printPeakMemory();
