import { visibleText } from '../base/visible-text.ts';
import { requireAsset } from '../model/asset.ts';
import { type ChainId, requireChain } from '../model/chain.ts';
import type { LabelFact, PathFact } from '../screen/facts.ts';
import { amountText } from '../screen/request.ts';
import type { Reason, Verdict } from '../screen/verdict.ts';

/** Steps of a path that are printed; --json has all. */
const MAX_STEPS = 12;

/** A verdict for a terminal: what was decided, why, and as of what. `id` null: nothing was kept. Text from labels cannot move the cursor. */
export function screenedText(verdict: Verdict, id: string | null): string {
  const { request, decision, score, reasons, tested, facts, at } = verdict;
  const { chain, asOf } = request;
  const asOfText = asOf === null ? '' : `, labels as of ${asOf}`;
  const entities = facts.flatMap(({ entity }) => (entity === null ? [] : [entity]));
  const lines = [
    `${decision} ${score}  ${request.address} on ${requireChain(chain).name}${asOfText}`,
    id === null ? `looked up ${at}; nothing was kept` : `verdict ${id}, ${at}`,
    ...entities.map(({ id: entity, size, why }) => `entity ${entity}, ${size} addresses: ${why}`),
    '',
    ...(reasons.length === 0 ? ['no rule fired'] : reasons.flatMap((reason) => reasonLines(reason, chain))),
    ...(tested.length === 0 ? [] : ['', 'in test mode, deciding nothing']),
    ...tested.flatMap((reason) => reasonLines(reason, chain)),
    ...facts.flatMap(({ address, missing }) => missing.map((text) => `not looked at, of ${address}: ${text}`)),
    '',
    ...basisLines(verdict),
  ];
  return `${lines.map(visibleText).join('\n')}\n`;
}

function reasonLines({ rule, ruleVersion, decision, score, text, label, path }: Reason, chain: ChainId): string[] {
  return [
    `${rule} v${ruleVersion}, ${decision} ${score}: ${text}`,
    ...(label === null ? [] : labelLines(label)),
    ...(path === null ? [] : pathLines(path, chain)),
  ];
}

function labelLines(label: LabelFact): string[] {
  const { category, actor, programmes, confidence, source, file, url, listed, ended, via, saidOf, caseLost } = label;
  const facts = [
    category,
    label.label,
    ...(actor === null ? [] : [`actor ${actor}`]),
    ...(programmes.length === 0 ? [] : [`programmes ${programmes.join(', ')}`]),
    `confidence ${confidence}`,
    ...(via === null ? [] : [`of ${via}, same entity`]),
    ...(saidOf === null ? [] : [`said of ${saidOf}`]),
  ];
  const dates = `listed ${day(listed)}${ended === null ? '' : `, gone from the edition of ${day(ended)}`}`;
  return [
    `  label: ${facts.join(' | ')}`,
    `    ${dates}; source ${[source, file, url].filter((text) => text !== null).join(' ')}`,
    ...(caseLost ? ['    the source lower-cased this address: it is equal but for upper and lower case'] : []),
  ];
}

function day(time: string | null): string {
  return time === null ? 'undated' : time.slice(0, 10);
}

function pathLines({ amount, origin, label, steps }: PathFact, chain: ChainId): string[] {
  const asset = steps[0]?.asset;
  const carried = asset === undefined ? amount : baseText(amount, asset, chain);
  return [
    `  path: ${carried} by ${steps.length} ${steps.length === 1 ? 'payment' : 'payments'}, ${origin}${label === null ? '' : ` (${label})`}`,
    ...steps
      .slice(0, MAX_STEPS)
      .map(
        (step) =>
          `    ${step.time} ${step.tx ?? 'no transaction'} ${step.from ?? '?'} -> ${step.to ?? '?'} ${baseText(step.amount, step.asset, chain)}`,
      ),
    ...(steps.length > MAX_STEPS ? [`    and ${steps.length - MAX_STEPS} more: --json has them`] : []),
  ];
}

function baseText(amount: string, asset: string, chain: ChainId): string {
  return amountText(BigInt(amount), requireAsset(asset, asset.includes('/') ? asset.split('/', 1)[0]! : chain));
}

function basisLines({ basis }: Verdict): string[] {
  const { labels, rules, chain, exposure, traces, software } = basis;
  return [
    `labels ${labels.hash.slice(0, 12)} (${labels.lists} lists), rules ${rules.hash.slice(0, 12)} ${rules.name}, ${traces.cases} cases, ${software}`,
    chain.time === null
      ? 'no transfer of this chain is stored'
      : `chain to block ${chain.block ?? 'not known'}, ${chain.time}`,
    exposure === null
      ? 'no exposure table of this chain: haetae exposure build makes one'
      : `exposure ${exposure.hash.slice(0, 12)} to ${exposure.until ?? 'no time'}${exposure.behind === 0 ? '' : `, ${exposure.behind} segments behind`}`,
  ];
}
