import type { Category } from '../model/label.ts';
import { actorId, isTokenName, nameParts } from './category-name.ts';

/**
 * Custodial exchanges (and instant exchangers, which hold the money for minutes) by name, letters and digits only.
 * A name alone makes nothing an exchange: what the address is for (its role) is judged by {@link exchangeCategory}.
 */
export const EXCHANGES: ReadonlySet<string> = new Set(
  `abcc aex allcoin anycoindirect arzpayacom ascendex ataix azbit beaxy bgogo bibox bidesk bigone bikicom bilaxy binance
  binanceus bit2c bitbase bitbay bitbee bitbns bitci bitcoinde bitexlive bitfinex bitflyer bitforex bitfront bitget bithumb
  bitkub bitmart bitmax bitmex bitpanda bitrue bitso bitstamp bittrex bitvavo bitycom bitz bitzlato biturei btcalphaexchange btcturk
  bwcom bybit bkex cashierest catexexchange cexio changehero changelly changenow cobinhood coinbase coinbene coinbit
  coincheck coindcx coindelta coinex coinexchangeio coinhako coinjar coinlist coinmetro coinmetroexchange coinone coinspot coinsquare
  coinswitch coinw cossio crex24 cryptocom cryptocomexchange cryptopia deribit digifinex dragonex eidoo eterbase exmo
  faast fcoin fixedfloat ftx ftxexchange ftxus garantex gateio gbx gdac gemini gopax hbtc hitbtc hoocom hotbit htx huobi idaxglobal
  indodax indoexltd itbit korbit kraken kryptono kucoin kunaio latoken lbank lcx liquid liquiio livecoinnet luno maicoin maskex
  mercadobitcoin mercatox mexc mexccom mxc nexbitpro nobitex okcoin okex okx oobit otcbtc pandaexchange paribu phemex poloniex
  probit quadrigacx quantaex quoine remitano resfinex shapeshift sideshift simpleswap southxchange sparrowexchange stex switchain
  tagz tidex tokocrypto topbtc tradeio uex upbit uphold upholdcom vinex voyager wazirx whitebit wirex woox xtcom xs2exchange yobitnet yunbi zaif
  zbcom zbg zonda`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

interface RoleRule {
  readonly pattern: RegExp;
  readonly category: Category;
  readonly reason: string;
}

/** Roles in order; the first that matches decides. `unknown`: the money is followed on, which can miss a stop but never cuts a trace. */
const ROLES: readonly RoleRule[] = [
  {
    pattern: /\b(?:dex|aggregation|router|swap|nft exchange)\b/i,
    category: 'dex',
    reason: 'a contract anybody trades with',
  },
  { pattern: /\bcommerce\b/i, category: 'payment', reason: 'takes payments for merchants' },
  { pattern: /\b(?:mining )?pool\b/i, category: 'mining', reason: 'a mining pool that an exchange runs' },
  {
    pattern:
      /\b(?:deployer|airdrop|staking|rewards?|distribut\w+|unlock|treasury|team|founders?|founding|investors?|partners|partnership|token sale|presale|company reserve|corporate|charity|blacklister|controller|nft|cdcnft|initiative|streamdesk|dao)\b/i,
    category: 'unknown',
    reason: 'the company’s own money or a contract, no customer’s deposit',
  },
  {
    pattern:
      /^$|\b(?:wallets?|multisig|contract|address|deposits?|depositor|funder|supplier|vault|escrow|custody|peg tokens|miscellaneous|mexc\.com)\b/i,
    category: 'exchange',
    reason: 'keeps or gathers what customers paid in',
  },
  {
    pattern: /^[A-Z0-9]{2,6}$/,
    category: 'exchange',
    reason: 'Poloniex keeps one contract a token ("Poloniex: BAT")',
  },
];

/** Names that a list of exchanges holds and that are none. */
const NOT_EXCHANGES: Readonly<Record<string, { readonly category: Category; readonly reason: string }>> = {
  wintermute: { category: 'otc', reason: 'a market maker with an OTC desk: no customer deposits, but it can be asked' },
  binancecharity: { category: 'unknown', reason: 'a donation wallet' },
  binancepool: { category: 'mining', reason: 'a mining pool' },
  huobiminingpool: { category: 'mining', reason: 'a mining pool' },
  blockchainexplorer: { category: 'unknown', reason: 'no exchange' },
};

/**
 * What an address is that a list counts to an exchange, by its name. `tickers`: names such as "AAX Token (AAB)" are tokens here
 * (Etherscan’s group "exchange" holds the contracts of exchange tokens beside the wallets).
 */
export function exchangeCategory(name: string, tickers: boolean): Category {
  if (isTokenName(name, tickers)) return 'token';
  const { entity, role } = nameParts(name);
  const exception = NOT_EXCHANGES[actorId(entity)];
  if (exception !== undefined && role === '') return exception.category;
  return ROLES.find(({ pattern }) => pattern.test(role))?.category ?? 'unknown';
}

/** "Alameda Research: Binance Deposit" pays into Binance: the exchange it names, or null. */
export function depositAt(name: string): string | null {
  const exchange = /:\s*([A-Z][\w.]*)\s+Deposit(?:\s+\d+)?$/.exec(name)?.[1];
  return exchange !== undefined && EXCHANGES.has(actorId(exchange)) ? exchange : null;
}

export function isExchangeName(name: string): boolean {
  return EXCHANGES.has(actorId(nameParts(name).entity));
}
