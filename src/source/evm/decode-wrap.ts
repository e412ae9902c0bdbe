import type { ChainId } from '../../model/chain.ts';
import { LOG_LEG } from '../file/layout.ts';
import { type Draft, pushRow } from './decode-draft.ts';
import { ADDRESS_PAD, erc20, wordAddress, wordAmount } from './decode-word.ts';
import { signatureHash } from './keccak.ts';
import type { RawLog } from './raw-receipt.ts';

export const DEPOSIT = signatureHash('Deposit(address,uint256)');
export const WITHDRAWAL = signatureHash('Withdrawal(address,uint256)');

/**
 * Wrapped native coins after WETH9, which log Deposit and Withdrawal in place of a Transfer from and to nobody. The events' names
 * are too common to read them at any contract; a wrapper not listed is seen by its balances (source/settle.ts).
 */
const WRAPPERS = new Set<string>(
  (
    [
      ['eip155:1', '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2'],
      ['eip155:10', '0x4200000000000000000000000000000000000006'],
      ['eip155:8453', '0x4200000000000000000000000000000000000006'],
      ['eip155:56', '0xbb4cdb9cbd36b01bd1cbaebf2de08d9173bc095c'],
      ['eip155:137', '0x0d500b1d8e8ef31e21c99d1db9a6444d3adf1270'],
      ['eip155:43114', '0xb31f66aa3c1e785363f0875a1b74e27b85fd66c7'],
    ] as const
  ).map(([chain, contract]) => wrapperKey(chain, contract)),
);

/** Deposit: the wrapped coin comes from outside. Withdrawal: it is destroyed. With the coin that moves it is one atom of two assets. */
export function pushWrap(draft: Draft, log: RawLog): void {
  const { address, topics, data } = log;
  if (!WRAPPERS.has(wrapperKey(draft.chain, address))) return;
  const [event, holder] = topics;
  if (topics.length !== 2 || data.length !== 66 || !holder!.startsWith(ADDRESS_PAD)) {
    draft.oddLogs += 1;
    return;
  }
  const asset = erc20(draft.chain, address);
  const owner = wordAddress(holder!);
  const leg = LOG_LEG + log.logIndex;
  if (event === DEPOSIT) pushRow(draft, leg, 'mint', null, owner, asset, wordAmount(data));
  else pushRow(draft, leg, 'token', owner, null, asset, wordAmount(data));
}

function wrapperKey(chain: ChainId, contract: string): string {
  return `${chain}/${contract}`;
}
