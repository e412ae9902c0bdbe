import { HaetaeError } from '../base/errors.ts';
import { formatTime, requireTime } from '../base/time.ts';
import { labelsOf } from '../label/resolve.ts';
import { addressForms } from '../model/address.ts';
import type { Label } from '../model/label.ts';
import { withStore } from './_store.ts';
import { type Command, parseWords, type Terminal, usageError } from './command.ts';

const usage = 'haetae label ADDRESS [--as-of DATE] [--json]';

export const label: Command = {
  usage,
  help: `Every label of an address, with its source, list dates and whether it held at a date (--as-of; default today).
current: on the newest edition at that date; ended: a newer edition no longer holds it; later: first listed after that date.`,
  run: runLabel,
};

async function runLabel(words: string[], terminal: Terminal): Promise<void> {
  const args = parseWords(words, { 'as-of': { type: 'string' }, json: { type: 'boolean' } }, usage);
  const [address] = args.words;
  if (address === undefined || args.words.length > 1) throw usageError('one address is needed', usage);
  const date = args.text('as-of');
  const asOf = date === undefined ? terminal.now() : requireTime(date, '--as-of');
  const labels = await withStore(args, terminal, (store) => labelsOf(store, address, { asOf }));
  if (args.flag('json'))
    return terminal.out(`${JSON.stringify({ address, asOf: formatTime(asOf), labels }, null, 1)}\n`);
  if (labels.length === 0 && addressForms(address).length === 0) {
    throw new HaetaeError('E_ADDRESS', 'no label, and not a sound address of any chain known here', {
      context: { address: address.slice(0, 90) },
      remedy: 'copy it again from its source: one wrong letter hides every label it has',
    });
  }
  if (labels.length === 0) terminal.out('no label\n');
  for (const [text, chains] of textsByChain(labels))
    terminal.out(`${text}  ${chains.length > 1 ? 'chains' : 'chain'} ${chains.join(', ')}\n`);
}

/** One label that holds on many chains is printed once. */
function textsByChain(labels: readonly Label[]): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  for (const item of labels) {
    const text = labelText(item);
    texts.set(text, [...(texts.get(text) ?? []), item.chain ?? item.currency ?? 'not named']);
  }
  return texts;
}

function labelText(item: Label): string {
  const day = (time: number | null): string => (time === null ? 'undated' : formatTime(time).slice(0, 10));
  const facts = [
    item.status,
    item.category,
    item.label,
    ...(item.programmes.length > 0 ? [`programmes ${item.programmes.join(', ')}`] : []),
    `confidence ${item.confidence}`,
  ];
  const dates = [
    `listed ${day(item.firstListed)} to ${day(item.lastListed)}`,
    ...(item.endedBy === null ? [] : [`gone from the edition of ${day(item.endedBy)}`]),
  ];
  const source = [item.list.source, item.list.fileName, item.url ?? item.list.url]
    .filter((text) => text !== null)
    .join(' ');
  const lost = item.caseLost
    ? '  case lost: the source lower-cased this address; it is equal but for upper and lower case\n'
    : item.caseFrom === null
      ? ''
      : `  the source lower-cased this address; its spelling is that of ${item.caseFrom}\n`;
  return `${facts.join(' | ')}\n  ${dates.join('; ')}\n  source ${source}\n${lost}`;
}
