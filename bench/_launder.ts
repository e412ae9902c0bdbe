import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAmount } from '../src/base/money.ts';

/**
 * A theft file for one LaunderNet cluster: each listed source is seeded before its first row with all that it sends beyond
 * what it received in the set, one cent at least. Read here with a plain split, apart from the product's own importer.
 */
export function launderTheft(folder: string): { readonly text: string; readonly rows: number; readonly cents: bigint } {
  const lines = readFileSync(join(folder, 'flow-records.csv'), 'utf8').trim().split('\n').slice(1);
  const sources = readFileSync(join(folder, 'source-addresses.csv'), 'utf8').trim().toLowerCase().split(/\s+/);
  const net = new Map<string, bigint>();
  const first = new Map<string, string>();
  let cents = 0n;
  for (const line of lines) {
    const fields = line.split(',');
    const [time = '', from = '', to = ''] = [fields[0], fields[3]?.toLowerCase(), fields[5]?.toLowerCase()];
    const amount = parseAmount(fields.at(-1) ?? '', 2);
    if (typeof amount !== 'bigint') throw new Error(`not an amount: ${line}`);
    cents += amount;
    net.set(from, (net.get(from) ?? 0n) + amount);
    net.set(to, (net.get(to) ?? 0n) - amount);
    for (const address of [from, to]) if (time < (first.get(address) ?? '9')) first.set(address, time);
  }
  const seeds = sources.map((address) => {
    const beyond = net.get(address) ?? 0n;
    const amount = beyond > 0n ? beyond : 1n;
    return `      - { kind: credit, address: "${address}", baseUnits: "${amount}", time: "${first.get(address)}" }`;
  });
  const head =
    'title: LaunderNet\nthefts:\n  - id: launder\n    chain: eip155:1\n    asset: USD\n    decimals: 2\n    seeds:';
  return { text: `${[head, ...seeds].join('\n')}\n`, rows: lines.length, cents };
}
