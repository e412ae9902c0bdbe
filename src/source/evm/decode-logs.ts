import type { AssetId } from '../../model/asset.ts';
import { LOG_LEG } from '../file/layout.ts';
import { type Draft, pushRow } from './decode-draft.ts';
import { pushMulti, TRANSFER_BATCH, TRANSFER_SINGLE } from './decode-erc1155.ts';
import { ADDRESS_PAD, dataWord, erc20, nft, wordAddress, wordAmount, ZERO_WORD } from './decode-word.ts';
import { DEPOSIT, pushWrap, WITHDRAWAL } from './decode-wrap.ts';
import { signatureHash } from './keccak.ts';
import type { RawLog } from './raw-receipt.ts';

/** ERC-20 and ERC-721 share it; the number of indexed fields tells them apart. */
export const TRANSFER = signatureHash('Transfer(address,address,uint256)');
/** Tether's own: what a blacklisted holder held is destroyed, without a Transfer. */
const DESTROYED = signatureHash('DestroyedBlackFunds(address,uint256)');

/** ERC-721 from before the standard: Transfer with nothing indexed, the last field the token's number. */
const UNINDEXED_NFTS: ReadonlySet<string> = new Set(['eip155:1/0x06012c8cf97bead5deae237070f9587f8e7a266d']);

type Reader = (draft: Draft, log: RawLog) => void;

const READERS = new Map<string, Reader>([
  [TRANSFER, pushTransfer],
  [TRANSFER_SINGLE, pushMulti],
  [TRANSFER_BATCH, pushMulti],
  [DEPOSIT, pushWrap],
  [WITHDRAWAL, pushWrap],
  [DESTROYED, pushDestroyed],
]);

/** Token movements of one transaction's logs. What has a transfer's topic and not its form is counted in `oddLogs`. */
export function pushLogs(draft: Draft, logs: readonly RawLog[]): void {
  const first = draft.rows.length;
  let late = false;
  for (const log of logs) {
    const topic = log.topics[0];
    if (topic === undefined) continue;
    if (topic === TRANSFER) pushTransfer(draft, log);
    else {
      const reader = READERS.get(topic);
      if (reader === undefined) continue;
      reader(draft, log);
      late = true;
    }
  }
  // Legs of ERC-1155 stand after all others of the transaction.
  if (late) draft.rows.push(...draft.rows.splice(first).sort((a, b) => a.leg - b.leg));
}

function pushTransfer(draft: Draft, log: RawLog): void {
  const { topics, data } = log;
  if (topics.length === 3 && data.length === 66) {
    pushToken(draft, log, topics[1]!, topics[2]!, erc20(draft.chain, log.address), wordAmount(data));
  } else if (topics.length === 4 && data === '0x') {
    pushToken(draft, log, topics[1]!, topics[2]!, nft(draft.chain, 'erc721', log.address, topics[3]!), 1n);
  } else if (topics.length === 1 && data.length === 194) {
    const [from, to, last] = [dataWord(data, 0), dataWord(data, 1), dataWord(data, 2)];
    const unique = UNINDEXED_NFTS.has(`${draft.chain}/${log.address}`);
    if (unique) pushToken(draft, log, from, to, nft(draft.chain, 'erc721', log.address, last), 1n);
    else pushToken(draft, log, from, to, erc20(draft.chain, log.address), wordAmount(last));
  } else draft.oddLogs += 1;
}

/** From the zero address: `mint`, from outside; to it: as the log says. Both as file imports have it. */
function pushToken(draft: Draft, log: RawLog, from: string, to: string, asset: AssetId, amount: bigint): void {
  if (!from.startsWith(ADDRESS_PAD) || !to.startsWith(ADDRESS_PAD)) {
    draft.oddLogs += 1;
    return;
  }
  const minted = from === ZERO_WORD;
  const sender = minted ? null : wordAddress(from);
  pushRow(draft, LOG_LEG + log.logIndex, minted ? 'mint' : 'token', sender, wordAddress(to), asset, amount);
}

function pushDestroyed(draft: Draft, log: RawLog): void {
  if (log.topics.length !== 1 || log.data.length !== 130 || !log.data.startsWith(ADDRESS_PAD)) return;
  const amount = wordAmount(dataWord(log.data, 1));
  const holder = wordAddress(dataWord(log.data, 0));
  pushRow(draft, LOG_LEG + log.logIndex, 'token', holder, null, erc20(draft.chain, log.address), amount);
}
