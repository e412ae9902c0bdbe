/** One line a command, so that `haetae --help` loads nothing else. Order is that of a responder's work. */
export const COMMANDS: readonly (readonly [name: string, summary: string])[] = [
  ['start', 'make a case and show it in the console (Ronin where its data are at hand, else a drill)'],
  ['import', 'import transfers FILE…, labels FILE… or prices FILE…'],
  ['trace', 'follow a theft: where every stolen unit is now, by every accepted method'],
  ['follow', 'stay with a case at the head of its chains: say when traced money moves'],
  ['watch', 'watch wallets for a theft in progress: drains, changed signers, large approvals'],
  ['case', 'list, show, report or export what traces found'],
  ['verify', 'check an evidence bundle by computing it anew'],
  ['exposure', 'where the money of an address came from and went to, by category of source'],
  ['entity', 'which addresses belong to one owner, and what says so'],
  ['label', 'who is behind an address, and since when'],
  ['serve', 'the screening service: HTTP API for deposits and withdrawals, alerts, holds'],
  ['screen', 'an address, or a CSV file of addresses and transfers: allow, review or block, and why'],
  ['verdict', 'show a verdict, or replay it from what it stored'],
  ['rules', 'what decides verdicts: list, show, test, load, back-test, activate'],
  ['key', 'API keys: create, list, rotate, revoke'],
  ['audit', 'the audit log: verify, list, sign its head'],
  ['dataset', 'fetch a public data set from its original address'],
  ['drill', 'make a simulated economy with thefts whose truth is known'],
  ['index', 'columns of whole chains beside the store: build, status, check'],
  ['status', 'what the store holds'],
  ['backup', 'copy everything kept into a folder, checked'],
  ['restore', 'bring a backup back, checked'],
];

export const HELP = `haetae: follow stolen virtual assets to the last unit

usage: haetae COMMAND [words] [--db FILE] [--quiet]

${COMMANDS.map(([name, summary]) => `  ${name.padEnd(9)}${summary}`).join('\n')}

  --db FILE    the store (default HAETAE_DB, else ~/.haetae/haetae.duckdb)
  --quiet      no progress
  --version    the version
haetae COMMAND --help says more.
`;
