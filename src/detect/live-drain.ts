import type { UnixSeconds } from '../base/time.ts';
import type { AssetId } from '../model/asset.ts';
import { type AssetPast, baseOf, lossShare, type Open, type Outflow, type Payment, usualLow } from './_outflow.ts';
import type { AlarmAmount, CrossedLine, DrainRule, Severity } from './alarm.ts';
import { ratio } from './movement.ts';
import {
  EMPTIED_USUAL,
  FEW_DESTINATIONS,
  HALVED_ASSETS,
  MANY_PAYMENTS,
  SPREAD_PAYMENTS,
  type Thresholds,
  type WatchedWallet,
} from './watched-wallet.ts';

/** A line crossed, before it is known whether it may alarm. */
export interface Crossing {
  readonly rule: DrainRule;
  /** What stays silent once it alarmed: a destination, or an asset. */
  readonly condition: string;
  readonly severity: Severity;
  readonly amounts: readonly AlarmAmount[];
  readonly crossed: readonly CrossedLine[];
  /** What must grow for a second alarm. */
  readonly level: ReadonlyMap<string, bigint>;
  /** The payments behind it. */
  readonly fits: (payment: Payment) => boolean;
}

/** S1 at the end of a block: what the destinations and assets paid in it have come to inside the window. */
export function judgeOutflow(
  outflow: Outflow,
  wallet: WatchedWallet,
  limits: Thresholds,
  paidTo: ReadonlySet<string>,
  paidOf: ReadonlySet<AssetId>,
  now: UnixSeconds,
): Crossing[] {
  const judge = new Judge(outflow, wallet, limits, paidOf, now);
  const crossings = [...paidTo].flatMap((to) => judge.destination(to));
  crossings.push(...judge.spread(), ...judge.halved(), ...judge.depleted());
  return crossings;
}

interface JudgedAsset {
  readonly id: AssetId;
  readonly sum: bigint;
  readonly usual: bigint | null;
  readonly held: bigint | null;
  readonly share: number | null;
  readonly jump: number | null;
  /** Times the largest share that any destination took of what was held. */
  readonly lossJump: number | null;
  readonly emptied: boolean;
}

class Judge {
  readonly #outflow: Outflow;
  readonly #wallet: WatchedWallet;
  readonly #limits: Thresholds;
  readonly #paidOf: ReadonlySet<AssetId>;
  readonly #now: UnixSeconds;

  constructor(
    outflow: Outflow,
    wallet: WatchedWallet,
    limits: Thresholds,
    paidOf: ReadonlySet<AssetId>,
    now: UnixSeconds,
  ) {
    this.#outflow = outflow;
    this.#wallet = wallet;
    this.#limits = limits;
    this.#paidOf = paidOf;
    this.#now = now;
  }

  destination(to: string): Crossing[] {
    const open = this.#outflow.open.get(to);
    const firstPaid = this.#outflow.destinations.get(to);
    if (open === undefined) return [];
    const fresh = firstPaid === undefined || this.#now - firstPaid <= this.#limits.windowSeconds;
    const assets = this.#assetsOf(open, fresh);
    if (assets.some(({ emptied }) => emptied)) this.#markEmptied(to, assets);
    const crossed = fresh ? this.#freshLines(assets, open.payments) : this.#knownLines(to, assets);
    if (crossed.length > 0) return [this.#crossing('drain', to, assets, crossed)];
    const emptied = assets.filter((asset) => asset.emptied);
    if (!fresh || emptied.length === 0 || !this.#emptiedIsNew()) return [];
    const line: CrossedLine = {
      what: 'share of held',
      value: highest(emptied, 'share'),
      limit: this.#limits.emptiedShare,
    };
    return [this.#crossing('emptied', to, emptied, [line])];
  }

  #assetsOf(open: Open, fresh: boolean): JudgedAsset[] {
    const judged: JudgedAsset[] = [];
    for (const [id, { sum }] of open.sums) {
      if (!this.#counts(id, sum)) continue;
      const asset = this.#outflow.assets.get(id)!;
      const held = baseOf(asset);
      const share = lossShare(asset, sum);
      const usual = this.#usual(asset, fresh);
      const jump = usual === null ? null : ratio(sum, usual);
      const lossJump = this.#lossJump(asset, share);
      judged.push({ id, sum, usual, held, share, jump, lossJump, emptied: fresh && this.#isEmptied(asset, share) });
    }
    return judged;
  }

  /** The most any destination got; for a fresh one the best paid is left out, unless there is no other. */
  #usual(asset: AssetPast, fresh: boolean): bigint | null {
    if (asset.ranking === null || asset.payments < this.#limits.minPastPayments) return null;
    const { first, second } = asset.ranking;
    const usual = second === 0n || !fresh ? first : second;
    return usual === 0n ? null : usual;
  }

  #lossJump({ losses, payments }: AssetPast, part: number | null): number | null {
    if (losses === null || part === null || payments < this.#limits.minPastPayments) return null;
    const usual = Number(losses.second === 0n ? losses.first : losses.second) / 1e6;
    return usual === 0 ? null : part / usual;
  }

  /**
   * Nearly all of what it held goes to a destination it never paid, and its past does not speak for that: it has paid hardly
   * anything (of this asset), and did not just get it; or it pays a few destinations only.
   */
  #isEmptied(asset: AssetPast, share: number | null): boolean {
    const { emptiedShare, holdingSeconds, minPastPayments } = this.#limits;
    if (share === null || share < emptiedShare) return false;
    const few = this.#outflow.payments >= minPastPayments && this.#outflow.destinations.size <= FEW_DESTINATIONS + 1;
    const patient = asset.since !== null && this.#now - asset.since >= holdingSeconds;
    return few || (patient && asset.payments < minPastPayments);
  }

  #emptiedIsNew(): boolean {
    const { payments, emptied } = this.#outflow;
    return payments < this.#limits.minPastPayments || emptied < EMPTIED_USUAL;
  }

  #markEmptied(to: string, assets: readonly JudgedAsset[]): void {
    const emptied = new Set(assets.filter((asset) => asset.emptied).map(({ id }) => id));
    const { window, from } = this.#outflow;
    for (let at = window.length - 1; at >= from && emptied.size > 0; at -= 1) {
      const payment = window[at]!;
      if (payment.to !== to || !emptied.delete(payment.asset)) continue;
      const already = window.slice(from).some((each) => each.to === to && each.asset === payment.asset && each.emptied);
      if (!already) payment.emptied = true;
    }
  }

  #freshLines(assets: readonly JudgedAsset[], payments: number): CrossedLine[] {
    const { strongJump, jump, minShare, halfShare, lossJump, timesJump } = this.#limits;
    const jumps = assets.filter((asset) => (asset.share ?? 1) >= minShare);
    const best = highest(jumps, 'jump') ?? 0;
    if (best >= strongJump) return [times(best, strongJump)];
    const halves = jumps.filter(({ share: part, jump: sum }) => (part ?? 0) >= halfShare && (sum ?? 0) >= jump);
    if (halves.length > 0) {
      return [times(highest(halves, 'jump') ?? 0, jump), share(highest(halves, 'share') ?? 0, halfShare)];
    }
    const losses = jumps.filter((asset) => (asset.share ?? 0) >= halfShare && (asset.lossJump ?? 0) >= lossJump);
    if (losses.length > 0) {
      const value = highest(losses, 'lossJump');
      return [
        { what: 'times the usual share', value, limit: lossJump },
        share(highest(losses, 'share') ?? 0, halfShare),
      ];
    }
    const usualKinds = Math.max(1, Number(this.#outflow.kinds.second));
    if (best >= jump && assets.length > usualKinds) {
      return [times(best, jump), { what: 'kinds of assets', value: assets.length, limit: usualKinds + 1 }];
    }
    const part = highest(jumps, 'share');
    const many = Math.max(MANY_PAYMENTS, timesJump * Number(this.#outflow.times.second) + 1);
    if (part === null || payments < many || this.#outflow.payments < this.#limits.minPastPayments) return [];
    return [{ what: 'payments', value: payments, limit: many }, share(part, minShare)];
  }

  #knownLines(to: string, assets: readonly JudgedAsset[]): CrossedLine[] {
    const { strongJump, minShareKnown } = this.#limits;
    const jumps = assets.filter((asset) => (asset.share ?? 0) >= minShareKnown);
    const best = highest(jumps, 'jump');
    return best === null || best < strongJump || this.#bestPaid(to) ? [] : [times(best, strongJump)];
  }

  /** Whether a destination got more of some asset than all others: where a cold wallet is filled, sums of any size are usual. */
  #bestPaid(to: string): boolean {
    for (const { ranking, payments } of this.#outflow.assets.values()) {
      if (ranking?.receiver === to && payments >= this.#limits.minPastPayments) return true;
    }
    return false;
  }

  /** Many fresh destinations that get many more large payments than such ever did. */
  spread(): Crossing[] {
    const { minPastPayments, spreadShare, spreadJump, spreadLarge } = this.#limits;
    const amounts: AlarmAmount[] = [];
    let crossed: readonly CrossedLine[] = [];
    for (const id of this.#paidOf) {
      const asset = this.#outflow.assets.get(id)!;
      const { freshLarge, freshPayments, largePeak, freshOut, payments } = asset;
      const limit = Math.max(SPREAD_PAYMENTS, spreadJump * largePeak);
      if (payments < minPastPayments || freshLarge < limit || freshLarge < spreadLarge * freshPayments) continue;
      const part = lossShare(asset, freshOut);
      if (part === null || part < spreadShare || !this.#counts(id, freshOut)) continue;
      if (amounts.length === 0) {
        crossed = [{ what: 'large payments', value: freshLarge, limit }, share(part, spreadShare)];
      }
      amounts.push(this.#freshAmount(id, asset));
    }
    return amounts.length === 0 ? [] : [this.#freshCrossing('spread', amounts, crossed)];
  }

  /** Less is left than payments ever left, and half went to fresh destinations. */
  depleted(): Crossing[] {
    const { halfShare, lowShare, minPastPayments } = this.#limits;
    const amounts: AlarmAmount[] = [];
    let lowest = 1;
    for (const id of this.#paidOf) {
      const asset = this.#outflow.assets.get(id)!;
      if (asset.payments < minPastPayments || (lossShare(asset, asset.freshOut) ?? 0) < halfShare) continue;
      const low = usualLow(asset) ?? 0n;
      const left = low === 0n ? 1 : ratio(asset.held, low);
      if (left >= lowShare || !this.#counts(id, asset.freshOut)) continue;
      lowest = Math.min(lowest, left);
      amounts.push(this.#freshAmount(id, asset));
    }
    const crossed: CrossedLine[] = [{ what: 'left of the usual low', value: lowest, limit: lowShare }];
    return amounts.length === 0 ? [] : [this.#freshCrossing('depleted', amounts, crossed)];
  }

  /** Many kinds of assets half emptied towards fresh destinations inside one window, twice as many as ever. */
  halved(): Crossing[] {
    const { halvedNow, halvedPeak, assets } = this.#outflow;
    const limit = Math.max(HALVED_ASSETS, 2 * halvedPeak);
    if (halvedNow < limit) return [];
    const amounts: AlarmAmount[] = [];
    for (const [id, asset] of assets) {
      if (asset.halved && this.#counts(id, asset.freshOut)) amounts.push(this.#freshAmount(id, asset));
    }
    const crossed: CrossedLine[] = [{ what: 'assets half emptied', value: amounts.length, limit }];
    return amounts.length < limit ? [] : [this.#freshCrossing('assets', amounts, crossed)];
  }

  #counts(id: AssetId, sum: bigint): boolean {
    return sum >= (this.#wallet.minOutflow.get(id) ?? 0n);
  }

  #freshAmount(asset: AssetId, past: AssetPast): AlarmAmount {
    const usual = past.freshPeak === 0n ? null : past.freshPeak;
    return { asset, amount: past.freshOut, usual, held: baseOf(past) };
  }

  /** All fresh destinations together: one condition of the wallet, which alarms again when an asset's sum or their number grows. */
  #freshCrossing(rule: DrainRule, amounts: readonly AlarmAmount[], crossed: readonly CrossedLine[]): Crossing {
    const assets = new Set(amounts.map(({ asset }) => asset));
    const parts = amounts.map(({ asset, amount }) => lossShare(this.#outflow.assets.get(asset)!, amount) ?? 0);
    return {
      rule,
      condition: '',
      severity: severityOf(Math.max(...parts)),
      amounts,
      crossed,
      level: levelOf(amounts),
      fits: (payment) => payment.fresh && assets.has(payment.asset),
    };
  }

  #crossing(rule: DrainRule, to: string, assets: readonly JudgedAsset[], crossed: readonly CrossedLine[]): Crossing {
    const amounts = assets.map(({ id, sum, usual, held }) => ({ asset: id, amount: sum, usual, held }));
    return {
      rule,
      condition: to,
      severity: severityOf(highest(assets, 'share') ?? 0),
      amounts,
      crossed,
      level: levelOf(amounts),
      fits: (payment) => payment.to === to,
    };
  }
}

function levelOf(amounts: readonly AlarmAmount[]): ReadonlyMap<string, bigint> {
  const level = new Map(amounts.map(({ asset, amount }) => [asset, amount]));
  return level.set('kinds', BigInt(amounts.length));
}

function severityOf(part: number): Severity {
  return part >= 0.5 ? 'critical' : 'high';
}

function times(value: number, limit: number): CrossedLine {
  return { what: 'times the usual', value, limit };
}

function share(value: number, limit: number): CrossedLine {
  return { what: 'share of held', value, limit };
}

function highest(assets: readonly JudgedAsset[], field: 'jump' | 'share' | 'lossJump'): number | null {
  let best: number | null = null;
  for (const asset of assets) {
    const value = asset[field];
    if (value !== null && (best === null || value > best)) best = value;
  }
  return best;
}
