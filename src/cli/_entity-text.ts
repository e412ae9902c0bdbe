import { formatAmount } from '../base/money.ts';
import { formatTime, type UnixSeconds } from '../base/time.ts';
import { visibleText } from '../base/visible-text.ts';
import type { DepositReport, EntityReport, JoinsReport, MaybeReport, RefusalSide } from '../exposure/entity-report.ts';
import { nativeAsset } from '../model/asset.ts';
import { requireChain } from '../model/chain.ts';
import type { Label } from '../model/label.ts';

/** A report for a terminal. Text from labels cannot move the cursor. */
export function entityText(report: EntityReport): string {
  const lines = [
    ...headLines(report),
    ...labelLines(report),
    ...(report.deposit === null ? [] : depositLines(report, report.deposit)),
    ...(report.joins === null ? [] : joinLines(report.joins, report)),
    ...paidLines(report),
    ...(report.maybe === null ? [] : maybeLines(report.maybe)),
    ...refusalLines(report),
    ...indexLines(report),
  ];
  return `${lines.map(visibleText).join('\n')}\n`;
}

/** As above, for programs: bigints as decimal text. */
export function entityJson(report: EntityReport): string {
  const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
  return `${JSON.stringify(report, plain, 1)}\n`;
}

function headLines({ chain, address, entity, service, members }: EntityReport): string[] {
  const { name, simulated } = requireChain(chain);
  const { count, first } = members;
  const more = count - first.length;
  return [
    `entity ${entity} on ${name}${simulated ? ' (SIMULATED)' : ''}: ${plural(count, 'address', 'addresses')}`,
    ...(service === null ? [] : [`service: ${service.name} (${service.category})`]),
    ...(count === 1
      ? ['  nothing joins it to another address']
      : first.map((each) => `  ${each}${each === address ? '  (asked for)' : ''}`)),
    ...(count > 1 && more > 0 ? [`  and ${more.toLocaleString('en')} more (--limit N)`] : []),
  ];
}

function labelLines({ labels }: EntityReport): string[] {
  if (labels.length === 0) return ['', 'labels: none'];
  return ['', 'labels', ...labels.map(({ address, label }) => `  ${address}  ${labelText(label)}`)];
}

function labelText({ status, category, label, actor, confidence, firstListed, lastListed, list }: Label): string {
  const day = (time: UnixSeconds | null): string => (time === null ? 'undated' : formatTime(time).slice(0, 10));
  const facts = [status, category, label, ...(actor === null ? [] : [`actor ${actor}`]), `confidence ${confidence}`];
  return `${facts.join(' | ')}; listed ${day(firstListed)} to ${day(lastListed)} by ${list.source} (${list.fileName})`;
}

function depositLines({ chain }: EntityReport, deposit: DepositReport): string[] {
  const { service, payments } = deposit;
  return [
    '',
    `deposit address of ${service.name} (${service.category}), confidence ${confidenceText(deposit.confidence)}: ${passedOn(deposit)}`,
    '  (deposit address reuse, Victor 2020; a figure of the rule, not a measured probability)',
    `  paid by ${list(deposit.senders)}`,
    ...payments.map(
      ({ tx, from, to, time, amount, asset }) =>
        `  ${formatTime(time)}  ${from ?? 'outside'} → ${to}  ${amountText(amount, asset, chain)}  ${tx ?? 'no transaction id'}`,
    ),
  ];
}

/** However many payments agree, it is not certain. */
function confidenceText(confidence: number): string {
  return Math.min(confidence, 0.99).toFixed(2);
}

function passedOn({ forwards, toService, outgoing, firstTime, lastTime }: Omit<DepositReport, 'payments'>): string {
  const days = `${formatTime(firstTime).slice(0, 10)} to ${formatTime(lastTime).slice(0, 10)}`;
  return `${toService} of ${outgoing} payments go there, ${forwards} right after as much came in (${days})`;
}

function amountText(amount: bigint, asset: string, chain: string): string {
  const native = nativeAsset(chain);
  return asset === native.id
    ? `${formatAmount(amount, native.decimals ?? 0)} ${native.symbol}`
    : `${amount} base units of ${asset}`;
}

function joinLines({ transactions, needed, mixes, whole, first }: JoinsReport, { address }: EntityReport): string[] {
  if (transactions === 0 && mixes === 0) return [];
  const of = whole ? '' : ` of ${address} alone: the entity is too large to read whole`;
  const head = `joined by multi-input: ${plural(transactions, 'transaction', 'transactions')}${of}, of which these brought addresses together`;
  return [
    '',
    ...(transactions === 0 ? [] : [head]),
    ...first.map(
      ({ tx, time, members }) => `  ${formatTime(time)}  ${tx ?? 'no longer in the store'}  ${members.join(', ')}`,
    ),
    ...(needed > first.length ? [`  and ${(needed - first.length).toLocaleString('en')} more`] : []),
    ...(mixes === 0
      ? []
      : [`${plural(mixes, 'CoinJoin', 'CoinJoins')} or transactions of several owners left out: they join nobody`]),
  ];
}

function paidLines({ depositsPaid: { count, first } }: EntityReport): string[] {
  if (count === 0) return [];
  return [
    '',
    'pays into deposit addresses (who pays into one is taken for one customer)',
    ...first.map(
      (each) =>
        `  ${each.address} of ${each.service.name}, confidence ${confidenceText(each.confidence)}, paid by ${list(each.senders)}`,
    ),
    ...(count > first.length ? [`  and ${(count - first.length).toLocaleString('en')} more`] : []),
  ];
}

function list({ count, first }: { readonly count: number; readonly first: readonly string[] }): string {
  return `${first.join(', ')}${count > first.length ? ` and ${(count - first.length).toLocaleString('en')} more` : ''}`;
}

function maybeLines({ count, transactions, first }: MaybeReport): string[] {
  if (count === 0) return [];
  const part =
    transactions.read < transactions.all ? ` (the first ${transactions.read} of ${transactions.all} transactions)` : '';
  return [
    '',
    `maybe also, as it took what looks like change${part}: evidence that joins nobody`,
    ...first.flatMap(({ address, weight, signs }) => [
      `  ${address}  weight ${weight}`,
      ...signs.map(
        (sign) => `    +${sign.weight} ${sign.heuristic}: ${sign.reason} (${sign.tx ?? 'no longer in the store'})`,
      ),
    ]),
    ...(count > first.length ? [`  and ${(count - first.length).toLocaleString('en')} more`] : []),
  ];
}

function refusalLines({ refusals: { count, first } }: EntityReport): string[] {
  if (count === 0) return [];
  return [
    '',
    `refused by the collapse guard: ${plural(count, 'union', 'unions')}`,
    ...first.map(
      ({ tx, time, reason, a, b }) =>
        `  ${formatTime(time)}  ${tx ?? ''}  ${side(a)} with ${side(b)}: ${reason === 'services' ? 'two services' : 'two very large clusters'}`,
    ),
    ...(count > first.length ? [`  and ${(count - first.length).toLocaleString('en')} more`] : []),
  ];
}

function side({ address, service, size }: RefusalSide): string {
  return `${address} (${service ?? 'no service'}, ${plural(size, 'address', 'addresses')})`;
}

function indexLines({ index }: EntityReport): string[] {
  const { addresses, clusters, largest, mixes, deposits, labelsUnseen, labelsContradicting } = index;
  const facts = [
    `${addresses.toLocaleString('en')} addresses`,
    `${clusters.toLocaleString('en')} entities of several (the largest of ${largest.toLocaleString('en')})`,
    ...(mixes > 0 ? [`${plural(mixes, 'mix', 'mixes')} left out`] : []),
    ...(deposits > 0 ? [plural(deposits, 'deposit address', 'deposit addresses')] : []),
    ...(labelsUnseen > 0 ? [`${plural(labelsUnseen, 'label', 'labels')} of services for addresses never seen`] : []),
    ...(labelsContradicting > 0
      ? [`${plural(labelsContradicting, 'address', 'addresses')} labelled as two services`]
      : []),
  ];
  return ['', `chain: ${facts.join('; ')}`];
}

function plural(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
