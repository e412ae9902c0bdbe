import { formatAmount } from '../base/money.ts';
import type { Asset } from '../model/asset.ts';
import type { Match, Scene } from './evaluate-match.ts';
import { sayAmount } from './rule-amount.ts';
import type { Reason } from './verdict.ts';

/** One sentence that a person can repeat: what was found, of how much, said by whom and when. */
export function sentence(match: Match, scene: Scene, cumulative: Reason['cumulative']): string {
  const tail = [amountPart(match, scene), sumPart(match, cumulative), ...doubts(match)].filter((part) => part !== '');
  return `${[opening(match), ...tail].join('; ')}.`;
}

function opening(match: Match): string {
  if (match.exposure !== null) return exposurePart(match);
  if (match.label !== null) return labelPart(match);
  if (match.trace !== null) return tracePart(match);
  const { address } = match.facts;
  if (match.signature === null) return `${address} is the counterparty`;
  const { id, name, summary, lastTime } = match.signature;
  return `${address} shows the laundering signature ${id} (${name}), last on ${day(lastTime)}: ${trimmed(summary)}`;
}

function labelPart({ facts, label }: Match): string {
  const { category, programmes, source, listed, confidence, via } = label!;
  const bearer = via === null ? facts.address : `${via}, of the same entity as ${facts.address},`;
  const programme = programmes.length === 0 ? '' : `, programmes ${programmes.join(', ')}`;
  const date = listed === null ? 'undated' : `since ${day(listed)}`;
  const on = `${source} (confidence ${confidence}) lists it, ${date}`;
  const chain = label!.saidOf === null ? '' : ` on ${label!.saidOf}`;
  return `${bearer} is labelled ${category}: ${trimmed(label!.label)}${programme}; ${on}${chain}`;
}

function tracePart({ facts, trace }: Match): string {
  const did = { holds: 'holds money', service: 'is a service that took in money', passed: 'passed on money' } as const;
  const { role, title, stolenAt, method, hops, simulated } = trace!;
  const away = hops === null ? '' : `, ${hops} ${hops === 1 ? 'payment' : 'payments'} away`;
  return `${facts.address} ${did[role]} of the ${simulated ? 'simulated ' : ''}theft ${trimmed(title)} of ${day(stolenAt)} (case ${trace!.case}, ${method}${away})`;
}

function exposurePart({ facts, exposure, parts, path, hops }: Match): string {
  const { side, category } = exposure!;
  const from = path?.label ? ` (${trimmed(path.label)})` : '';
  const through = hops === null ? '' : hops === 1 ? ', straight' : `, over ${hops} payments`;
  const share = `${formatAmount(parts!, 4)} %`;
  return side === 'received'
    ? `${share} of what ${facts.address} received came from ${category}${from}${through}`
    : `${share} of what ${facts.address} sent went to ${category}${from}${through}`;
}

function amountPart({ amount, upper, asset, exposure, trace }: Match, scene: Scene): string {
  if (amount === null || asset === null) return '';
  const said = say(amount, asset, scene);
  if (!scene.transfer || upper === null) return exposure === null && trace === null ? '' : `that is ${said}`;
  const { direction } = scene.evidence.request;
  return `of this ${direction ?? 'transfer'} ${said} ${amount === 1n ? 'falls' : 'fall'} under it`;
}

function say(amount: bigint, asset: Asset, { asset: asked, evidence: { request } }: Scene): string {
  const symbol = asset === asked ? (request.symbol ?? asset.symbol) : asset.symbol;
  return sayAmount(amount, { decimals: asset.decimals, symbol });
}

function sumPart({ asset }: Match, cumulative: Reason['cumulative']): string {
  if (cumulative === null || asset === null) return '';
  const { days, transfers } = cumulative;
  const sum = sayAmount(BigInt(cumulative.amount), asset);
  return `with ${transfers} ${transfers === 1 ? 'transfer' : 'transfers'} in ${days} days it adds up to ${sum}, the limit is ${sayAmount(BigInt(cumulative.limit), asset)}`;
}

function doubts({ listedAfter, unsure, label }: Match): string[] {
  return [
    ...(listedAfter ? ['it was listed only after the transfer'] : []),
    ...(label?.caseLost === true ? ['the list lower-cased the address: equal but for upper and lower case'] : []),
    ...(unsure ? ['what the rule limits could not be found out, so a person decides'] : []),
  ];
}

function day(time: string): string {
  return time.slice(0, 10);
}

/** Text from outside on one line, without the full stop that the sentence has of its own. */
function trimmed(text: string): string {
  const line = text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.;]+$/, '');
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}
