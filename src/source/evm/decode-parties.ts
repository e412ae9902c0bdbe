import { assert } from '../../base/assert.ts';
import { ADDRESS_PAD } from './decode-word.ts';
import type { RawBundle } from './raw.ts';

const ZERO = `0x${'0'.repeat(40)}`;

/** Every address that a transaction names: sender, receiver, contract made, and of its logs the emitters and topics that can be addresses. */
export function partiesOf({ block, receipts }: RawBundle, tx: string): readonly string[] {
  const index = block.transactions.findIndex(({ hash }) => hash === tx);
  assert(index >= 0, 'only transactions of the block have parties in it');
  const { from, to } = block.transactions[index]!;
  const { contractAddress, logs } = receipts[index]!;
  const parties = new Set<string>([from]);
  for (const address of [to, contractAddress]) if (address !== null) parties.add(address);
  for (const { address, topics } of logs) {
    parties.add(address);
    for (const topic of topics.slice(1)) if (topic.startsWith(ADDRESS_PAD)) parties.add(`0x${topic.slice(26)}`);
  }
  parties.delete(ZERO);
  return [...parties];
}
