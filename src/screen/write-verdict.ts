import { assert } from '../base/assert.ts';
import type {
  CounterpartyFacts,
  CumulativeFact,
  EntityFact,
  ExposureFact,
  LabelFact,
  PathFact,
  SignatureFact,
  TraceFact,
} from './facts.ts';
import type { Basis, Reason, Verdict, VerdictRequest } from './verdict.ts';

/**
 * The bytes of a verdict: JSON in UTF-8, fields in the order written here whatever the order they came in, no white space, no field left out. What is
 * answered, stored and compared by a replay.
 */
export function writeVerdict(verdict: Verdict): Uint8Array {
  const { format, id, at, decision, score, previous, cause } = verdict;
  return Buffer.from(
    `{"format":${num(format)},"id":${str(id)},"at":${str(at)},"request":${requestText(verdict.request)}` +
      `,"decision":${str(decision)},"score":${num(score)},"reasons":${list(verdict.reasons, reasonText)}` +
      `,"tested":${list(verdict.tested, reasonText)},"basis":${basisText(verdict.basis)}` +
      `,"facts":${list(verdict.facts, factsText)},"cumulative":${list(verdict.cumulative, cumulativeText)}` +
      `,"previous":${strOrNull(previous)},"cause":${strOrNull(cause)}}`,
    'utf8',
  );
}

/** Nothing in it that JSON writes otherwise. */
const PLAIN = /^[ !#-[\]-~]*$/;

function str(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

function strOrNull(text: string | null): string {
  return text === null ? 'null' : str(text);
}

function num(value: number): string {
  assert(Number.isFinite(value), 'a number of a verdict is finite');
  return value === 0 ? '0' : String(value);
}

function numOrNull(value: number | null): string {
  return value === null ? 'null' : num(value);
}

function boolOrNull(value: boolean | null): string {
  return value === null ? 'null' : value ? 'true' : 'false';
}

function list<Item>(items: readonly Item[], text: (item: Item) => string): string {
  if (items.length === 0) return '[]';
  let joined = `[${text(items[0]!)}`;
  for (let at = 1; at < items.length; at++) joined += `,${text(items[at]!)}`;
  return `${joined}]`;
}

function orNull<Item>(item: Item | null, text: (item: Item) => string): string {
  return item === null ? 'null' : text(item);
}

function requestText(request: VerdictRequest): string {
  return (
    `{"kind":${str(request.kind)},"chain":${str(request.chain)},"address":${strOrNull(request.address)}` +
    `,"direction":${strOrNull(request.direction)},"asset":${strOrNull(request.asset)},"amount":${strOrNull(request.amount)}` +
    `,"decimals":${numOrNull(request.decimals)},"symbol":${strOrNull(request.symbol)},"tx":${strOrNull(request.tx)}` +
    `,"transferAt":${strOrNull(request.transferAt)},"asOf":${strOrNull(request.asOf)}` +
    `,"customer":${strOrNull(request.customer)},"segment":${strOrNull(request.segment)}}`
  );
}

/** One basis stands under thousands of verdicts. */
const BASIS_TEXTS = new WeakMap<Basis, string>();

function basisText(basis: Basis): string {
  let text = BASIS_TEXTS.get(basis);
  if (text === undefined) {
    text = basisTextOf(basis);
    BASIS_TEXTS.set(basis, text);
  }
  return text;
}

function basisTextOf({ labels, rules, chain, exposure, traces, software }: Basis): string {
  return (
    `{"labels":{"hash":${str(labels.hash)},"lists":${num(labels.lists)}}` +
    `,"rules":{"hash":${str(rules.hash)},"name":${str(rules.name)}}` +
    `,"chain":{"block":${strOrNull(chain.block)},"time":${strOrNull(chain.time)}}` +
    `,"exposure":${orNull(exposure, exposureBasisText)}` +
    `,"traces":{"hash":${str(traces.hash)},"cases":${num(traces.cases)}},"software":${str(software)}}`
  );
}

function exposureBasisText({ hash, until, behind }: NonNullable<Basis['exposure']>): string {
  return `{"hash":${str(hash)},"until":${strOrNull(until)},"behind":${num(behind)}}`;
}

function reasonText(reason: Reason): string {
  return (
    `{"rule":${str(reason.rule)},"ruleVersion":${num(reason.ruleVersion)},"title":${str(reason.title)}` +
    `,"decision":${str(reason.decision)},"score":${num(reason.score)},"address":${str(reason.address)}` +
    `,"category":${strOrNull(reason.category)},"entity":${strOrNull(reason.entity)},"link":${strOrNull(reason.link)}` +
    `,"asset":${strOrNull(reason.asset)},"amount":${strOrNull(reason.amount)},"share":${numOrNull(reason.share)}` +
    `,"hops":${numOrNull(reason.hops)},"path":${orNull(reason.path, pathText)},"label":${orNull(reason.label, labelText)}` +
    `,"method":${strOrNull(reason.method)},"listedAfterTransfer":${boolOrNull(reason.listedAfterTransfer)}` +
    `,"cumulative":${orNull(reason.cumulative, sumText)},"text":${str(reason.text)}}`
  );
}

function sumText({ days, amount, limit, transfers }: NonNullable<Reason['cumulative']>): string {
  return `{"days":${num(days)},"amount":${str(amount)},"limit":${str(limit)},"transfers":${num(transfers)}}`;
}

function factsText(facts: CounterpartyFacts): string {
  return (
    `{"address":${str(facts.address)},"chain":${str(facts.chain)},"amount":${strOrNull(facts.amount)}` +
    `,"labels":${list(facts.labels, labelText)},"entity":${orNull(facts.entity, entityText)}` +
    `,"exposures":${list(facts.exposures, exposureText)},"traces":${list(facts.traces, traceText)}` +
    `,"signatures":${list(facts.signatures, signatureText)},"missing":${list(facts.missing, str)}}`
  );
}

function labelText(label: LabelFact): string {
  return (
    `{"category":${str(label.category)},"label":${str(label.label)},"actor":${strOrNull(label.actor)}` +
    `,"programmes":${list(label.programmes, str)},"confidence":${str(label.confidence)},"source":${str(label.source)}` +
    `,"file":${str(label.file)},"url":${strOrNull(label.url)},"listed":${strOrNull(label.listed)}` +
    `,"lastListed":${strOrNull(label.lastListed)},"ended":${strOrNull(label.ended)},"status":${str(label.status)}` +
    `,"atTransfer":${boolOrNull(label.atTransfer)},"caseLost":${boolOrNull(label.caseLost)},"via":${strOrNull(label.via)}` +
    `,"saidOf":${strOrNull(label.saidOf)}}`
  );
}

function entityText({ id, size, why }: EntityFact): string {
  return `{"id":${str(id)},"size":${num(size)},"why":${str(why)}}`;
}

function exposureText(fact: ExposureFact): string {
  return (
    `{"asset":${str(fact.asset)},"side":${str(fact.side)},"category":${str(fact.category)},"direct":${str(fact.direct)}` +
    `,"indirect":${str(fact.indirect)},"small":${str(fact.small)},"amount":${str(fact.amount)},"share":${num(fact.share)}` +
    `,"hops":${numOrNull(fact.hops)},"path":${orNull(fact.path, pathText)}}`
  );
}

function pathText({ amount, origin, label, steps }: PathFact): string {
  return `{"amount":${str(amount)},"origin":${str(origin)},"label":${strOrNull(label)},"steps":${list(steps, stepText)}}`;
}

function stepText({ tx, time, from, to, asset, amount }: PathFact['steps'][number]): string {
  return (
    `{"tx":${strOrNull(tx)},"time":${str(time)},"from":${strOrNull(from)},"to":${strOrNull(to)}` +
    `,"asset":${str(asset)},"amount":${str(amount)}}`
  );
}

function traceText(fact: TraceFact): string {
  return (
    `{"case":${str(fact.case)},"title":${str(fact.title)},"theft":${str(fact.theft)},"method":${str(fact.method)}` +
    `,"asset":${str(fact.asset)},"amount":${str(fact.amount)},"role":${str(fact.role)},"hops":${numOrNull(fact.hops)}` +
    `,"stolenAt":${str(fact.stolenAt)},"simulated":${boolOrNull(fact.simulated)}}`
  );
}

function signatureText(fact: SignatureFact): string {
  return (
    `{"id":${str(fact.id)},"name":${str(fact.name)},"case":${strOrNull(fact.case)},"summary":${str(fact.summary)}` +
    `,"lastTime":${str(fact.lastTime)}}`
  );
}

function cumulativeText(fact: CumulativeFact): string {
  return (
    `{"of":${str(fact.of)},"category":${str(fact.category)},"link":${str(fact.link)},"asset":${str(fact.asset)}` +
    `,"earlier":${list(fact.earlier, earlierText)}}`
  );
}

function earlierText({ at, amount, verdict }: CumulativeFact['earlier'][number]): string {
  return `{"at":${str(at)},"amount":${str(amount)},"verdict":${str(verdict)}}`;
}
