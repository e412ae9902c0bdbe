import { formatTime } from '../base/time.ts';
import { ACCOUNT_CHAIN, ASSETS, baseUnits, UTXO_CHAIN } from './asset.ts';
import type { Decoy } from './decoy.ts';
import { END, START } from './era.ts';
import { EXCHANGES, HOT } from './roster.ts';
import type { PlannedTheft } from './theft.ts';
import type { DrillTruth, FlowName, TruthCrossing, TruthHop, TruthService, TruthStage, TruthTheft } from './truth.ts';
import type { Payout } from './utxo-plan.ts';
import { addressOf, type Scene, type SeenHop, type Witness, witnessAll } from './witness.ts';

/** The whole truth of a drill, from its plan. */
export function testify(
  scene: Scene,
  made: { readonly seed: number; readonly scale: number },
  thefts: readonly PlannedTheft[],
  decoys: readonly Decoy[],
): DrillTruth {
  const witnesses = witnessAll(scene, thefts.length);
  return {
    simulated: true,
    ...made,
    chains: [ACCOUNT_CHAIN, UTXO_CHAIN],
    from: formatTime(START),
    until: formatTime(END),
    thefts: thefts.map((theft, index) => theftTruth(scene, theft, witnesses[index]!)),
    crossings: scene.coins.payouts.map((payout) => crossing(scene, payout)),
    decoys: decoys.map((decoy) => ({
      kind: decoy.kind,
      resembles: decoy.resembles,
      addresses: [
        ...decoy.actors.map((actor) => ({ chain: ACCOUNT_CHAIN, address: addressOf(scene.names, actor) })),
        ...decoy.scripts.map((script) => ({ chain: UTXO_CHAIN, address: scene.scriptAddress(script) })),
      ],
      from: formatTime(decoy.from),
      until: formatTime(decoy.until),
    })),
  };
}

/** drill-1, drill-2, … */
export function theftName(theft: number): string {
  return `drill-${theft + 1}`;
}

function theftTruth(scene: Scene, { heist, loot }: PlannedTheft, witness: Witness): TruthTheft {
  const { names } = scene;
  const id = theftName(heist.theft);
  const hops = witness.hops.map(({ hop }) => hop);
  return {
    id,
    title: `Drill theft ${heist.theft + 1} (simulated): ${EXCHANGES[heist.victim]} hot wallet drained`,
    file: `theft-${heist.theft + 1}.yaml`,
    victim: { name: EXCHANGES[heist.victim]!, address: addressOf(names, HOT + heist.victim) },
    stolen: loot.map(({ asset, address, amount, time }) => ({
      id: `${id}-${asset === 0 ? 'native' : ASSETS[asset]!.symbol.toLowerCase()}`,
      asset: ASSETS[asset]!.id,
      address: addressOf(names, address),
      amount: baseUnits(asset, amount),
      time: formatTime(time),
    })),
    controlled: controlled(scene, heist.theft),
    stages: stagesOf(hops),
    flows: witness.flows,
    exchanges: servicesOf(witness.hops, 'exchange'),
    mixers: servicesOf(witness.hops, 'mixer'),
    bridges: servicesOf(witness.hops, 'bridge'),
    held: witness.held,
    innocents: innocentsOf(hops),
    hops,
  };
}

function controlled({ names, plan, coins, scriptAddress }: Scene, theft: number): TruthTheft['controlled'] {
  const accounts = plan.actors.flatMap((record, index) =>
    record.theft === theft
      ? [{ chain: ACCOUNT_CHAIN, address: addressOf(names, plan.roster.firstPlanned + index) }]
      : [],
  );
  const scripts = coins.scripts.flatMap((record, index) =>
    record.theft === theft ? [{ chain: UTXO_CHAIN, address: scriptAddress(coins.scriptAt(index)) }] : [],
  );
  return [...accounts, ...scripts];
}

type Hops = readonly TruthHop[];

function grouped<T>(items: readonly T[], key: (item: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

/** First and last time; ISO text of one form sorts as time does. */
function span(hops: Hops): { readonly first: string; readonly last: string } {
  const times = hops.map((hop) => hop.time).sort();
  return { first: times[0]!, last: times.at(-1)! };
}

function stagesOf(hops: Hops): readonly TruthStage[] {
  const byThieves = hops.filter((hop) => hop.flow !== 'innocentIn');
  return grouped(byThieves, (hop) => hop.stage).map((group) => {
    const { first, last } = span(group);
    const addresses = [...new Set(group.flatMap((hop) => [hop.from, hop.to]))];
    return { stage: group[0]!.stage, from: first, until: last, movements: group.length, addresses };
  });
}

function total(hops: Hops): string {
  return String(hops.reduce((sum, hop) => sum + BigInt(hop.amount), 0n));
}

function servicesOf(seen: readonly SeenHop[], flow: FlowName): readonly TruthService[] {
  const paid = seen.filter(({ hop }) => hop.flow === flow && hop.amount !== '0');
  return grouped(paid, ({ hop, service }) => `${service} ${hop.asset}`).map((group) => {
    const hops = group.map(({ hop }) => hop);
    const { first, last } = span(hops);
    const { chain, asset } = hops[0]!;
    return {
      name: group[0]!.service ?? '',
      chain,
      asset,
      amount: total(hops),
      movements: hops.length,
      addresses: [...new Set(hops.map((hop) => hop.to))],
      firstTime: first,
      lastTime: last,
    };
  });
}

function innocentsOf(hops: Hops): TruthTheft['innocents'] {
  const touched = hops.filter((hop) => hop.flow === 'innocent' || hop.flow === 'innocentIn');
  const other = (hop: Hops[number]): string => (hop.flow === 'innocent' ? hop.to : hop.from);
  return grouped(touched, (hop) => `${other(hop)} ${hop.asset}`).map((group) => ({
    chain: group[0]!.chain,
    address: other(group[0]!),
    asset: group[0]!.asset,
    paidIn: total(group.filter((hop) => hop.flow === 'innocentIn')),
    gotOut: total(group.filter((hop) => hop.flow === 'innocent')),
  }));
}

function crossing({ names, plan, scriptAddress }: Scene, payout: Payout): TruthCrossing {
  const departure = plan.find(payout.departure);
  const coin = payout.coin!;
  return {
    theft: payout.theft === null ? null : theftName(payout.theft),
    from: {
      chain: ACCOUNT_CHAIN,
      tx: `0x${names.tx.hex(payout.departure)}`,
      to: addressOf(names, departure.legs[0]!.to),
      time: formatTime(payout.time),
      amount: baseUnits(departure.legs[0]!.asset, departure.legs[0]!.amount),
    },
    to: {
      chain: UTXO_CHAIN,
      outpoint: `${names.txid.hex(coin.tx)}:${coin.index}`,
      address: scriptAddress(coin.script),
      time: formatTime(payout.paidAt),
      amount: String(coin.value),
    },
  };
}
