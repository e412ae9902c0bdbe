import type { Category } from '../model/label.ts';
import { exchangeCategory } from './category-exchange.ts';
import { categoryOfName } from './category-name.ts';

/**
 * GraphSense concepts (graphsense-tagpack-tool, src/tagpack/db/concepts.yaml) that stand in `category` or `concepts`, and words that packs
 * use beside them. Reasons where the mapping is not the word itself.
 */
const CONCEPTS: Readonly<Record<string, Category>> = {
  exchange: 'exchange',
  atm: 'exchange', // buys and sells for cash: a custodian for the minutes that count
  mixing_service: 'mixer',
  mixing: 'mixer',
  coinjoin: 'coinjoin',
  market: 'darknet', // in the packs: the dark web markets of WalletExplorer
  dark_web: 'darknet',
  gambling: 'gambling',
  miner: 'mining',
  mining_service: 'mining',
  payment_processor: 'payment',
  wallet_service: 'service', // "custodizes keys on behalf of their users": a custodian, not somebody’s own wallet
  escrow_wallet: 'service',
  service: 'service',
  shop: 'service',
  hosting: 'service',
  vpn: 'service',
  faucet: 'service',
  filesharing: 'service',
  messaging_service: 'service',
  index: 'service',
  search_engine: 'service',
  ico_wallet: 'wallet',
  cold_wallet: 'wallet',
  hot_wallet: 'wallet',
  warm_wallet: 'wallet',
  defi_dex: 'dex',
  defi_derivative: 'dex',
  defi_derivatives: 'dex',
  defi_lending: 'lending',
  defi_bridge: 'bridge',
  black_list: 'frozen', // what the USDT pack calls Tether’s blacklist
  user: 'user',
  organization: 'user',
  donation: 'user',
  victim: 'user',
  collectible: 'token',
  item: 'token',
};

/** What was done with the money: it comes before what the holder is. */
const ABUSES: Readonly<Record<string, Category>> = {
  sanction: 'sanctioned',
  service_hack: 'stolen',
  hack: 'stolen',
  theft: 'stolen',
  ransomware: 'ransomware',
  scam: 'scam',
  phishing: 'scam',
  investment_fraud: 'scam',
  ponzi_scheme: 'scam',
  pyramid_scheme: 'scam',
  extortion: 'scam',
  sextortion: 'scam',
  payment_card_fraud: 'scam',
  dark_web: 'darknet',
  child_sexual_abuse: 'darknet',
  mixing: 'mixer',
  coinjoin: 'coinjoin',
  // money_laundering, financial_crime, terrorism, extremism, violence: no category of ours; kept in `abuse`.
};

export interface TagWords {
  readonly label: string;
  readonly category: string | null;
  readonly abuse: string | null;
  readonly concepts: readonly string[];
  /** Title and source of the pack: some packs say "OFAC" there and nowhere else. */
  readonly pack: string;
  /** Wallet addresses and token contracts look alike on this chain. */
  readonly contracts: boolean;
}

const SANCTIONS_PACK = /\bOFAC\b|\bsanctions? list\b|\bsdnlist\b/i;

/** One category, or two where a sanctioned or frozen address is a service as well. Never empty. */
export function categoriesOfTag(tag: TagWords): readonly Category[] {
  const done = categoryOfAbuse(tag);
  const kind = categoryOfKind(tag);
  if (done === null) return [kind];
  // A sanctioned exchange is still a custodian. A hacked one is not: the tag is on the loot.
  const both = done === 'sanctioned' && kind !== 'user' && kind !== 'unknown' && kind !== done;
  return both ? [done, kind] : [done];
}

function categoryOfAbuse(tag: TagWords): Category | null {
  const abuse = tag.abuse === null ? undefined : ABUSES[tag.abuse];
  if (abuse !== undefined) return abuse;
  const named = categoryOfName(tag.label);
  if (named !== null) return named;
  const concept = tag.concepts.find((word) => ABUSES[word] !== undefined && CONCEPTS[word] === undefined);
  if (concept !== undefined) return ABUSES[concept] ?? null;
  const people = tag.category === 'user' || tag.category === 'perpetrator' || tag.category === null;
  return people && SANCTIONS_PACK.test(tag.pack) ? 'sanctioned' : null;
}

function categoryOfKind(tag: TagWords): Category {
  const words = [...(tag.category === null ? [] : [tag.category]), ...tag.concepts];
  const kind = words.map((word) => CONCEPTS[word]).find((category) => category !== undefined) ?? 'unknown';
  return kind === 'exchange' ? exchangeCategory(tag.label, tag.contracts) : kind;
}

/** Whether a word is of the taxonomy (or known beside it), so that a pack with new words says so. */
export function isKnownConcept(word: string): boolean {
  return CONCEPTS[word] !== undefined || ABUSES[word] !== undefined || OTHER_CONCEPTS.has(word);
}

const OTHER_CONCEPTS = new Set([
  'perpetrator',
  'money_laundering',
  'financial_crime',
  'terrorism',
  'extremism',
  'violence',
  'torture',
  'sexual_abuse',
  'abuse',
  'defi',
  'entity',
  'concept',
  'behaviour',
  'gray_usage',
  'white_usage',
  'source',
  'mention',
  'forum_mention',
  'website_mention',
]);
