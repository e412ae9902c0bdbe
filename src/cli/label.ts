import { formatTime, requireTime } from '../base/time.ts';
import { labelsOf } from '../label/resolve.ts';
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
  if (labels.length === 0) terminal.out('no label\n');
  for (const item of labels) terminal.out(labelText(item));
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
