import { DEPOSIT_TYPE } from './raw.ts';
import type { RawReceipt } from './raw-receipt.ts';
import { encodeTyped, type RlpItem, rlpNumber } from './rlp.ts';

/**
 * The bytes that a block's receiptsRoot commits to (Yellow Paper, section 4.3.1; EIP-658; EIP-2718). A deposit of an OP-stack chain
 * adds its nonce and version since Canyon (https://specs.optimism.io/protocol/deposits.html#deposit-receipt).
 */
export function encodeReceipt(receipt: RawReceipt, bloom: string = receipt.logsBloom): Uint8Array {
  const { status, root } = receipt;
  const item: RlpItem[] = [
    status === null ? root! : status === 1 ? '0x01' : '0x',
    rlpNumber(receipt.cumulativeGasUsed),
    bloom,
    receipt.logs.map(({ address, topics, data }) => [address, topics, data]),
  ];
  if (receipt.type === DEPOSIT_TYPE && receipt.depositReceiptVersion !== null)
    item.push(rlpNumber(receipt.depositNonce ?? '0x0'), rlpNumber(receipt.depositReceiptVersion));
  return encodeTyped(receipt.type, item);
}
