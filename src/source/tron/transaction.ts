import type { Named } from '../net/fault.ts';
import { addressOfHex } from './address.ts';
import { contractResult, hexBytes, type RootLeaf, sha256 } from './block-id.ts';
import { CONTRACTS, FIELDS } from './contract.ts';
import { lie, malformed } from './fault.ts';
import { ProtoFault, ProtoMessage } from './protobuf.ts';
import type { TransactionAnswer } from './schema.ts';

/** A transaction as its own signed bytes give it. Its id was recomputed, and the API's JSON rendering agrees with it. */
export interface TronTransaction extends RootLeaf {
  readonly id: string;
  readonly index: number;
  /** Number of the contract type in core/Tron.proto. */
  readonly type: number;
  readonly value: ProtoMessage;
  /** null in the genesis block, whose payer is no address, and where a contract has no owner. */
  readonly owner: string | null;
  readonly permissionId: number;
  readonly memo: boolean;
  readonly succeeded: boolean;
  /** Fee as the block's own result gives it; 0 where it gives none. */
  readonly resultFee: bigint;
}

const RAW = { data: 10, contract: 11 };
const CONTRACT = { type: 1, parameter: 2, permissionId: 5 };
/** contractRet of core/Tron.proto. */
const DEFAULT = 0;
const SUCCESS = 1;

/** Throws E_SOURCE_LIES where the bytes do not hash to the id or the JSON says otherwise, E_SOURCE_ANSWER where they are no transaction. */
export function readTransaction(
  endpoint: Named,
  block: bigint,
  answer: TransactionAnswer,
  index: number,
): TronTransaction {
  const rawData = hexBytes(answer.raw_data_hex);
  if (sha256(rawData).toString('hex') !== answer.txID) {
    throw lie(endpoint, 'a transaction does not hash to its id', block, 'txID', answer.txID);
  }
  try {
    return decode(endpoint, block, answer, index, rawData);
  } catch (error) {
    if (!(error instanceof ProtoFault)) throw error;
    throw malformed(endpoint, `a transaction cannot be read: ${error.message}`, block, 'raw_data_hex', answer.txID);
  }
}

function decode(
  endpoint: Named,
  block: bigint,
  answer: TransactionAnswer,
  index: number,
  rawData: Buffer,
): TronTransaction {
  const raw = new ProtoMessage(rawData);
  const contracts = raw.all(RAW.contract);
  if (contracts.length !== 1) {
    throw malformed(endpoint, 'a transaction holds not one contract', block, 'raw_data.contract', answer.txID);
  }
  const contract = new ProtoMessage(contracts[0]!);
  const type = contract.int32(CONTRACT.type);
  const parameter = contract.message(CONTRACT.parameter);
  const value = parameter.message(2);
  compare({ endpoint, block, answer }, raw, contract, value);
  const result = answer.ret[0];
  const ret = contractResult(result?.contractRet ?? DEFAULT);
  return {
    id: answer.txID,
    index,
    rawData,
    signatures: answer.signature.map(hexBytes),
    results: answer.ret,
    type,
    value,
    owner: addressOfHex(value.hex(FIELDS[type]?.owner_address ?? 1)),
    permissionId: contract.int32(CONTRACT.permissionId),
    memo: raw.bytes(RAW.data).length > 0,
    // Before contracts could be called, a block's results held nothing: what is in a block had succeeded.
    succeeded: ret === SUCCESS || (ret === DEFAULT && CONTRACTS[type]?.runsCode !== true),
    resultFee: result?.fee ?? 0n,
  };
}

interface Compared {
  readonly endpoint: Named;
  readonly block: bigint;
  readonly answer: TransactionAnswer;
}

/** The API's own rendering of the fields that movements are read from must say what the signed bytes say. */
function compare(at: Compared, raw: ProtoMessage, contract: ProtoMessage, value: ProtoMessage): void {
  const json = at.answer.raw_data.contract[0];
  const type = contract.int32(CONTRACT.type);
  const name = CONTRACTS[type]?.name;
  if (at.answer.raw_data.contract.length !== 1 || json === undefined) throw differs(at, 'raw_data.contract');
  if (name !== undefined && json.type !== type && json.type !== name) throw differs(at, 'raw_data.contract.type');
  if (json.Permission_id !== BigInt(contract.int32(CONTRACT.permissionId))) {
    throw differs(at, 'raw_data.contract.Permission_id');
  }
  if (at.answer.raw_data.data !== raw.hex(RAW.data)) throw differs(at, 'raw_data.data');
  const typeUrl = Buffer.from(contract.message(CONTRACT.parameter).bytes(1)).toString('utf8');
  // As protobuf's Any has it, only what stands after the last slash names the type.
  if (name !== undefined && typeUrl.slice(typeUrl.lastIndexOf('/') + 1) !== `protocol.${name}`) {
    throw malformed(at.endpoint, 'a contract is of two types', at.block, 'raw_data.contract.type', at.answer.txID);
  }
  const shown = json.parameter?.value;
  if (typeof shown !== 'object' || shown === null) return;
  for (const [field, number] of Object.entries(FIELDS[type] ?? {})) {
    const said: unknown = Object.hasOwn(shown, field) ? Reflect.get(shown, field) : undefined;
    if (!agrees(said, value, number)) throw differs(at, `raw_data.contract.parameter.value.${field}`);
  }
}

/** The field holds text (hex) or a number; an absent one has its default. */
function agrees(said: unknown, value: ProtoMessage, number: number): boolean {
  const bytes = value.hex(number);
  const amount = value.int64(number);
  if (said === undefined) return bytes === '' && amount === 0n;
  if (typeof said === 'number') return Number.isSafeInteger(said) && bytes === '' && BigInt(said) === amount;
  if (typeof said !== 'string') return false;
  return bytes === '' ? said === '' || said === amount.toString() : said.toLowerCase() === bytes;
}

function differs(at: Compared, field: string): Error {
  return lie(at.endpoint, 'a transaction is shown otherwise than it was signed', at.block, field, at.answer.txID);
}
