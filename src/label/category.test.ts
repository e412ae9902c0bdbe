import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Category } from '../model/label.ts';
import { categoriesOfEtherscan } from './category-etherscan.ts';
import { categoriesOfTag } from './category-tagpack.ts';

/** Real names with their Etherscan groups, and what a person who reads the address’s page says it is. */
const ETHERSCAN: readonly (readonly [name: string, slugs: string, want: string])[] = [
  ['Binance 14', 'binance', 'exchange'],
  ['Huobi 34', 'huobi', 'exchange'],
  ['Huobi 1', 'huobi derivatives otc', 'exchange'],
  ['Bitfinex 1', 'bitfinex fiat-gateway otc', 'exchange'],
  ['FTX US', 'ftx', 'exchange'],
  ['Kraken 6', 'kraken cold-wallet', 'exchange'],
  ['Bitkub: Hot Wallet 2', 'hot-wallet', 'exchange'],
  ['LAToken 2', 'latoken', 'exchange'],
  ['Kraken: MANA Token Wallet', 'kraken', 'exchange'],
  ['Alameda Research: Binance Deposit', 'alameda-research fund', 'exchange'],
  ['Jump Trading: Coinbase Deposit', 'fund', 'exchange'],
  ['Binance: Binance-Peg Tokens', 'binance', 'exchange'],
  ['Binance: BNB Token', 'binance blocked', 'frozen token'],
  ['FTX: 3X Long Bitcoin Token', 'ftx', 'token'],
  ['Tether: USDT Stablecoin', 'bitfinex blocked stablecoin', 'frozen token'],
  ['COSS.io: Token', 'coss-io', 'token'],
  ['Tether: Treasury', 'bitfinex', 'unknown'],
  ['OKX DEX: Aggregation Router', 'okx', 'dex'],
  ['Trade.io: Wallet 1', 'ico-wallets trade-io', 'unknown'],
  ['Coinbase: Commerce', 'coinbase', 'payment'],
  ['Huobi Mining Pool', 'huobi mining', 'mining'],
  ['Fee Recipient: 0x00...a3F', 'proposer-fee-recipient', 'user'],
  ['Alameda Research 1', 'alameda-research fund', 'user'],
  ['Tornado.Cash: Router', 'tornado-cash ofac-sanctions-lists', 'sanctioned mixer'],
  ['Tornado.Cash: 100 ETH', 'tornado-cash ofac-sanctions-lists', 'sanctioned mixer'],
  ['Tornado.Cash: TORN Token', 'tornado-cash', 'token'],
  ['Tornado.Cash: Team 1 Vesting', 'tornado-cash', 'unknown'],
  ['Gitcoin Grants: Tornado.cash', 'gitcoin-grants tornado-cash ofac-sanctions-lists', 'sanctioned'],
  ['Ronin Bridge Exploiter', 'ofac-sanctions-lists', 'sanctioned stolen'],
  ['Axie Infinity: Ronin Bridge', 'axie-infinity bridge', 'bridge'],
  ['0x: Uniswap Bridge', '0x-protocol bridge', 'dex'],
  ['InstaDapp: Maker Compound Bridge', 'instadapp bridge', 'dex'],
  ['Across Protocol: Bridge Admin', 'across-protocol bridge', 'unknown'],
  ['Polygon (Matic): ERC20 Bridge', 'bridge polygon-matic', 'bridge'],
  ['Fantom: Bridge (Locked)', 'fantom', 'bridge'],
  ['Uniswap V3: Router 2', 'dex', 'dex'],
  ['SushiSwap: Scam', 'sushiswap', 'dex'],
  ['SushiSwap: $PONZI-DAI', 'sushiswap', 'dex'],
  ['BankHeist4D', 'gambling', 'gambling'],
  ['Multichain Hack Alert 1000', 'take-action', 'user'],
  ['Gitcoin Grants: dHack', 'gitcoin-grants', 'user'],
  ['EtherScamDB: Donate', 'donate', 'user'],
  ['Kucoin Hacker', 'blocked', 'frozen stolen'],
  ['bZx PrivKey Exploiter 7', 'blocked', 'frozen stolen'],
  ['Yearn (yDai) Exploiter', 'blocked', 'frozen stolen'],
  ['Fake_Phishing4940', 'blocked', 'frozen scam'],
  ['Null: 0x00...dEaD', 'burn', 'burn'],
  ['Celsius Network: Wallet 4', 'celsius-network loans', 'service'],
  ['Celsius Network: CEL Token', 'celsius-network', 'token'],
  ['Compound', 'compound defi loans', 'lending'],
  ['', 'blocked ofac-sanctions-lists', 'frozen sanctioned'],
  // Not in the list at hand.
  ['White Hat Hacker 2', 'some-protocol', 'unknown'],
  ['Bybit: Hot Wallet 3', 'bybit', 'exchange'],
  ['Bybit Exploiter 12', 'heist', 'stolen'],
  ['Something Nobody Mapped', 'new-group', 'unknown'],
];

test('real names of Etherscan accounts fall where they belong', () => {
  for (const [name, slugs, want] of ETHERSCAN) {
    const got = categoriesOfEtherscan(name, slugs.split(' ').filter(Boolean)).map(({ category }) => category);
    assert.equal(got.join(' '), want, name);
  }
});

function tag(
  label: string,
  category: string | null,
  more: Partial<Parameters<typeof categoriesOfTag>[0]> = {},
): readonly Category[] {
  return categoriesOfTag({ label, category, abuse: null, concepts: [], pack: '', contracts: true, ...more });
}

test('an exchange pack’s token contracts are tokens, its wallets stay an exchange’s', () => {
  const tokens = [
    'AAX Token (AAB)',
    'BNB (BNB)',
    'Binance USD',
    'FTT (FTX Token)',
    'Cryptonex (CNX) (CNX)',
    'KuCoin: KCS Token',
    'TOPBTC TOKEN (TOPB)',
  ];
  for (const label of tokens) assert.deepEqual(tag(label, 'exchange'), ['token'], label);
  const wallets = [
    'Binance 14',
    'LAToken',
    'Gate.io',
    'Poloniex: BAT',
    'C2CX: Hot Wallet',
    'MEXC: Mexc.com 2',
    'binance reserve wallets ETH',
  ];
  for (const label of wallets) assert.deepEqual(tag(label, 'exchange'), ['exchange'], label);
  assert.deepEqual(tag('Wintermute', 'exchange'), ['otc']);
  assert.deepEqual(tag('BitKeep: NFT Exchange', 'exchange'), ['dex']);
  // Bitcoin has no token contracts: brackets mean nothing there.
  assert.deepEqual(tag('Huobi.com (old)', 'exchange', { contracts: false }), ['exchange']);
});

test('abuse comes before what the holder is; a sanctioned service is both', () => {
  assert.deepEqual(tag('Lazarus group', 'user', { abuse: 'sanction' }), ['sanctioned']);
  assert.deepEqual(tag('Garantex', 'exchange', { abuse: 'sanction' }), ['sanctioned', 'exchange']);
  assert.deepEqual(tag('Bitfinex hack', null, { abuse: 'service_hack' }), ['stolen']);
  assert.deepEqual(tag('Bitfinex', 'exchange', { abuse: 'service_hack' }), ['stolen']);
  assert.deepEqual(tag('Cryptopia hacker', 'exchange'), ['stolen']);
  assert.deepEqual(tag('x', 'user', { abuse: 'ransomware' }), ['ransomware']);
  assert.deepEqual(tag('x', 'user', { pack: 'US Treasury OFAC Sanctions List' }), ['sanctioned']);
  assert.deepEqual(tag('x', 'exchange', { pack: 'US Treasury OFAC Sanctions List' }), ['exchange']);
  assert.deepEqual(tag('x', 'mixing_service'), ['mixer']);
  assert.deepEqual(tag('x', 'black_list'), ['frozen']);
  assert.deepEqual(tag('x', null, { concepts: ['defi_bridge'] }), ['bridge']);
  assert.deepEqual(tag('Bips', null), ['unknown']);
});
