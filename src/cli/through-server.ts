import { existsSync } from 'node:fs';
import type { Access } from '../access/access-desk.ts';
import type { ScreeningOperator } from '../api/operator.ts';
import { HaetaeError } from '../base/errors.ts';
import type { Rules } from '../screen/rule-desk.ts';
import type { WithAccess } from './_access.ts';
import type { WithRules } from './_rules.ts';
import { liveServer, storePath } from './_store.ts';
import { type Arguments, type Terminal, terminalProgress } from './command.ts';
import { VERSION } from './version.ts';

/** What the service does for a command: in the running server, or in this process with the same store. */
export interface Service {
  readonly screening: ScreeningOperator;
  readonly access: Access;
  readonly rules: Rules;
}

/**
 * Goes through the server where one holds the store, else opens the store itself and closes it whatever happens. Only what makes sense on a fresh
 * install (`create`) makes a store that is not there. Throws E_NOT_FOUND, E_STORE_LOCKED, E_SERVER.
 */
export async function withService<Result>(
  args: Arguments,
  terminal: Terminal,
  work: (service: Service) => Promise<Result>,
  create: 'create' | 'existing' = 'existing',
): Promise<Result> {
  const database = storePath(args, terminal);
  const connection = await liveServer(database);
  if (connection !== null) {
    try {
      return await work({
        screening: connection.target<ScreeningOperator>('screening'),
        access: connection.target<Access>('access'),
        rules: connection.target<Rules>('rules'),
      });
    } finally {
      await connection.close();
    }
  }
  if (create === 'existing' && database !== ':memory:' && !existsSync(database)) {
    throw new HaetaeError('E_NOT_FOUND', 'there is no store yet', {
      context: { db: database },
      remedy: 'import transfers or labels first, or check --db and HAETAE_DB',
    });
  }
  const progress = terminalProgress(terminal, args.flag('quiet'));
  const { openParts } = await import('../api/app-parts.ts');
  const parts = await openParts({ database, progress, twoPersons: false, software: VERSION }).finally(() =>
    progress.end(),
  );
  try {
    return await work(parts);
  } finally {
    await parts.close();
  }
}

/** Keys can be made before anything is imported. */
export const withKeys: WithAccess = (args, terminal, work) =>
  withService(args, terminal, ({ access }) => work(access), 'create');

export const withAudit: WithAccess = (args, terminal, work) =>
  withService(args, terminal, ({ access }) => work(access));

export const withRules: WithRules = (args, terminal, work) =>
  withService(args, terminal, ({ rules }) => work(rules), 'create');

export const withVerdicts: WithRules = (args, terminal, work) =>
  withService(args, terminal, ({ rules }) => work(rules));
