import type { Category } from '../model/label.ts';
import { depositAt, exchangeCategory, isExchangeName } from './category-exchange.ts';
import { actorId, categoryOfName, isTokenName, nameParts } from './category-name.ts';

interface SlugGroup {
  readonly category: Category;
  readonly slugs: string;
  readonly reason: string;
}

/** Facts about an address beside what it is: they make a label of their own. */
const STATUS_SLUGS: readonly SlugGroup[] = [
  { category: 'sanctioned', slugs: 'ofac-sanctions-lists ofac-sanctioned', reason: 'Etherscan marks what OFAC lists' },
  { category: 'frozen', slugs: 'blocked', reason: 'the issuer of USDT or USDC put it on its blacklist' },
];

/**
 * Etherscan’s groups in order; the first that holds one of an address’s slugs decides. A group whose money is not in one custodian’s hands
 * (protocol contracts, staking, games) is never `service`: that would stop a trace where the money goes on.
 */
const SLUG_GROUPS: readonly SlugGroup[] = [
  { category: 'burn', slugs: 'burn', reason: 'null addresses' },
  {
    category: 'stolen',
    slugs: 'heist exploit exploiter hack hacker theft',
    reason: 'Etherscan’s groups of thefts',
  },
  {
    category: 'scam',
    slugs: 'phish-hack phishing phish scam fake-phishing rug-pull high-risk something-fishy flagged-by-sec ponzi',
    reason: 'Etherscan’s groups of fraud',
  },
  { category: 'ransomware', slugs: 'ransomware', reason: 'as named' },
  { category: 'mixer', slugs: 'tornado-cash typhoon-cash ethereum-mixer mixer', reason: 'mixing contracts' },
  {
    category: 'exchange',
    slugs: `abcc ascendex bgogo binance binance-deposit bitbank bitfinex bithumb bitmart bitmex bitpanda bitstamp bittrex bybit cex-io
      changenow cobinhood coinbase coinbit coinhako coinlist coinmetro coinone coinsquare coss-io crex24 crypto-com deribit digifinex
      exchange fiat-gateway ftx gate-io gbx gemini hitbtc hoo-com hotbit huobi htx korbit kraken kryptono kucoin latoken lcx-ag liquid
      maskex mexc okex okx oobit paribu poloniex quadrigacx remitano resfinex shapeshift tagz tidex topbtc trade-io upbit wirex yunbi zb-com`,
    reason: 'custodial exchanges; the name says which of their addresses',
  },
  { category: 'otc', slugs: 'otc', reason: 'OTC desks' },
  { category: 'mining', slugs: 'mining f2pool miningpoolhub mining-pool', reason: 'mining pools' },
  {
    category: 'bridge',
    slugs: 'bridge',
    reason: 'money leaves the chain here (liquidity "bridges" of 0x and InstaDapp do not: see below)',
  },
  { category: 'gambling', slugs: 'gambling etheroll fomo3d casino', reason: 'games of chance' },
  { category: 'payment', slugs: 'payments flexa e-commerce payment-processor', reason: 'takes payments for others' },
  {
    category: 'service',
    slugs: 'celsius-network nexo blockfi wallet-app genesis-trading',
    reason: 'companies that hold customers’ money: lenders and hosted wallets',
  },
  {
    category: 'dex',
    slugs: `dex sushiswap uniswap balancer bancor curve-fi kyberswap 1inch 0x-protocol 0x-protocol-ecosystem airswap loopring tokenlon
      paraswap dex-ag dutchx idex saddle-finance mooniswap pancakeswap cow-protocol dodo swipeswap sudoswap counter-market allbit
      switcheo dinngo totle router mcdex dydx derivatives hydro-protocol shapeshift-dex furucombo zerion zapper-fi value-defi dxdao
      trading premia opyn ribbon-finance options-trading sorbet-finance liquidity rhino-fi`,
    reason:
      'pools, routers and order books that anybody trades with: the money comes back in the same transaction or the next',
  },
  {
    category: 'lending',
    slugs: `aave compound cream-finance maker loans dforce bzx fortube alchemix-finance abracadabra-money liquity reflexer-finance
      inverse-finance rari-capital mstable nuo-network unit-protocol gearbox-protocol trusttoken yearn-finance idle-finance convex-finance
      aura-finance lido rocket-pool staking vaults yield-farming vesper-finance fei-protocol olympusdao pooltogether synthetix enzyme-finance
      set-protocol index-protocol harvest-finance badger-dao stakewise`,
    reason: 'takes a deposit and gives a claim: lending, staking, vaults',
  },
  {
    category: 'token',
    slugs: 'bridged-token spam-token stablecoin token-migration wrapped-bitcoin wbtc token-contract',
    reason: 'token contracts',
  },
  {
    category: 'wallet',
    slugs:
      'authereum safe-formerly-gnosis-safe multisig multisig-owner bitpie metamask myetherwallet instadapp cold-wallet hot-wallet',
    reason: 'wallets of nobody in particular',
  },
  {
    category: 'user',
    slugs: `airdrop-hunter sybil-delegate maker-vault-owner buidlguidl-builders gitcoin-grants donate charity take-action bounty opportunist
      mev-bot backrunning-bots mev-builder proposer-fee-recipient bloxroute white-hat-group parity-bug fund alameda-research defiance-capital ens compound-governance`,
    reason: 'people and firms that act for themselves, block builders and validators among them',
  },
];

const STATUS_OF = indexOf(STATUS_SLUGS);
const RANK_OF = new Map(SLUG_GROUPS.flatMap(({ slugs }, rank) => words(slugs).map((slug) => [slug, rank] as const)));

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function indexOf(groups: readonly SlugGroup[]): ReadonlyMap<string, Category> {
  return new Map(groups.flatMap(({ slugs, category }) => words(slugs).map((slug) => [slug, category] as const)));
}

/** What a layer or a bridge network calls the contracts that take the money in, where Etherscan did not say "bridge". */
const BRIDGE_NETWORKS = new Set(
  words(
    'layer-2 arbitrum arbitrum-one arbitrum-nova optimism polygon-matic hop-protocol ren multichain across-protocol fantom connext avalanche starknet metis-andromeda',
  ),
);
const BRIDGE_PARTS = /\b(?:bridge|gateway|inbox|predicate|deposit manager|escrow|spoke pool|router)\b/i;

/** Names that their group does not fit. */
const NAME_EXCEPTIONS: Readonly<Record<string, { readonly category: Category; readonly reason: string }>> = {
  hexotc: { category: 'dex', reason: 'a contract for swaps between strangers, no desk' },
  counternetwork: { category: 'dex', reason: 'as above' },
  rhinofi: { category: 'dex', reason: 'the OTC contract of an exchange without custody' },
  miner: { category: 'user', reason: '"Miner: 0x…" is somebody’s own address, not a pool' },
  nestprotocol: { category: 'lending', reason: '"mining" of a token: staking' },
};

/** Money that founders raised, not what customers paid in. */
const RAISED = new Set(['ico-wallets', 'token-sale']);

/** Slugs whose "bridge" joins two protocols of one chain. */
const SAME_CHAIN_BRIDGES = new Set(['0x-protocol', 'instadapp']);
/** Parts of a mixer or a bridge that hold none of its money. */
const IDLE_PARTS =
  /\b(?:donate|community fund|governance|vesting|verifier|hasher|poseidon|echoer|trees|reward|staking|mining|registry|deployer|admin|treasury|fee manager|gitcoin|config|implementation|gas compensation)\b/i;

export interface EtherscanCategory {
  readonly category: Category;
  /** The slug that decided, for the source link; null where the name did. */
  readonly slug: string | null;
}

/** One or two labels: what the address is, and what was done to it (sanctioned, frozen). Never empty. */
export function categoriesOfEtherscan(name: string, slugs: readonly string[]): readonly EtherscanCategory[] {
  const found: EtherscanCategory[] = [];
  for (const slug of slugs) {
    const status = STATUS_OF.get(slug);
    if (status !== undefined && !found.some(({ category }) => category === status)) {
      found.push({ category: status, slug });
    }
  }
  const kind = kindOf(name, slugs);
  const known = found.some(({ category }) => category === kind.category);
  if (!known && (kind.category !== 'unknown' || found.length === 0)) found.push(kind);
  return found;
}

function kindOf(name: string, slugs: readonly string[]): EtherscanCategory {
  const named = categoryOfName(name);
  if (named !== null) return { category: named, slug: null };
  const ranked = slugs
    .filter((slug) => RANK_OF.has(slug))
    .sort((a, b) => (RANK_OF.get(a) ?? 0) - (RANK_OF.get(b) ?? 0));
  const slug = ranked[0] ?? null;
  const category = slug === null ? 'unknown' : SLUG_GROUPS[RANK_OF.get(slug) ?? 0]!.category;
  if (category === 'burn') return { category, slug };
  if (isTokenName(name, false)) return { category: 'token', slug };
  // WBTC sent there is given to BitGo, which pays out bitcoin to the merchant it knows.
  if (/\bWBTC Merchant Deposit\b/.test(name)) return { category: 'service', slug };
  if (depositAt(name) !== null) return { category: 'exchange', slug };
  if (category === 'exchange' || isExchangeName(name)) return { category: exchangeKind(name, category, slugs), slug };
  return { category: refined(category, name, slugs), slug };
}

function exchangeKind(name: string, category: Category, slugs: readonly string[]): Category {
  if (slugs.some((slug) => RAISED.has(slug))) return 'unknown';
  const kind = exchangeCategory(name, false);
  // An exchange’s pool or fund in another group keeps what that group says, unless the name says wallet.
  return kind === 'unknown' && category !== 'exchange' ? category : kind;
}

function refined(category: Category, name: string, slugs: readonly string[]): Category {
  const { entity, role } = nameParts(name);
  const exception = NAME_EXCEPTIONS[actorId(entity)];
  if (exception !== undefined && (category === 'otc' || category === 'mining')) return exception.category;
  if (HOLDERS.has(category) && IDLE_PARTS.test(name)) return 'unknown';
  if (category === 'bridge' && slugs.some((slug) => SAME_CHAIN_BRIDGES.has(slug))) return 'dex';
  if (category === 'bridge' && slugs.includes('dex') && !/bridge/i.test(name)) return 'dex';
  if (category === 'service' && /\b(?:deployer|team|partners|contract)\b/i.test(role)) return 'unknown';
  const takesIn = BRIDGE_PARTS.test(role) && !IDLE_PARTS.test(role) && slugs.some((slug) => BRIDGE_NETWORKS.has(slug));
  return category === 'unknown' && takesIn ? 'bridge' : category;
}

/** Categories that stop a trace: only the parts that hold the money may have them. */
const HOLDERS: ReadonlySet<Category> = new Set(['mixer', 'bridge', 'payment', 'service']);
