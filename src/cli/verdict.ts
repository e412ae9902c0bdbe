import { HaetaeError } from '../base/errors.ts';
import { visibleText } from '../base/visible-text.ts';
import type { Verdict } from '../screen/verdict.ts';
import type { WithRules } from './_rules.ts';
import { type Command, parseWords, type Terminal, usageError } from './command.ts';

const usage = `haetae verdict show ID [--json]
haetae verdict replay ID`;

const help = `A verdict that was given.
show    what was asked, decided and why; --json the stored bytes
replay  evaluates its stored facts again with the rule set it names and compares the bytes; ends with E_VERDICT where they differ`;

/** `withRules` reaches the verdicts: those of a running server, or the records themselves. */
export function verdictCommand(withRules: WithRules): Command {
  const run = async (words: string[], terminal: Terminal): Promise<void> => {
    const args = parseWords(words, { json: { type: 'boolean' } }, usage);
    const [verb, id, ...more] = args.words;
    if (id === undefined || more.length > 0) throw usageError('show ID or replay ID is needed', usage);
    if (verb === 'show') {
      const text = await withRules(args, terminal, (rules) => rules.verdict(id));
      return terminal.out(args.flag('json') ? `${text}\n` : verdictText(JSON.parse(text) as Verdict));
    }
    if (verb !== 'replay') throw usageError('show ID or replay ID is needed', usage);
    const replay = await withRules(args, terminal, (rules) => rules.replay(id));
    if (!replay.same) throw differs(replay.verdict, replay.firstDifference);
    terminal.out(`${replay.verdict}: the same ${replay.bytes} bytes, by rules ${replay.rules.slice(0, 12)}\n`);
  };
  return { usage, help, run };
}

function differs(
  verdict: string,
  difference: { readonly offset: number; readonly stored: string; readonly replayed: string } | null,
): HaetaeError {
  const { offset, stored, replayed } = difference!;
  return new HaetaeError('E_VERDICT', 'the verdict does not replay to the same bytes', {
    context: { verdict, offset, stored, replayed },
    remedy: 'the record was changed, or the program evaluates otherwise: haetae audit verify tells which',
  });
}

function verdictText(verdict: Verdict): string {
  const { id, at, request, decision, score, reasons, tested, basis, previous, cause } = verdict;
  const asked = [request.kind, request.direction, request.amount, request.asset, request.address, request.tx];
  const lines = [
    `${id}  ${decision} ${score}  ${at}`,
    `asked: ${[...asked, request.chain].filter((word) => word !== null).join(' ')}`,
    ...reasons.map(({ rule, ruleVersion, decision: said, text }) => `  ${rule} v${ruleVersion} (${said}) ${text}`),
    ...tested.map(({ rule, ruleVersion, text }) => `  in test mode: ${rule} v${ruleVersion} ${text}`),
    ...(reasons.length === 0 ? ['  no rule fired'] : []),
    ...verdict.facts.flatMap(({ address, missing }) =>
      missing.map((text) => `  not looked at, of ${address}: ${text}`),
    ),
    `labels ${basis.labels.hash.slice(0, 12)} (${basis.labels.lists} lists), rules ${basis.rules.hash.slice(0, 12)} ${basis.rules.name}`,
    `chain to block ${basis.chain.block ?? 'none'}, ${basis.chain.time ?? 'no time'}; cases ${basis.traces.cases}`,
    ...(previous === null ? [] : [`screens ${previous} again: ${cause ?? ''}`]),
  ];
  return `${lines.map(visibleText).join('\n')}\n`;
}
