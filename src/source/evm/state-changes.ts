import type { Endpoint } from '../endpoint.ts';
import { badAnswer } from '../net/fault.ts';
import type { BlockSet } from './block-set.ts';
import { readQuantity, toQuantity } from './hex.ts';
import type { Rpc } from './rpc.ts';

/** Blocks asked about at once. */
const AT_ONCE = 64;

interface State {
  readonly nonce: bigint;
  readonly balance: bigint;
}

/** The state after `low` and after `high` differ. */
interface Stretch {
  readonly low: bigint;
  readonly high: bigint;
  readonly before: State;
  readonly after: State;
}

/**
 * Blocks in [from, to] after which an address's nonce or native balance is not what it was before, by halving every stretch whose
 * ends differ. Two movements that cancel out within a stretch are not seen. Throws E_SOURCE_PRUNED where the node has no old state.
 */
export async function stateChanges(
  rpc: Rpc,
  endpoint: Endpoint,
  address: string,
  from: bigint,
  to: bigint,
  found: BlockSet,
): Promise<void> {
  const stateAt = async (block: bigint): Promise<State> => {
    const at = [address, toQuantity(block)];
    const [nonce, balance] = await Promise.all([
      rpc.call('eth_getTransactionCount', at),
      rpc.call('eth_getBalance', at),
    ]);
    const state = { nonce: readQuantity(nonce), balance: readQuantity(balance) };
    if (state.nonce === null || state.balance === null) throw badAnswer(endpoint, 'a nonce or balance is not a number');
    return { nonce: state.nonce, balance: state.balance };
  };
  const low = from === 0n ? 0n : from - 1n;
  const [before, after] = await Promise.all([stateAt(low), stateAt(to)]);
  if (from === 0n && before.balance > 0n) found.add([0n]);
  const open = differing({ low, high: to, before, after });
  while (open.length > 0) {
    // Stretches do not overlap and each holds a change.
    found.expect(open.length);
    const halved = await Promise.all(open.splice(-AT_ONCE).map((stretch) => halve(stretch, stateAt, found)));
    open.push(...halved.flat());
  }
}

async function halve(
  stretch: Stretch,
  stateAt: (block: bigint) => Promise<State>,
  found: BlockSet,
): Promise<Stretch[]> {
  const { low, high, before, after } = stretch;
  if (high - low === 1n) {
    found.add([high]);
    return [];
  }
  const middle = (low + high) / 2n;
  const state = await stateAt(middle);
  return [
    ...differing({ low, high: middle, before, after: state }),
    ...differing({ low: middle, high, before: state, after }),
  ];
}

function differing(stretch: Stretch): Stretch[] {
  const { before, after } = stretch;
  return before.nonce === after.nonce && before.balance === after.balance ? [] : [stretch];
}
