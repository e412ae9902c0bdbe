import { addressForms, parseAddress } from '../model/address.ts';
import { CHAINS, type Chain, type ChainId, requireChain } from '../model/chain.ts';

/** Codes of lists and tag packs to the chain they speak for. A code that is not here names a chain Haetae does not know. */
const CHAIN_OF_CODE: Readonly<Record<string, string>> = {
  BTC: 'bitcoin',
  XBT: 'bitcoin',
  LTC: 'litecoin',
  DOGE: 'dogecoin',
  BCH: 'bitcoincash',
  DASH: 'dash',
  ZEC: 'zcash',
  TRX: 'tron',
  TRON: 'tron',
  ETH: 'ethereum',
  ETC: 'ethereum-classic',
  ARB: 'arbitrum',
  ARBITRUM: 'arbitrum',
  BSC: 'bsc',
  BEP20: 'bsc',
  BNB: 'bsc',
  MATIC: 'polygon',
  POL: 'polygon',
  POLYGON: 'polygon',
  AVAX: 'avalanche',
  OP: 'optimism',
  OPTIMISM: 'optimism',
  BASE: 'base',
};

/** Tokens that live on several chains: the form of the address says which. OMNI tokens use Bitcoin's. */
const TOKEN_CODES = new Set(['USDT', 'USDC', 'DAI', 'BUSD', 'TUSD', 'USDD', 'WBTC', 'WETH', 'STETH']);
const CHAIN_OF_FORM: Readonly<Record<string, string>> = { evm: 'ethereum', tron: 'tron', bitcoin: 'bitcoin' };

export interface PlacedAddress {
  readonly chain: ChainId | null;
  readonly address: string;
  /** The address is sound and of another chain than the code says: it was placed where it belongs. */
  readonly moved: boolean;
}

export type PlacedResult = PlacedAddress | { readonly fault: string };

/**
 * The chain that a currency (or the network beside it) speaks for, and the address in its canonical spelling there.
 * A code of an unknown chain keeps the address as written, with `chain` null.
 */
export function placeAddress(code: string | null, text: string): PlacedResult {
  const chain = chainOfCode(code, text);
  if (chain !== null) {
    const parsed = parseAddress(chain, text);
    if (parsed.ok) return { chain: chain.id, address: parsed.address, moved: false };
    // OFAC lists an Ethereum address under XBT: a sanctioned address is worth more than its column.
    if (parsed.fault === 'other-chain') return placeByForm(text);
    // BNB and AVAX name two chains each; an address that is not of the EVM one belongs to the other, which is not known here.
    if (TWO_CHAINS.has(code?.toUpperCase() ?? '') && /^[a-z]/i.test(text)) return anyAddress(text);
    return { fault: `address-${parsed.fault}` };
  }
  return anyAddress(text);
}

function placeByForm(text: string): PlacedResult {
  const form = addressForms(text)[0];
  const chain = CHAINS.find(({ addressFormat }) => addressFormat === form?.format && form.format !== 'evm');
  if (form === undefined) return { fault: 'address-other-chain' };
  return { chain: (chain ?? requireChain('ethereum')).id, address: form.address, moved: true };
}

const TWO_CHAINS = new Set(['BNB', 'AVAX']);

function anyAddress(text: string): PlacedResult {
  const whole = /^[\x21-\x7e]{1,200}$/.test(text);
  if (!whole) return { fault: text.length > 200 || text === '' ? 'address-length' : 'address-characters' };
  return { chain: null, moved: false, address: /^0x[0-9a-f]{40}$/i.test(text) ? text.toLowerCase() : text };
}

/** Null where the code names no chain we know. Chain names and CAIP-2 ids are taken too. */
function chainOfCode(code: string | null, text: string): Chain | null {
  if (code === null) return null;
  const name = CHAIN_OF_CODE[code.toUpperCase()];
  if (name !== undefined) return requireChain(name);
  if (TOKEN_CODES.has(code.toUpperCase())) {
    const form = addressForms(text).find(({ format }) => CHAIN_OF_FORM[format] !== undefined);
    return form === undefined ? null : requireChain(CHAIN_OF_FORM[form.format] ?? '');
  }
  const known = CHAINS.find(({ id, name: chainName }) => id === code || chainName === code.toLowerCase());
  return known ?? (/^eip155:\d+$/.test(code) ? requireChain(code) : null);
}

/**
 * Whether a text that a source may have lower-cased has lost its spelling: hex, bech32 and CashAddr do not depend on case;
 * base58 does, and a text in lower case only that fails its checksum (or has none) is taken as lost.
 */
export function caseIsLost(code: string | null, text: string): boolean {
  if (text !== text.toLowerCase() || !/[a-z]/.test(text)) return false;
  if (/^(?:0x)?[0-9a-f]+$/.test(text)) return false;
  if (addressForms(text).length > 0) return false;
  if (/^(?:bc|ltc|bnb|tb|cosmos|addr)1[02-9ac-hj-np-z]{6,}$/.test(text)) return false;
  const chain = chainOfCode(code, text);
  return chain === null || parseAddress(chain, text).ok === false;
}

/** A lost spelling cannot be checked: the chain is what the code says, and for a token what the first character says. */
export function chainOfLostCase(code: string | null, folded: string): ChainId | null {
  const upper = (code ?? '').toUpperCase();
  const name = CHAIN_OF_CODE[upper] ?? (TOKEN_CODES.has(upper) ? CHAIN_OF_FIRST[folded[0] ?? ''] : undefined);
  return name === undefined ? null : requireChain(name).id;
}

const CHAIN_OF_FIRST: Readonly<Record<string, string>> = { t: 'tron', '1': 'bitcoin', '3': 'bitcoin' };
