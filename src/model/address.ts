import { HaetaeError } from '../base/errors.ts';
import { type Base58Rule, parseBase58, parseTron, readBase58, writeBase58 } from './address-base58.ts';
import { parseSegwit, readCash, writeCash, writeSegwit } from './address-bech32.ts';
import { eip55, parseEvm } from './address-evm.ts';
import type { AddressFault, ParsedAddress } from './address-parsed.ts';
import type { AddressFormat, Chain } from './chain.ts';

export type AddressResult =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly fault: AddressFault; readonly remedy: string };

interface UtxoRule {
  readonly base58: Base58Rule;
  readonly hrp: string | null;
  readonly cashPrefix?: string;
  /** Kinds whose outputs are not on the ledger in the clear. */
  readonly hidden?: RegExp;
}

type UtxoFormat = Exclude<AddressFormat, 'evm' | 'tron' | 'any'> | 'bitcoin-test' | 'litecoin-test';

/** Version bytes and prefixes as each chain's own node declares them (chainparams). */
const UTXO_RULES: Readonly<Record<UtxoFormat, UtxoRule>> = {
  bitcoin: { base58: { p2pkh: [0x00], p2sh: [0x05] }, hrp: 'bc' },
  'bitcoin-test': { base58: { p2pkh: [0x6f], p2sh: [0xc4] }, hrp: 'bcrt' },
  litecoin: {
    base58: { p2pkh: [0x30], p2sh: [0x32], others: [{ version: [0x05], as: 'p2sh' }] },
    hrp: 'ltc',
    hidden: /^ltcmweb1/i,
  },
  'litecoin-test': {
    base58: { p2pkh: [0x6f], p2sh: [0x3a], others: [{ version: [0xc4], as: 'p2sh' }] },
    hrp: 'rltc',
    hidden: /^tmweb1/i,
  },
  dogecoin: { base58: { p2pkh: [0x1e], p2sh: [0x16] }, hrp: null },
  bitcoincash: { base58: { p2pkh: [0x00], p2sh: [0x05] }, hrp: null, cashPrefix: 'bitcoincash' },
  dash: { base58: { p2pkh: [0x4c], p2sh: [0x10] }, hrp: null },
  zcash: { base58: { p2pkh: [0x1c, 0xb8], p2sh: [0x1c, 0xbd] }, hrp: null, hidden: /^(?:zs1|u1|zc[1-9A-Za-z]{93}$)/i },
};

/** Every format that an address can be told by. */
const FORMATS: readonly AddressFormat[] = [
  'evm',
  'bitcoin',
  'litecoin',
  'dogecoin',
  'bitcoincash',
  'dash',
  'zcash',
  'tron',
];

/**
 * An address as somebody wrote it, to the one spelling under which it is stored: EVM lower case, bech32 lower case, TRON T…,
 * Bitcoin Cash with its prefix, Litecoin P2SH as M…, `script:HEX` for scripts without an address on UTXO chains.
 */
export function parseAddress(chain: Chain, text: string): AddressResult {
  const trimmed = text.trim();
  const parsed = parseFormat(chain.addressFormat, chain.simulated, trimmed);
  if (parsed.ok) return parsed;
  const others = parsed.fault === 'unsupported' ? [] : addressForms(trimmed);
  if (others.length > 0) {
    const named = others.map(({ format }) => format).join(' or ');
    return { ok: false, fault: 'other-chain', remedy: `this is a ${named} address; give an address of ${chain.name}` };
  }
  return { ok: false, fault: parsed.fault, remedy: REMEDIES[parsed.fault] };
}

const REMEDIES: Readonly<Record<AddressFault, string>> = {
  length: 'the address is cut short or has too much: copy it whole',
  characters: 'the address holds a character that its form does not have: copy it as the chain writes it',
  checksum: 'one character or more is wrong: copy the address again from its source',
  version: 'the address is of a kind that the chain does not have: check which chain it is from',
  unsupported: 'shielded addresses show no amounts on the ledger: give the transparent address',
  'other-chain': 'give an address of this chain',
};

/** As {@link parseAddress}, for a value that a person wrote: throws E_ADDRESS with the field's name. */
export function requireAddress(chain: Chain, text: string, field: string): string {
  const parsed = parseAddress(chain, text);
  if (parsed.ok) return parsed.address;
  throw new HaetaeError('E_ADDRESS', `${field} is not an address of ${chain.name}: ${parsed.fault}`, {
    context: { field, value: text.slice(0, 120), fault: parsed.fault },
    remedy: parsed.remedy,
  });
}

export interface AddressForm {
  readonly format: AddressFormat;
  readonly address: string;
}

/** Every format that takes this text as a whole and sound address, with its canonical spelling there. Empty where none does. */
export function addressForms(text: string): readonly AddressForm[] {
  const forms: AddressForm[] = [];
  for (const format of FORMATS) {
    const parsed = parseFormat(format, false, text);
    if (parsed.ok && !parsed.address.startsWith('script:')) forms.push({ format, address: parsed.address });
  }
  return forms;
}

/** The EIP-55 spelling of a canonical EVM address, for people to read. */
export function checksumEvm(address: string): string {
  return `0x${eip55(address.slice(2).toLowerCase())}`;
}

/**
 * The address that an output script pays: P2PKH, P2SH, and witness programmes of every version where the chain has them.
 * Scripts without one (bare key, bare multisig, OP_RETURN, others) are `script:HEX`, as Bitcoin Core gives them no address either.
 * Throws E_ADDRESS where the text is not hex.
 */
export function scriptToAddress(chain: Chain, scriptHex: string): string {
  const script = scriptHex.toLowerCase();
  if (!/^(?:[0-9a-f]{2})*$/.test(script)) {
    throw new HaetaeError('E_ADDRESS', 'an output script is not hex', { context: { script: scriptHex.slice(0, 60) } });
  }
  const rule = utxoRule(chain.addressFormat, chain.simulated);
  return (rule === null ? null : addressOfScript(rule, script)) ?? `script:${script}`;
}

const P2PKH = /^76a914([0-9a-f]{40})88ac$/;
const P2SH = /^a914([0-9a-f]{40})87$/;
const P2SH32 = /^aa20([0-9a-f]{64})87$/;
/** OP_0 or OP_1 to OP_16, then one push of 2 to 40 bytes that ends the script. */
const WITNESS = /^(00|5[1-9a-f]|60)([0-9a-f]{2})((?:[0-9a-f]{2}){2,40})$/;

function addressOfScript(rule: UtxoRule, script: string): string | null {
  const keyHash = P2PKH.exec(script)?.[1];
  if (keyHash !== undefined) return writeHash(rule, 'p2pkh', keyHash);
  const scriptHash = P2SH.exec(script)?.[1] ?? (rule.cashPrefix === undefined ? undefined : P2SH32.exec(script)?.[1]);
  if (scriptHash !== undefined) return writeHash(rule, 'p2sh', scriptHash);
  const witness = rule.hrp === null ? null : WITNESS.exec(script);
  if (rule.hrp === null || witness === null) return null;
  const [, opcode = '', pushed = '', program = ''] = witness;
  const version = opcode === '00' ? 0 : Number.parseInt(opcode, 16) - 0x50;
  if (Number.parseInt(pushed, 16) !== program.length / 2) return null;
  if (version === 0 && program.length !== 40 && program.length !== 64) return null;
  return writeSegwit(rule.hrp, version, hexBytes(program));
}

function writeHash(rule: UtxoRule, kind: 'p2pkh' | 'p2sh', hashHex: string): string {
  const hash = hexBytes(hashHex);
  return rule.cashPrefix === undefined
    ? writeBase58({ kind, hash }, rule.base58)
    : writeCash({ kind, hash }, rule.cashPrefix);
}

function parseFormat(format: AddressFormat, simulated: boolean, text: string): ParsedAddress {
  if (format === 'evm') return parseEvm(text);
  if (format === 'tron') return parseTron(text);
  const rule = utxoRule(format, simulated);
  return rule === null ? parseAny(text) : parseUtxo(rule, text);
}

function utxoRule(format: AddressFormat, simulated: boolean): UtxoRule | null {
  if (format === 'evm' || format === 'tron' || format === 'any') return null;
  if (simulated && format === 'bitcoin') return UTXO_RULES['bitcoin-test'];
  return UTXO_RULES[simulated && format === 'litecoin' ? 'litecoin-test' : format];
}

const SCRIPT = /^script:((?:[0-9a-f]{2}){0,10000})$/i;

function parseUtxo(rule: UtxoRule, text: string): ParsedAddress {
  if (rule.hrp !== null && text.slice(0, rule.hrp.length + 1).toLowerCase() === `${rule.hrp}1`) {
    return parseSegwit(text, rule.hrp);
  }
  if (SCRIPT.test(text)) return { ok: true, address: text.toLowerCase() };
  if (rule.hidden?.test(text) === true) return { ok: false, fault: 'unsupported' };
  return rule.cashPrefix === undefined ? parseBase58(text, rule.base58) : parseCash(rule, rule.cashPrefix, text);
}

function parseCash(rule: UtxoRule, prefix: string, text: string): ParsedAddress {
  const legacy = /^[13]/.test(text);
  const read = legacy ? readBase58(text, rule.base58) : readCash(text, prefix);
  return 'fault' in read ? { ok: false, fault: read.fault } : { ok: true, address: writeCash(read, prefix) };
}

/** A chain whose rules are not known: as written, so long as it can be printed on one line. */
function parseAny(text: string): ParsedAddress {
  if (text.length < 1 || text.length > 200) return { ok: false, fault: 'length' };
  return /^[\x21-\x7e]+$/.test(text) ? { ok: true, address: text } : { ok: false, fault: 'characters' };
}

function hexBytes(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
