import { assert } from '../base/assert.ts';
import { formatTime } from '../base/time.ts';
import { ACCOUNT_CHAIN, ASSETS, baseUnits, UTXO_ASSET, UTXO_CHAIN } from './asset.ts';
import { timeOfBlock, timeOfUtxoBlock } from './era.ts';
import type { Names } from './name.ts';
import type { Plan, PlannedLeg, PlannedTx, Stage } from './plan.ts';
import { EXCHANGES, type Role, SERVICES } from './roster.ts';
import { NOBODY } from './row.ts';
import { type FlowName, INFLOWS, OUTFLOWS, type TruthFlow, type TruthHop, type TruthPlace } from './truth.ts';
import type { Coin, PlannedUtxoTx, UtxoPlan } from './utxo-plan.ts';

/** What the thieves of one theft saw: read off the plan, movement by movement, never written down beside it. */
export interface Witness {
  readonly hops: readonly SeenHop[];
  readonly flows: readonly TruthFlow[];
  readonly held: readonly TruthPlace[];
}

/** A movement with the service at its other end. */
export interface SeenHop {
  readonly hop: TruthHop;
  readonly service: string | null;
}

/** All that reading a plan takes. */
export interface Scene {
  readonly names: Names;
  readonly plan: Plan;
  readonly coins: UtxoPlan;
  /** Address of a script, made once. */
  readonly scriptAddress: (script: number) => string;
}

type Sums = Map<FlowName, number>;

export function addressOf(names: Names, actor: number): string {
  return actor === NOBODY ? '' : `0x${names.address.hex(actor)}`;
}

/** Who owns an actor of the account chain: the theft, or the role of somebody else with the name of the service. */
function ownerOf(
  plan: Plan,
  actor: number,
): { readonly theft: number | null; readonly role: Role; readonly name: string | null } {
  const service = SERVICES[actor];
  if (service !== undefined) return { theft: null, role: service.role, name: service.name };
  const record = plan.record(actor);
  if (record === null) return { theft: null, role: 'person', name: null };
  return { theft: record.theft, role: record.role, name: exchangeName(record.exchange) };
}

function exchangeName(exchange: number | null): string | null {
  return exchange === null ? null : `Drill ${EXCHANGES[exchange]} (simulated)`;
}

function outflow(role: Role): FlowName {
  if (role === 'deposit' || role === 'exchange' || role === 'cold') return 'exchange';
  if (role === 'pool' || role === 'router') return 'swapOut';
  if (role === 'mixer' || role === 'bridge') return role;
  return 'innocent';
}

function inflow(role: Role, stage: Stage | null): FlowName {
  if (role === 'exchange' && stage === 'S1') return 'stolen';
  if (role === 'pool' || role === 'router') return 'swapIn';
  if (role === 'mixer') return 'mixerOut';
  if (role === 'bridge') return 'bridgeOut';
  return 'innocentIn';
}

/** Reads all planned movements for all thefts in one pass. */
export function witnessAll(scene: Scene, thefts: number): readonly Witness[] {
  const sums = Array.from({ length: thefts }, () => [...ASSETS, null].map(() => new Map<FlowName, number>()));
  const hops: SeenHop[][] = Array.from({ length: thefts }, () => []);
  const accountTxs = [...scene.plan.txs].sort((a, b) => a.block - b.block || a.id - b.id);
  for (const tx of accountTxs) for (const leg of tx.legs) readLeg(scene, tx, leg, { sums, hops });
  const utxoTxs = [...scene.coins.txs].sort((a, b) => a.block - b.block || a.id - b.id);
  for (const tx of utxoTxs) readUtxo(scene, tx, { sums, hops });
  const unspent = heldInCoins(scene, thefts);
  return sums.map((perAsset, theft) => {
    const held = [...heldOnAccounts(scene, theft), ...unspent[theft]!];
    return { hops: hops[theft]!, flows: flowsOf(perAsset, held), held };
  });
}

interface Books {
  readonly sums: readonly (readonly Sums[])[];
  readonly hops: readonly SeenHop[][];
}

function readLeg({ names, plan }: Scene, tx: PlannedTx, leg: PlannedLeg, { sums, hops }: Books): void {
  const from = ownerOf(plan, leg.from);
  const to = leg.to === NOBODY ? null : ownerOf(plan, leg.to);
  const note = (theft: number, flow: FlowName | 'own', service: string | null): void => {
    if (flow !== 'own') count(sums[theft]![leg.asset]!, flow, leg.amount);
    if (to === null) return;
    const hop: TruthHop = {
      stage: tx.stage ?? 'S13',
      chain: ACCOUNT_CHAIN,
      tx: `0x${names.tx.hex(tx.id)}`,
      time: formatTime(timeOfBlock(tx.block)),
      from: addressOf(names, leg.from),
      to: addressOf(names, leg.to),
      asset: ASSETS[leg.asset]!.id,
      amount: baseUnits(leg.asset, leg.amount),
      flow,
    };
    hops[theft]!.push({ hop, service });
  };
  const receiver = to?.theft ?? null;
  if (from.theft !== null && from.theft === receiver) {
    note(from.theft, 'own', null);
    return;
  }
  if (from.theft !== null) {
    if (to === null) note(from.theft, 'fee', null);
    else note(from.theft, receiver === null ? outflow(to.role) : 'commingledOut', to.name);
  }
  if (receiver !== null) note(receiver, from.theft === null ? inflow(from.role, tx.stage) : 'commingledIn', from.name);
}

function count(sums: Sums, flow: FlowName, amount: number): void {
  sums.set(flow, (sums.get(flow) ?? 0) + amount);
}

/** A UTXO transaction: what the thieves put in, less what comes back to them and what they pay others, is their fee. */
function readUtxo({ names, coins, scriptAddress }: Scene, tx: PlannedUtxoTx, { sums, hops }: Books): void {
  const inputs = tx.inputs ?? [];
  const payer = inputs.find((coin) => coins.record(coin.script)!.theft !== null);
  const payerTheft = payer === undefined ? null : coins.record(payer.script)!.theft;
  if (payerTheft === null && tx.outputs.every(({ script }) => (coins.record(script)?.theft ?? null) === null)) return;
  const fromVault = inputs[0]?.script === coins.vaultScript;
  const shared = inputs.some((coin) => coins.record(coin.script)!.theft !== payerTheft);
  const source = payer ?? inputs[0];
  const seen = {
    stage: fromVault ? ('S6' as const) : (tx.stage ?? ('S8' as const)),
    chain: UTXO_CHAIN,
    tx: names.txid.hex(tx.id),
    time: formatTime(timeOfUtxoBlock(tx.block)),
    asset: UTXO_ASSET,
  };
  let rest = inputs.reduce((sum, coin) => sum + ownPart(coins, coin, payerTheft), 0);
  for (const [index, { script, value }] of tx.outputs.entries()) {
    const owner = coins.record(script) ?? STRANGER;
    const theft = owner.theft ?? (shared ? null : payerTheft);
    if (theft === null) continue;
    const own = owner.theft !== null && owner.theft === payerTheft;
    const flow = own ? 'own' : owner.theft === null ? outflow(owner.role) : fromVault ? 'bridgeOut' : 'commingledIn';
    if (flow !== 'own') count(sums[theft]!.at(-1)!, flow, value);
    if (payerTheft !== null) rest -= value;
    const hop: TruthHop = {
      ...seen,
      from: source === undefined ? '' : scriptAddress(source.script),
      to: scriptAddress(script),
      amount: String(value),
      flow,
      outpoint: `${seen.tx}:${index}`,
    };
    hops[theft]!.push({ hop, service: exchangeName(owner.exchange) });
  }
  if (payerTheft === null) return;
  assert(rest >= 0, 'the thieves get no more out of a transaction than they put in');
  count(sums[payerTheft]!.at(-1)!, 'fee', rest);
}

const STRANGER = { theft: null, role: 'person', exchange: null } as const;

function ownPart(coins: UtxoPlan, coin: Coin, theft: number | null): number {
  return theft !== null && coins.record(coin.script)!.theft === theft ? coin.value : 0;
}

function heldOnAccounts({ names, plan }: Scene, theft: number): readonly TruthPlace[] {
  const held: TruthPlace[] = [];
  for (const [index, record] of plan.actors.entries()) {
    if (record.theft !== theft) continue;
    const actor = plan.roster.firstPlanned + index;
    for (const [asset, { id }] of ASSETS.entries()) {
      const amount = plan.balance(actor, asset);
      if (amount === 0) continue;
      held.push({
        chain: ACCOUNT_CHAIN,
        address: addressOf(names, actor),
        asset: id,
        amount: baseUnits(asset, amount),
      });
    }
  }
  return held;
}

function heldInCoins({ names, coins, scriptAddress }: Scene, thefts: number): readonly (readonly TruthPlace[])[] {
  const held: TruthPlace[][] = Array.from({ length: thefts }, () => []);
  for (const tx of coins.txs) {
    for (const [index, { script, value }] of tx.outputs.entries()) {
      const theft = coins.record(script)?.theft ?? null;
      if (theft === null || coins.isSpent({ tx: tx.id, index })) continue;
      const outpoint = `${names.txid.hex(tx.id)}:${index}`;
      const place = { chain: UTXO_CHAIN, address: scriptAddress(script), asset: UTXO_ASSET, amount: String(value) };
      held[theft]!.push({ ...place, outpoint });
    }
  }
  return held;
}

/** The sums as text; that they balance is checked here, before anybody relies on them. */
function flowsOf(perAsset: readonly Sums[], held: readonly TruthPlace[]): readonly TruthFlow[] {
  return perAsset.flatMap((sums, index) => {
    if (sums.size === 0) return [];
    const asset = ASSETS[index];
    const text = (units: number): string => (asset === undefined ? String(units) : baseUnits(index, units));
    const id = asset?.id ?? UTXO_ASSET;
    const kept = held.filter((place) => place.asset === id).reduce((sum, place) => sum + BigInt(place.amount), 0n);
    const side = <Name extends FlowName>(names: readonly Name[]): Record<Name, string> =>
      Object.fromEntries(names.map((name) => [name, text(sums.get(name) ?? 0)])) as Record<Name, string>;
    const flow = {
      chain: asset?.chain ?? UTXO_CHAIN,
      asset: id,
      in: side(INFLOWS),
      out: side(OUTFLOWS),
      held: String(kept),
    };
    const total = (values: Readonly<Record<string, string>>): bigint =>
      Object.values(values).reduce((sum, value) => sum + BigInt(value), 0n);
    assert(total(flow.in) === total(flow.out) + kept, `the truth of ${id} balances`);
    return [flow];
  });
}
