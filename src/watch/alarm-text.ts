import { formatAmount } from '../base/money.ts';
import { formatTime } from '../base/time.ts';
import type { Alarm, AlarmAmount, CrossedLine } from '../detect/alarm.ts';
import type { Asset, AssetId } from '../model/asset.ts';

/** Symbol and decimals of the assets met; what is missing is printed in base units, and said so. */
export type Units = ReadonlyMap<AssetId, Pick<Asset, 'symbol' | 'decimals'>>;

/** Exact: 12.5 ETH; `1250 base units of eip155:1/erc20:0x…` where nobody knows the decimals. */
export function amountText(amount: bigint, asset: AssetId, units: Units): string {
  const unit = units.get(asset);
  if (unit === undefined || unit.decimals === null) return `${amount} base units of ${asset}`;
  return `${formatAmount(amount, unit.decimals)} ${unit.symbol}`;
}

/** One sentence: who, what, how far from usual, and what the alarm follows where it is one that grew. */
export function alarmSummary(alarm: Alarm, units: Units): string {
  const wallet = alarm.name === null ? alarm.wallet : `${alarm.name} (${alarm.wallet})`;
  const lines = alarm.crossed.map(crossedText).filter((line) => line !== '');
  const why = lines.length === 0 ? '' : `: ${lines.join(', ')}`;
  const again = alarm.again === null ? '' : `; grown ${round(alarm.again.times)} times since ${alarm.again.of}`;
  return `${wallet} ${happened(alarm, units)}${why}${again}`;
}

function happened(alarm: Alarm, units: Units): string {
  const [first = 'nobody'] = alarm.others;
  const other = first === '(unseen)' ? 'a destination that the source does not show' : first;
  const [amount] = alarm.amounts;
  const what = amount === undefined ? '' : ` ${amountText(amount.amount, amount.asset, units)}`;
  switch (alarm.rule) {
    case 'drain':
    case 'emptied':
      return `paid ${other} ${paid(alarm, units)}`;
    case 'depleted':
      return `is running empty: ${alarm.otherCount} destinations first paid in the window got ${paid(alarm, units)}`;
    case 'spread':
      return `paid ${alarm.otherCount} destinations first paid in the window ${paid(alarm, units)}`;
    case 'assets':
      return `lost half or more of ${alarm.amounts.length} kinds of assets to ${alarm.otherCount} destinations first paid in the window: ${paid(alarm, units)}`;
    case 'more':
      return 'pays further destinations far more than usual; these alarms are counted, not printed';
    case 'approval':
    case 'permit':
      return `allowed ${other} to take${what}`;
    case 'approvalForAll':
      return `allowed ${other} to take all tokens of ${amount?.asset ?? 'a collection'}`;
    default:
      return AUTHORITY[alarm.rule].replace('%', other);
  }
}

const AUTHORITY = {
  safeOwnerAdded: 'has a new owner, %',
  safeOwnerRemoved: 'lost an owner, %',
  safeThreshold: 'needs another number of signatures',
  safeModuleEnabled: 'has a new module, %, which may move everything without signatures',
  safeModuleDisabled: 'lost its module %',
  safeGuard: 'has another guard: %',
  safeFallbackHandler: 'has another fallback handler: %',
  safeMasterCopy: 'runs other code now: master copy %',
  delegatecall: 'ran the code of % as its own (delegatecall), which may change anything in it',
  ownershipTransferred: 'has a new owner, %',
  proxyUpgraded: 'runs other code now: implementation %',
} as const;

const LISTED_AMOUNTS = 5;

function paid({ amounts, payments }: Alarm, units: Units): string {
  const listed = amounts.slice(0, LISTED_AMOUNTS).map((amount) => amountLine(amount, units));
  if (amounts.length > LISTED_AMOUNTS) listed.push(`and ${amounts.length - LISTED_AMOUNTS} more kinds`);
  return `${listed.join(', ')} in ${payments} ${payments === 1 ? 'payment' : 'payments'}`;
}

function amountLine({ asset, amount, held, usual }: AlarmAmount, units: Units): string {
  const parts: string[] = [];
  if (held !== null) parts.push(`of ${amountText(held, asset, units)} held`);
  if (usual !== null) parts.push(`at most ${amountText(usual, asset, units)} before`);
  return `${amountText(amount, asset, units)}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
}

function crossedText({ what, value, limit }: CrossedLine): string {
  const shown = value === null ? '' : round(value);
  switch (what) {
    case 'times the usual':
      return `${shown} times the most that others got (line ${limit})`;
    case 'times the usual share':
      return `${shown} times the largest share that others took of what it held (line ${limit})`;
    case 'share of held':
      return `${percent(value)} of what it held is gone (line ${percent(limit)})`;
    case 'left of the usual low':
      return `${percent(value)} of the usual low is left (line ${percent(limit)})`;
    case 'payments':
    case 'large payments':
    case 'kinds of assets':
    case 'assets half emptied':
      return `${shown} ${what} (line ${limit})`;
    case 'alarms':
      return `${shown} so far, beyond ${limit} in a window`;
    case 'changed':
      return value === null ? '' : `${limit === null ? 'now' : `from ${limit} to`} ${shown}`;
    case 'first seen':
      return 'never seen before here';
    case 'unlimited':
      return 'without limit';
    case 'above holdings':
      return 'more than it holds';
    case 'above limit':
      return 'above the limit set for it';
  }
}

function round(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Math.round(value * 100) / 100);
}

function percent(value: number | null): string {
  return `${Math.round((value ?? 0) * 1000) / 10} %`;
}

/** Lines for a terminal: the sentence, then the evidence. Text from outside is made visible by who prints. */
export function alarmLines(alarm: Alarm, units: Units): string[] {
  const at = `${formatTime(alarm.lastTime)}  ${alarm.chain} block ${alarm.block}`;
  const head = `${at}: ${alarm.signature} ${alarm.severity.toUpperCase()} ${alarm.rule}: ${alarmSummary(alarm, units)}`;
  const more = alarm.txCount > alarm.txs.length ? ` and ${alarm.txCount - alarm.txs.length} more` : '';
  const since = alarm.firstTime === alarm.lastTime ? '' : `, since ${formatTime(alarm.firstTime)}`;
  return [head, `  evidence: ${alarm.txs.join(' ') || 'no transaction named'}${more}${since}; ${pastText(alarm.past)}`];
}

export function pastText({ payments, destinations, since }: Alarm['past']): string {
  if (since === null) return 'no past';
  return `past: ${payments} payments to ${destinations} destinations since ${formatTime(since)}`;
}

/** The alarm as JSON takes it: amounts as exact text in base units, and in whole units where the decimals are known. */
export function alarmRecord(alarm: Alarm, units: Units): Record<string, unknown> {
  return {
    event: 'alarm',
    ...alarm,
    summary: alarmSummary(alarm, units),
    amounts: alarm.amounts.map(({ asset, amount, usual, held }) => ({
      asset,
      symbol: units.get(asset)?.symbol ?? null,
      decimals: units.get(asset)?.decimals ?? null,
      amount: amount.toString(),
      usual: usual?.toString() ?? null,
      held: held?.toString() ?? null,
      text: amountText(amount, asset, units),
    })),
    firstTime: formatTime(alarm.firstTime),
    lastTime: formatTime(alarm.lastTime),
    block: alarm.block.toString(),
    past: { ...alarm.past, since: alarm.past.since === null ? null : formatTime(alarm.past.since) },
  };
}
