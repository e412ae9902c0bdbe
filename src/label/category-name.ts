import type { Category } from '../model/label.ts';

export interface NameRule {
  readonly pattern: RegExp;
  readonly category: Category;
  readonly reason: string;
}

/**
 * What a name says by itself, whatever list or group it stands in. First match wins. Anchored at the end on purpose: in
 * "Multichain Hack Alert 1000" (a victim), "Sorbet Finance: Hack Alert" and "EtherScamDB: Donate" the word is not what the address is.
 */
export const NAME_RULES: readonly NameRule[] = [
  {
    pattern: /^(?!.*white\s?-?hat).*\b(?:exploiter|hacker|attacker|drainer|heist|thief)\s*#?\d*$/i,
    category: 'stolen',
    reason: 'named as the one who took the money',
  },
  { pattern: /(?:^|\s)(?:hack|stolen funds)\s*\d*$/i, category: 'stolen', reason: 'GraphSense names loot "X hack"' },
  { pattern: /^cryptolocker\b/i, category: 'ransomware', reason: 'WalletExplorer counts it to services' },
  { pattern: /^fake_phishing\d*$/i, category: 'scam', reason: 'Etherscan’s name for a phishing address' },
  { pattern: /^OFAC SDN\b|\bOFAC Sanctions List\b/i, category: 'sanctioned', reason: 'named after the list it is on' },
];

/** Names of token contracts: money sent to them is lost or wrapped, never in a custodian's hands. */
const TOKEN_NAME = /(?:^|[\s:])(?:token|stablecoin)(?:\s+v?\d+)?$|^binance usd$|^centre: usd coin$/i;
/** "AAX Token (AAB)", "BNB (BNB)": a contract's name with its ticker. Only where a list mixes tokens into a group of services. */
const TICKER_NAME = /\S\s*\([^()]{1,40}\)$/;

export function categoryOfName(name: string): Category | null {
  return NAME_RULES.find(({ pattern }) => pattern.test(name))?.category ?? null;
}

export function isTokenName(name: string, tickers: boolean): boolean {
  return TOKEN_NAME.test(name) || (tickers && TICKER_NAME.test(name));
}

/** Parts of "Entity 14: Hot Wallet 2". */
export interface NameParts {
  /** "Entity". */
  readonly entity: string;
  /** "Hot Wallet", or empty. */
  readonly role: string;
}

export function nameParts(name: string): NameParts {
  const colon = name.indexOf(':');
  const entity = (colon < 0 ? name : name.slice(0, colon)).replace(/\s+#?\d+$/, '').trim();
  const role = (colon < 0 ? '' : name.slice(colon + 1)).replace(/\s+#?\d+$/, '').trim();
  return { entity, role };
}

/** "Gate.io" and "gate-io" are one: letters and digits only. */
export function actorId(entity: string): string {
  return entity.toLowerCase().replace(/[^a-z0-9]+/g, '');
}
