import type { ChainId } from '../../model/chain.ts';
import type { RawBundle } from './raw.ts';
import { chainShape, hasEthereumBlobs, isForeign } from './verify-chains.ts';
import { rootsChecked } from './verify-roots.ts';

const PROOF_OF_WORK: ReadonlySet<ChainId> = new Set(['eip155:1', 'eip155:61']);
const DAO_FORK = 1_920_000n;

/**
 * Whether every movement of the native coin is among the rows, so that a balance that does not fit is a lie. Not without traces, nor
 * where the chain moves money in ways of its own that no trace shows.
 */
export function seesAllNative({ block, receipts, traces }: RawBundle, chain: ChainId): boolean {
  if (traces === null || block.number === 0n || isDaoFork(block.number, chain)) return false;
  const shape = chainShape(chain);
  if (block.transactions.some((tx) => isForeign(tx, shape))) return false;
  if (receipts.some(({ operatorFee }) => operatorFee)) return false;
  return !makesRewards(block, chain) || traces.rewards.length > 0;
}

function makesRewards({ number, difficulty }: RawBundle['block'], chain: ChainId): boolean {
  return PROOF_OF_WORK.has(chain) && difficulty !== '0x0' && number > 0n;
}

function isDaoFork(number: bigint, chain: ChainId): boolean {
  return chain === 'eip155:1' && number === DAO_FORK;
}

/** What of a block the checks and the decoder could not reach, in words for a report; empty on Ethereum with traces. */
export function uncheckedOf(raw: RawBundle, chain: ChainId): string[] {
  const { block, receipts, traces } = raw;
  const shape = chainShape(chain);
  const foreign = block.transactions.filter((tx) => isForeign(tx, shape)).length;
  const blobs = block.transactions.some((tx) => tx.blobVersionedHashes.length > 0);
  const said: [boolean, string][] = [
    [!shape.header, 'the block hash: this chain makes it in a way of its own'],
    [
      !shape.header && !shape.roots,
      'the roots over transactions and receipts: this chain makes them in a way of its own',
    ],
    [foreign > 0, `${foreign} transactions of types of this chain’s own: their hashes and senders`],
    [
      shape.roots && !rootsChecked(block, shape),
      'the roots over transactions and receipts: they cover types that are not known',
    ],
    [traces === null && block.transactions.length > 0, 'value moved inside contracts: the source gives no traces'],
    [shape.income === 'unseen' && block.transactions.length > 0, 'who received the fees on this chain'],
    [blobs && !hasEthereumBlobs(chain), 'the price of blob gas'],
    [
      receipts.some(({ l1Fee }) => l1Fee !== null && l1Fee !== '0x0'),
      'fees for data of the parent chain, taken as the node says',
    ],
    [receipts.some(({ operatorFee }) => operatorFee), 'operator fees of this chain are not counted'],
    [
      makesRewards(block, chain) && (traces?.rewards.length ?? 0) === 0,
      'rewards of the makers of the block and its uncles',
    ],
    [
      receipts.some(({ status }) => status === null) && traces === null,
      'whether transactions failed: no outcome before Byzantium',
    ],
    [block.number === 0n, 'what was allotted at genesis'],
    [isDaoFork(block.number, chain), 'balances moved by the fork of the DAO'],
  ];
  return said.filter(([holds]) => holds).map(([, words]) => words);
}
