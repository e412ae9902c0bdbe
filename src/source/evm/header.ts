import { HaetaeError } from '../../base/errors.ts';
import { keccakHex } from './keccak.ts';
import type { RawHeader } from './raw.ts';
import { encodeRlp, type RlpItem, rlpNumber } from './rlp.ts';

/** keccak-256 of the RLP of no uncles. */
export const EMPTY_UNCLES = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347';

/** The newest fields last: each fork added to the end, so a field can only stand where those before it do. */
const LATER_FIELDS = [
  'baseFeePerGas',
  'withdrawalsRoot',
  'blobGasUsed',
  'excessBlobGas',
  'parentBeaconBlockRoot',
  'requestsHash',
] as const;
const NUMBERS: ReadonlySet<string> = new Set(['baseFeePerGas', 'blobGasUsed', 'excessBlobGas']);

/**
 * keccak-256 of the RLP of a header (Yellow Paper, section 4.3; EIP-1559, 4895, 4844, 4788, 7685).
 * Throws E_SOURCE_ANSWER where a field is missing that a later one needs.
 */
export function headerHash(header: RawHeader): string {
  return keccakHex(encodeRlp(headerItem(header)));
}

function headerItem(header: RawHeader): RlpItem {
  const { mixHash, nonce } = header;
  if (mixHash === null || nonce === null) throw missing(header, mixHash === null ? 'mixHash' : 'nonce');
  const fields: RlpItem[] = [
    header.parentHash,
    header.sha3Uncles,
    header.miner,
    header.stateRoot,
    header.transactionsRoot,
    header.receiptsRoot,
    header.logsBloom,
    rlpNumber(header.difficulty),
    rlpNumber(`0x${header.number.toString(16)}`),
    rlpNumber(header.gasLimit),
    rlpNumber(header.gasUsed),
    rlpNumber(header.timestamp),
    header.extraData,
    mixHash,
    nonce,
  ];
  const count = LATER_FIELDS.findLastIndex((name) => header[name] !== null) + 1;
  for (const name of LATER_FIELDS.slice(0, count)) {
    const value = header[name];
    if (value === null) throw missing(header, name);
    fields.push(NUMBERS.has(name) ? rlpNumber(value) : value);
  }
  return fields;
}

function missing(header: RawHeader, field: string): HaetaeError {
  return new HaetaeError('E_SOURCE_ANSWER', 'a field of a block’s header is missing', {
    context: { block: header.number.toString(), field },
    remedy: 'ask another endpoint; without the field the block’s hash cannot be recomputed',
  });
}
