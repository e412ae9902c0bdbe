import type { Rules } from '../screen/rule-desk.ts';
import type { Arguments, Terminal } from './command.ts';

/** Reaches rules and verdicts: through the server where one runs, else by opening the records. Closes what it opened. */
export type WithRules = <Result>(
  args: Arguments,
  terminal: Terminal,
  work: (rules: Rules) => Promise<Result>,
) => Promise<Result>;
