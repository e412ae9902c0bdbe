import type { CATEGORIES, CONFIDENCES } from '../../../../src/model/label.ts';

type Of<Names extends readonly string[]> = Readonly<Record<Names[number], string>>;
type Names = Readonly<Record<string, string>>;

const categories: Of<typeof CATEGORIES> & { readonly suspected: string } = {
  sanctioned: 'Sanctioned',
  stolen: 'Stolen funds',
  mixer: 'Mixer',
  coinjoin: 'CoinJoin',
  exchange: 'Exchange',
  bridge: 'Bridge',
  otc: 'OTC desk',
  gambling: 'Gambling',
  darknet: 'Darknet market',
  scam: 'Scam',
  ransomware: 'Ransomware',
  mining: 'Mining',
  dex: 'Decentralised exchange',
  lending: 'Lending',
  payment: 'Payment service',
  wallet: 'Wallet',
  frozen: 'Frozen',
  burn: 'Burn address',
  token: 'Token contract',
  service: 'Service',
  user: 'Private user',
  unknown: 'Not categorised',
  suspected: 'Suspected',
};

const confidences: Of<typeof CONFIDENCES> = {
  ownership: 'Ownership shown',
  override: 'Own finding',
  ledger_immanent: 'Follows from the ledger',
  manual_transaction: 'Own test transaction',
  service_api: 'Interface of the service',
  forensic_investigation: 'Forensic investigation',
  authority_data: 'Public authority',
  trusted_provider: 'Trusted provider',
  service_data: 'Data of the service',
  forensic: 'Forensic report',
  untrusted_transaction: 'Transaction of others',
  web_crawl: 'Found on the web',
  heuristic: 'Heuristic',
  unknown: 'Not known',
};

/** What labels say of an address, and how sure they are: the same words on every page. */
export const en: { readonly categories: Names; readonly confidences: Names } = { categories, confidences };

/** Every category and confidence of the model has words. */
export type CategoryWords = { readonly categories: typeof categories; readonly confidences: typeof confidences };
