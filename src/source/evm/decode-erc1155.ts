import { type Draft, pushRow } from './decode-draft.ts';
import { ADDRESS_PAD, dataList, dataWord, nft, wordAddress, wordAmount, ZERO_WORD } from './decode-word.ts';
import { signatureHash } from './keccak.ts';
import type { RawLog } from './raw-receipt.ts';

export const TRANSFER_SINGLE = signatureHash('TransferSingle(address,address,address,uint256,uint256)');
export const TRANSFER_BATCH = signatureHash('TransferBatch(address,address,address,uint256[],uint256[])');

/** A batch holds many movements in one log, so these logs have legs of their own, in their order, with room for each log. */
const MULTI_LEG = 1_000_000_000;
const ROOM = 512;
/** Beyond stand rows from balances (source/settle.ts) and income (decode-fees.ts). */
const MAX_LEG = 1_899_999_999;

/** Fields indexed: operator, from, to. Data: id and amount, or lists of both. */
export function pushMulti(draft: Draft, log: RawLog): void {
  const { topics } = log;
  const [, , from, to] = topics;
  const pairs = topics[0] === TRANSFER_SINGLE ? single(log.data) : batch(log.data);
  if (from === undefined || to === undefined || pairs === null) {
    draft.oddLogs += 1;
    return;
  }
  if (!from.startsWith(ADDRESS_PAD) || !to.startsWith(ADDRESS_PAD)) {
    draft.oddLogs += 1;
    return;
  }
  const minted = from === ZERO_WORD;
  const sender = minted ? null : wordAddress(from);
  let leg = Math.max(MULTI_LEG + log.logIndex * ROOM, nextLeg(draft));
  for (const [id, amount] of pairs) {
    if (leg > MAX_LEG) {
      draft.oddLogs += 1;
      return;
    }
    const asset = nft(draft.chain, 'erc1155', log.address, id);
    pushRow(draft, leg, minted ? 'mint' : 'token', sender, wordAddress(to), asset, wordAmount(amount));
    leg += 1;
  }
}

/** After the last of these legs of the transaction: a batch of more than the room shifts those behind it. */
function nextLeg({ rows, tx }: Draft): number {
  const last = rows.findLast((row) => row.tx !== tx || row.leg >= MULTI_LEG);
  return last === undefined || last.tx !== tx ? 0 : last.leg + 1;
}

type Pairs = readonly (readonly [id: string, amount: string])[];

function single(data: string): Pairs | null {
  return data.length === 130 ? [[dataWord(data, 0), dataWord(data, 1)]] : null;
}

function batch(data: string): Pairs | null {
  const ids = dataList(data, 0);
  const amounts = dataList(data, 1);
  if (ids === null || amounts === null || ids.length !== amounts.length) return null;
  return ids.map((id, i) => [id, amounts[i]!] as const);
}
