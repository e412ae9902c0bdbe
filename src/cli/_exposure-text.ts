import { formatAmount } from '../base/money.ts';
import { formatTime, type UnixSeconds } from '../base/time.ts';
import { visibleText } from '../base/visible-text.ts';
import type { Answer, AssetAnswer } from '../exposure/ask.ts';
import { DUST_SHARE, DUST_TIMES } from '../exposure/dust.ts';
import type { DescribedPath, PathStep } from '../exposure/explain.ts';
import type { Updated } from '../exposure/update.ts';
import type { CategoryExposure, ExposureSide } from '../exposure/vector.ts';
import { type Asset, requireAsset } from '../model/asset.ts';
import { requireChain } from '../model/chain.ts';
import { displayTime, roundedAmount, type Unit } from '../report/amount.ts';

/** Assets printed where none was asked for. */
const MAX_ASSETS = 20;

/** An answer for a terminal. Text from labels cannot move the cursor. */
export function exposureText(answer: Answer): string {
  const shown = answer.assets.slice(0, MAX_ASSETS);
  const more = answer.assets.length - shown.length;
  const lines = [
    ...headLines(answer),
    ...shown.flatMap((asset) => ['', ...assetLines(answer, asset)]),
    ...(shown.length === 0 ? ['', 'no movement of this address up to then'] : []),
    ...(more > 0 ? ['', `and ${more} assets more: --asset names one, --json prints all`] : []),
  ];
  return `${lines.map(visibleText).join('\n')}\n`;
}

function headLines({ chain, address, asOf, category, decision, belongs, span, table }: Answer): string[] {
  const { counts, sources, set } = table;
  const day = (time: UnixSeconds): string => formatTime(time).slice(0, 10);
  const label = decision?.label;
  const said =
    label == null
      ? belongs === null
        ? ''
        : ` (${belongs})`
      : ` (${label.label}; ${label.list.source}, ${label.confidence})`;
  const against = (decision?.against ?? []).map((each) => `${each.category} by ${each.list.source} (${each.label})`);
  const named = [...sources].sort(([, a], [, b]) => b - a).map(([source, count]) => `${source} ${count}`);
  return [
    `${address} on ${requireChain(chain).name}${asOf === null ? '' : `, as of ${displayTime(formatTime(asOf))}`}`,
    `category: ${category ?? 'none'}${said}`,
    ...(against.length > 0 ? [`contradicted: ${against.join('; ')}`] : []),
    ...(span === null ? [] : [`data: ${day(span.from)} to ${day(span.to)}; before and beside them nothing is known`]),
    `labels: ${counts.labelled} addresses of this chain in ${set.names.length} categories${named.length > 0 ? ` (${named.join(', ')})` : ''}` +
      `${counts.belonging > 0 ? `, ${counts.belonging} by entity or deposit address` : ''}`,
    ...countLine(counts.neverSeen, 'labelled addresses never appear in the data'),
    ...countLine(counts.contradicting, 'addresses carry labels that contradict each other'),
    ...countLine(counts.later, 'labels were first listed after that date, and are not used'),
    ...countLine(counts.ended, 'labels no longer held then, and are not used'),
  ];
}

function countLine(count: number, text: string): string[] {
  return count === 0 ? [] : [`        ${count} ${text}`];
}

function assetLines(answer: Answer, { asset, dust, exposure, exact, paths, first, last }: AssetAnswer): string[] {
  const { payments } = exact.figures;
  const span =
    first === null || last === null ? '' : `, ${displayTime(formatTime(first))} to ${displayTime(formatTime(last))}`;
  return [
    `${asset.symbol}${asset.decimals === null ? ' (decimals not known: in base units)' : ''}${span}`,
    ...sideLines('received', exposure.received, asset, paymentsText(payments.large)),
    ...smallLines(exposure.received, asset, dust, payments.small),
    ...sideLines('sent', exposure.sent, asset, paymentsText(payments.sent)),
    ...(exact.sent === 'pass' && payments.sent > 0
      ? ['  (sent: float32, about five digits: its money went too far to follow one by one)']
      : []),
    ...pathLines(answer, { asset, paths, exposure, exact }),
  ];
}

function sideLines(side: string, exposure: ExposureSide, asset: Asset, payments: string): string[] {
  const head = `  ${side} ${amountText(exposure.amount, asset)} in ${payments}`;
  if (exposure.amount === 0 && exposure.categories.length === 0) return [head];
  const known = 1 - exposure.unknown.share;
  const rows = [...exposure.categories, exposure.unknown].map((each) => [
    each.category,
    amountText(each.direct, asset, false),
    amountText(each.indirect, asset, false),
    each.small === 0 ? '-' : `${amountText(each.small, asset, false)} ${each.smallCounts ? 'counted' : 'set aside'}`,
    percentText(each.share),
  ]);
  return [
    `${head}, ${percentText(known)} of it known`,
    ...table([['category', 'direct', 'indirect', 'small', 'share'], ...rows]),
  ];
}

function smallLines(
  { small, categories, unknown }: ExposureSide,
  asset: Asset,
  dust: number,
  payments: number,
): string[] {
  if (payments === 0) return [];
  const counted = [...categories, unknown].filter((each: CategoryExposure) => each.smallCounts && each.small > 0);
  const rule = `a category's small payments count from ${DUST_TIMES} times ${amountText(dust, asset)} on, if they are more than ${percentText(DUST_SHARE)} of the rest`;
  return [
    `  small: ${amountText(small, asset)} in ${paymentsText(payments)} of at most ${amountText(dust, asset)}; ` +
      `${counted.length === 0 ? 'set aside' : `counted: ${counted.map(({ category }) => category).join(', ')}`} (${rule})`,
  ];
}

function pathLines(
  answer: Answer,
  { asset, paths, exposure, exact }: Pick<AssetAnswer, 'asset' | 'paths' | 'exposure' | 'exact'>,
): string[] {
  if (paths.length === 0) return [];
  const carried = paths.reduce((sum, { amount }) => sum + amount, 0);
  const known = exposure.received.categories.reduce((sum, { direct, indirect }) => sum + direct + indirect, 0);
  const searched =
    exact.pathsFrom > 0 ? `; looked for among ways that carry ${amountText(exact.pathsFrom, asset)} and more` : '';
  return [
    `  the ${paths.length === 1 ? 'strongest path carries' : `${paths.length} strongest paths carry`} ${amountText(carried, asset)} of ${amountText(known, asset)} known${searched}`,
    ...paths.flatMap((path, at) => pathText(answer, path, at + 1, asset)),
  ];
}

function pathText(
  { chain }: Answer,
  { category, source, amount, steps }: DescribedPath,
  number: number,
  asset: Asset,
): string[] {
  return [
    `  ${number}. ${category} ${source}: ${amountText(amount, asset)} of it, ${steps.length} ${steps.length === 1 ? 'movement' : 'movements'}`,
    ...steps.map((step) => `     ${stepText(step, chain)}`),
  ];
}

function stepText({ tx, time, block, from, to, asset, amount, arrived }: PathStep, chain: string): string {
  const paid = exactText(amount, asset, chain);
  const got = arrived === null ? '' : ` for ${exactText(arrived.amount, arrived.asset, chain)}`;
  const at = `${displayTime(formatTime(time))}${block === null ? '' : ` block ${block}`}`;
  return `${at}  ${paid}${got}  ${from ?? 'several'} → ${to}  ${tx === null ? 'tx not named' : `tx ${tx}`}`;
}

function exactText(amount: bigint, asset: string, chain: string): string {
  const { decimals, symbol } = requireAsset(asset, chain);
  return `${formatAmount(amount, decimals ?? 0)} ${symbol}`;
}

/** A float of base units, for people. */
function amountText(units: number, asset: Asset, named = true): string {
  const unit: Unit = { symbol: asset.symbol, decimals: asset.decimals };
  const text = units === 0 ? '0' : units < 0.5 ? '<1 unit' : roundedAmount(BigInt(Math.round(units)), unit);
  return named ? `${text} ${asset.symbol}` : text;
}

function paymentsText(count: number): string {
  return `${count} ${count === 1 ? 'payment' : 'payments'}`;
}

function percentText(share: number): string {
  if (share === 0) return '0 %';
  if (share < 5e-5) return '<0.01 %';
  if (share > 0.99995 && share < 1) return '>99.99 %';
  return `${(100 * share).toFixed(2)} %`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map(
    (row) =>
      `    ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ')}`,
  );
}

/** What a build of a table did. */
export function tableText({ facts, how, why }: Updated): string {
  const done =
    how === 'current' ? 'nothing to do' : how === 'grown' ? 'what came since was added' : `computed anew: ${why}`;
  const { counts } = facts;
  return (
    `${requireChain(facts.chain).name}: ${done}\n` +
    `  ${facts.addresses.toLocaleString('en')} addresses, ${facts.steps.toLocaleString('en')} transactions, ${facts.assets.length} assets, ${facts.categories.length} categories\n` +
    `  ${counts.labelled} addresses in a category by label, ${counts.belonging} by entity or deposit address; ` +
    `${counts.neverSeen} labelled ones never appear, ${counts.contradicting} carry labels that contradict\n`
  );
}

/** An answer as one JSON object: amounts in base units as text, exact where they are sums of whole movements. */
export function exposureJson(answer: Answer): string {
  const { table, decision, assets, ...rest } = answer;
  const { counts, sources, digest, set } = table;
  const brief = decision?.label == null ? null : { label: decision.label, against: decision.against };
  const body = {
    ...rest,
    label: brief,
    labels: { ...counts, sources: Object.fromEntries(sources), digest, categories: set.names },
    assets: assets.map(({ asset, dust, exposure, exact, paths, first, last }) => ({
      asset,
      first: first === null ? null : formatTime(first),
      last: last === null ? null : formatTime(last),
      dust,
      payments: exact.figures.payments,
      exact: {
        received: exact.figures.large.total,
        small: exact.figures.small.total,
        sent: exact.figures.sent.total,
        receivedDirect: Object.fromEntries(set.names.map((name, lane) => [name, exact.figures.large.direct[lane]])),
        sentDirect: Object.fromEntries(set.names.map((name, lane) => [name, exact.figures.sent.direct[lane]])),
      },
      received: exposure.received,
      sent: exposure.sent,
      paths: paths.map((path) => ({
        ...path,
        steps: path.steps.map((step) => ({ ...step, time: formatTime(step.time) })),
      })),
    })),
  };
  const text = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
  return `${JSON.stringify(body, text, 1)}\n`;
}
