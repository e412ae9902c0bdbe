import { visibleText } from '../base/visible-text.ts';
import type { BackTest, Outcome } from '../screen/back-test.ts';

/** A back-test for a terminal. */
export function backTestText({ rules, verdicts, differing, decisions, fired, differences, unknown }: BackTest): string {
  const lines = [
    `${rules.name} (${rules.hash.slice(0, 12)}) over ${count(verdicts, 'verdict')}: ${differing} would differ`,
    ...decisions.map(({ before, after, verdicts: many }) => `  ${before} → ${after}  ${many}`),
    ...(fired.length > 0 ? ['rule: fired then, fires now, in test mode'] : []),
    ...fired.map(({ rule, before, after, tested }) => `  ${rule}  ${before}  ${after}  ${tested}`),
    ...differences.flatMap(({ verdict, at, before, after }) => [
      `${verdict} of ${at}: ${before.decision} ${before.score} → ${after.decision} ${after.score}`,
      ...outcomeLines('then', before),
      ...outcomeLines('now', after),
    ]),
    ...(differing > differences.length ? [`${differing - differences.length} more differ and are not listed`] : []),
    ...doubts(unknown),
  ];
  return `${lines.map(visibleText).join('\n')}\n`;
}

function outcomeLines(when: string, { reasons }: Outcome): string[] {
  return reasons.length === 0
    ? [`  ${when}: no rule fired`]
    : reasons.map(({ rule, decision, text }) => `  ${when}: ${rule} (${decision}) ${text}`);
}

function doubts({ withoutPaths, withoutSums, unreadable, batchLines }: BackTest['unknown']): string[] {
  return [
    ...(withoutPaths > 0
      ? [
          `${count(withoutPaths, 'verdict')}: these rules ask for paths that were not sought then; limits on hops and age count as met`,
        ]
      : []),
    ...(withoutSums > 0
      ? [`${count(withoutSums, 'verdict')}: nothing earlier is kept of a sum that these rules look at`]
      : []),
    ...(batchLines > 0
      ? [`${count(batchLines, 'line')} of batches were a plain allow and have no verdict to test`]
      : []),
    ...(unreadable > 0 ? [`${count(unreadable, 'record')} could not be read`] : []),
  ];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
