import { seededRandom } from '../src/base/random.ts';
import { Float64Column, Uint32Column } from '../src/flow/column.ts';
import { type AccountFlow, type Adjacency, NONE } from '../src/flow/flow.ts';

/** One in so many addresses is a service, and one in five payments goes to one; one in five comes from one. */
const SERVICES = 500;
const CHAIN = 'eip155:1';
const ASSET = 'eip155:1/slip44:60';
const START = 1_500_000_000;

export interface BenchChain {
  readonly flow: AccountFlow;
  /** Category by address id; 255 for none. */
  readonly lanes: Uint8Array;
}

/**
 * Seeded traffic of one asset as columns in memory: people pay a part or all of what they have to people and to services drawn at random; services
 * pay people. Amounts in units of 10^14 wei, a few ether each; one in fifty is dust.
 */
export function exposureChain(transfers: number, addresses: number, categories: number): BenchChain {
  const random = seededRandom(11);
  const services = Math.max(1, Math.floor(addresses / SERVICES));
  const balance = new Float64Array(addresses);
  const from = new Uint32Array(transfers);
  const to = new Uint32Array(transfers);
  const low = new Uint32Array(2 * transfers);
  const ratio = new Float64Array(transfers);
  const step = new Uint32Array(transfers);
  for (let row = 0; row < transfers; row += 1) {
    const kind = random.below(5);
    const v = kind === 0 ? random.below(services) : services + random.below(addresses - services);
    let u = kind === 1 ? random.below(services) : services + random.below(addresses - services);
    if (kind !== 1 && balance[u]! < 4) u = random.below(services);
    const known = u < services ? Number.POSITIVE_INFINITY : balance[u]!;
    const dust = random.below(50) === 0;
    const part = random.below(3) === 0 ? known : Math.ceil(known * random.unit());
    const x = dust ? 1 : known === Number.POSITIVE_INFINITY ? 2 + random.below(60_000) : Math.max(2, part);
    from[row] = u;
    to[row] = v;
    const units = x * 1e14;
    low[2 * row] = units % 2 ** 32;
    low[2 * row + 1] = Math.min(0xffff_ffff, Math.floor(units / 2 ** 32));
    ratio[row] = u < services ? 0.001 : u === v ? 0 : x / known;
    step[row] = row;
    if (u === v) continue;
    if (u >= services) balance[u] = known - x;
    if (v >= services) balance[v] = balance[v]! + x;
  }
  const lanes = new Uint8Array(addresses).fill(255);
  for (let id = 0; id < services; id += 1) lanes[id] = id % categories;
  return { flow: flowOf({ from, to, low, ratio, step }, addresses), lanes };
}

function flowOf(
  columns: { from: Uint32Array; to: Uint32Array; low: Uint32Array; ratio: Float64Array; step: Uint32Array },
  addresses: number,
): AccountFlow {
  const { from, to, low, ratio, step } = columns;
  const count = from.length;
  const segment = {
    count,
    from: Uint32Column.of(from),
    to: Uint32Column.of(to),
    low: Uint32Column.of(low),
    high: null,
    ratio: Float64Column.of(ratio),
    step: Uint32Column.of(step),
    out: adjacency(from, to, addresses),
    in: adjacency(to, from, addresses),
    amount: (row: number) => BigInt(low[2 * row + 1]!) * 2n ** 32n + BigInt(low[2 * row]!),
  };
  return {
    model: 'account',
    chain: CHAIN,
    addresses: { chain: CHAIN, size: addresses, text: (id) => `0x${id.toString(16)}`, find: (text) => Number(text) },
    steps: {
      count,
      time: (at) => START + at,
      block: (at) => at,
      firstAt: (time) => Math.min(count, Math.max(0, time - START)),
    },
    assets: [
      { asset: ASSET, placeCount: addresses, addressOf: (place) => place, placeOf: (id) => id, segments: [segment] },
    ],
    swaps: { count: 0, flows: [], steps: new Uint32Array(0), firstSteps: new Uint32Array(0) },
    counterparties: () => 0,
  };
}

function adjacency(owner: Uint32Array, peer: Uint32Array, places: number): Adjacency {
  const starts = new Uint32Array(places + 1);
  for (let row = 0; row < owner.length; row += 1) if (owner[row]! < NONE) starts[owner[row]! + 1]! += 1;
  for (let place = 0; place < places; place += 1) starts[place + 1]! += starts[place]!;
  const next = starts.slice();
  const rows = new Uint32Array(starts[places]!);
  const peers = new Uint32Array(starts[places]!);
  for (let row = 0; row < owner.length; row += 1) {
    if (owner[row]! >= NONE) continue;
    const at = next[owner[row]!]!;
    next[owner[row]!] = at + 1;
    rows[at] = row;
    peers[at] = peer[row]!;
  }
  return {
    start: (place) => starts[place]!,
    end: (place) => starts[place + 1]!,
    row: Uint32Column.of(rows),
    peer: Uint32Column.of(peers),
  };
}
