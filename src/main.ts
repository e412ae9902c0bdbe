#!/usr/bin/env node
import { faultEvent, type JobEvent, tellsJob } from './api/jobs/job-event.ts';
import { describeError, HaetaeError } from './base/errors.ts';
import type { Command, Terminal } from './cli/command.ts';
import { HELP } from './cli/help.ts';
import { VERSION } from './cli/version.ts';

/** Commands load on demand: `haetae --help` must not pay for the database. */
const LOAD: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import('./cli/start.ts')).start,
  import: async () => (await import('./cli/import.ts')).importCommand,
  trace: async () => (await import('./cli/trace.ts')).trace,
  follow: async () => (await import('./cli/follow.ts')).follow,
  watch: async () => (await import('./cli/watch.ts')).watch,
  case: async () => (await import('./cli/case.ts')).caseCommand,
  verify: async () => (await import('./cli/verify.ts')).verify,
  exposure: async () => (await import('./cli/exposure.ts')).exposure,
  serve: async () => (await import('./cli/serve.ts')).serve,
  screen: async () => (await import('./cli/screen.ts')).screen,
  verdict: async () => (await import('./cli/verdict.ts')).verdictCommand((await throughServer()).withVerdicts),
  rules: async () => (await import('./cli/rules.ts')).rulesCommand((await throughServer()).withRules),
  key: async () => (await import('./cli/key.ts')).keyCommand((await throughServer()).withKeys),
  audit: async () => (await import('./cli/audit.ts')).auditCommand((await throughServer()).withAudit),
  entity: async () => (await import('./cli/entity.ts')).entity,
  label: async () => (await import('./cli/label.ts')).label,
  dataset: async () => (await import('./cli/dataset.ts')).dataset,
  drill: async () => (await import('./cli/drill.ts')).drill,
  index: async () => (await import('./cli/index-command.ts')).indexCommand,
  status: async () => (await import('./cli/status.ts')).status,
  backup: async () => (await import('./cli/backup.ts')).backup,
  restore: async () => (await import('./cli/backup.ts')).restore,
};

function throughServer(): Promise<typeof import('./cli/through-server.ts')> {
  return import('./cli/through-server.ts');
}

const terminal: Terminal = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  columns: process.stdout.columns ?? 100,
  color: process.stderr.isTTY === true && process.env.NO_COLOR === undefined,
  env: process.env,
  now: () => Math.floor(Date.now() / 1000),
  ...(tellsJob(process.env) ? { tell: tellServer } : {}),
};

/** A server that is gone hears nothing; the command finds that out by itself. */
function tellServer(event: JobEvent): void {
  process.send?.(event, undefined, undefined, () => {});
}

async function main(words: string[]): Promise<void> {
  const [name, ...rest] = words;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return terminal.out(HELP);
  if (name === '--version') return terminal.out(`${VERSION}\n`);
  const load = LOAD[name];
  if (load === undefined) {
    throw new HaetaeError('E_USAGE', `no command ${name.slice(0, 40)}`, { remedy: 'haetae --help lists the commands' });
  }
  const command = await load();
  if (rest.includes('--help') || rest.includes('-h')) return terminal.out(`${command.usage}\n\n${command.help}\n`);
  await command.run(rest, terminal);
}

process.on('SIGINT', () => {
  // A command that ends in order has a listener of its own.
  if (process.listenerCount('SIGINT') > 1) return;
  process.stderr.write('\nE_INTERRUPTED: stopped; nothing was half-written. Run the same command again to go on.\n');
  process.exit(130);
});
// The server that started this job is gone, and will say that it was interrupted.
if (tellsJob(process.env)) {
  const stop = (): void => void process.kill(process.pid, 'SIGINT');
  // It may have gone while this program was loaded: then nobody is told any more.
  if (process.connected === false) stop();
  else process.once('disconnect', stop);
}
process.channel?.unref();
// A reader that closes its end (head, less) is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${describeError(error)}\n`);
  terminal.tell?.(faultEvent(error));
  if (!(error instanceof HaetaeError) && error instanceof Error && process.env.HAETAE_DEBUG !== undefined) {
    process.stderr.write(`${error.stack}\n`);
  }
  process.exitCode = error instanceof HaetaeError && error.code === 'E_USAGE' ? 2 : 1;
});
