import type { Access } from '../access/access-desk.ts';
import type { Arguments, Terminal } from './command.ts';

/** Reaches keys and audit log: through the server where one runs, else by opening the records. Closes what it opened. */
export type WithAccess = <Result>(
  args: Arguments,
  terminal: Terminal,
  work: (access: Access) => Promise<Result>,
) => Promise<Result>;
