/** A public data set: where each file is published, and the SHA-256 it must have. Facts only; no data are in this repository. */
export interface DatasetRecipe {
  readonly name: string;
  readonly title: string;
  readonly licence: string;
  /** Address of the folder at a fixed commit, ending in a slash. */
  readonly base: string;
  /** How to import it, where it can be imported. */
  readonly next: string | null;
  readonly files: readonly { readonly path: string; readonly saveAs: string; readonly sha256: string }[];
}

export const DATASETS: readonly DatasetRecipe[] = [
  {
    name: 'ronin',
    title: 'ETH movements around the Ronin bridge exploiter and the OFAC-listed addresses',
    licence: 'MIT',
    base: 'https://raw.githubusercontent.com/dspytdao/Eth_Data/3c66dcba0a6d1f14df1ccfc1eebb11e9294ce6fc/',
    next: 'haetae import transfers transfers.csv --preset ronin',
    files: [
      {
        path: 'LazarusTabularTxs1322519.csv',
        saveAs: 'transfers.csv',
        sha256: '99798df65988be4ff47e3a5aa8c9d1f508c43f4428f2da832cd1a70cae597886',
      },
      {
        path: 'LazarusGroup.txt',
        saveAs: 'ofac-addresses.txt',
        sha256: 'aecfdb2f30301336e34a595a69d1666ef78e968f22b8e0b473cc5236c2a7d46a',
      },
    ],
  },
  {
    name: 'tornado',
    title: 'Deposits and withdrawals of the Tornado Cash 100 ETH pool to 2022-06-13',
    licence: 'MIT',
    base: 'https://raw.githubusercontent.com/tornadocash/tornado-classic-ui/a83fae0772c8da084c0e76b3a756b456f5b9f5bb/static/events/',
    next: null,
    files: [
      {
        path: 'deposits_eth_100.json.zip',
        saveAs: 'deposits_eth_100.json.zip',
        sha256: 'fe3073a9e7605a37572746a52314e37a54111a7859470157be74b06510668c5e',
      },
      {
        path: 'withdrawals_eth_100.json.zip',
        saveAs: 'withdrawals_eth_100.json.zip',
        sha256: 'dfa76734cfc6517fa56d373d0e9eeacf7a2b240b96bec4db85b5c02843d41539',
      },
    ],
  },
  {
    name: 'ofac',
    title: 'OFAC digital currency addresses by asset, case kept, 2024-09-27',
    licence: 'MIT',
    base: 'https://raw.githubusercontent.com/0xB10C/ofac-sanctioned-digital-currency-addresses/f2aee2265956bf28ce71824c2c2c8cab02c2e173/',
    next: 'haetae import labels *.txt',
    files: [
      {
        path: 'sanctioned_addresses_ARB.txt',
        saveAs: 'sanctioned_addresses_ARB.txt',
        sha256: 'b52296adc8fabdcf907f581c90e65848e087cf33bb2b8cd2864ab77cda67f630',
      },
      {
        path: 'sanctioned_addresses_BCH.txt',
        saveAs: 'sanctioned_addresses_BCH.txt',
        sha256: 'eabf084a82ae515b5ef7f9ae5d2c3d08f8152ed53419e992ff412398d8174ef6',
      },
      {
        path: 'sanctioned_addresses_BSC.txt',
        saveAs: 'sanctioned_addresses_BSC.txt',
        sha256: 'b52296adc8fabdcf907f581c90e65848e087cf33bb2b8cd2864ab77cda67f630',
      },
      {
        path: 'sanctioned_addresses_BSV.txt',
        saveAs: 'sanctioned_addresses_BSV.txt',
        sha256: '0647a257b7a57aa5ac1b502cd453e59c76cf7328ec8a5f94da5620e19cb7d86f',
      },
      {
        path: 'sanctioned_addresses_BTG.txt',
        saveAs: 'sanctioned_addresses_BTG.txt',
        sha256: '8593e3a95714ce47de258966c0de4d8d1835e7e022afa2b3a3df2b1eb5f5594b',
      },
      {
        path: 'sanctioned_addresses_DASH.txt',
        saveAs: 'sanctioned_addresses_DASH.txt',
        sha256: '5eb1c8449036dfcabf39a416bdcb4175fe3189bbd8469288c66c7a278152bbeb',
      },
      {
        path: 'sanctioned_addresses_ETC.txt',
        saveAs: 'sanctioned_addresses_ETC.txt',
        sha256: '45c64cc6062e563f4437706fd7f0240dfebf57baee87f2861f545e080f238bdb',
      },
      {
        path: 'sanctioned_addresses_ETH.txt',
        saveAs: 'sanctioned_addresses_ETH.txt',
        sha256: '9bb46e582a3c8bc625555925c58069278ca98916b51c5532aebf502149517ce7',
      },
      {
        path: 'sanctioned_addresses_LTC.txt',
        saveAs: 'sanctioned_addresses_LTC.txt',
        sha256: '67c9938a98e4ea72ca40ef7122ff276747202c465da04028f64ddfd1443ac393',
      },
      {
        path: 'sanctioned_addresses_TRX.txt',
        saveAs: 'sanctioned_addresses_TRX.txt',
        sha256: 'dfcaf23adaa2fd62a57ae47bab54c5ab23eb6f3dd99a953d5080e9b4fba15407',
      },
      {
        path: 'sanctioned_addresses_USDC.txt',
        saveAs: 'sanctioned_addresses_USDC.txt',
        sha256: 'd7d534f0fca3e3685b1b84ae1eaeb81935d9bd181b9d73d5685f628705a64fd4',
      },
      {
        path: 'sanctioned_addresses_USDT.txt',
        saveAs: 'sanctioned_addresses_USDT.txt',
        sha256: 'ec9e1fdf2a9f6ddec2cb114f5977c2d17db1bb99e8759ac222c00ef8d60078c4',
      },
      {
        path: 'sanctioned_addresses_XBT.txt',
        saveAs: 'sanctioned_addresses_XBT.txt',
        sha256: '5e5f9cac30799b97bb966798205958c1cfbf2408d7670bbe74f24f4d5b8161be',
      },
      {
        path: 'sanctioned_addresses_XMR.txt',
        saveAs: 'sanctioned_addresses_XMR.txt',
        sha256: '7490c8afe4838715385e7a419df87b052d7f2d27b31121c2fcb03f208db733f5',
      },
      {
        path: 'sanctioned_addresses_XRP.txt',
        saveAs: 'sanctioned_addresses_XRP.txt',
        sha256: 'd32bde5b33c3513a2602c90555c0aaae276df7639600220011b037793025de5d',
      },
      {
        path: 'sanctioned_addresses_XVG.txt',
        saveAs: 'sanctioned_addresses_XVG.txt',
        sha256: '70d694b5181f8530319304667ab4b93ef31b0377dbe520c275014aa28f149134',
      },
      {
        path: 'sanctioned_addresses_ZEC.txt',
        saveAs: 'sanctioned_addresses_ZEC.txt',
        sha256: '472edce9c82acb1779dab010747eb41a6eec9a6668aa17e8217297b077fd42ac',
      },
    ],
  },
  {
    name: 'ofac-programmes',
    title: 'OFAC addresses with entity and programme, 2026-08-20',
    licence: 'MIT',
    base: 'https://raw.githubusercontent.com/thomasgregg/crypto-sanctions-list/14d1d71fe63d1982d59ac3f9eb5fad4b648bb55c/data/',
    next: 'haetae import labels sanctioned-addresses.json',
    files: [
      {
        path: 'sanctioned-addresses.json',
        saveAs: 'sanctioned-addresses.json',
        sha256: '555a76abca0de60bfa86ebb02ead7d8578d57c0ca6e2531b74d6e67cb86c66eb',
      },
    ],
  },
  {
    name: 'tagpacks',
    title: 'GraphSense TagPacks: Lazarus, Ronin, OFAC, mixers, exchanges, hacks',
    licence: 'MIT',
    base: 'https://raw.githubusercontent.com/graphsense/graphsense-tagpacks/29ff93c8ab0db37370453a290b7becba429b73f8/packs/',
    next: 'haetae import labels *.yaml',
    files: [
      {
        path: 'blender_io.yaml',
        saveAs: 'blender_io.yaml',
        sha256: 'b83e8766aeac4c7f0183513e3f2086e40952e3b1d5d795f15ffa191edf2604dd',
      },
      {
        path: 'etherscan-wordcloud-exchange.yaml',
        saveAs: 'etherscan-wordcloud-exchange.yaml',
        sha256: 'd75a7b563d26cc64349bdbb6c09f2a969654ee425be6d7944684a9d66c8513da',
      },
      {
        path: 'exchange-wallets-binance.yaml',
        saveAs: 'exchange-wallets-binance.yaml',
        sha256: 'e706166f2c74b23c80f79e4a93f85cb7f7fc80829a5be70409201ea4b5d4b944',
      },
      {
        path: 'exchange-wallets-huobi.yaml',
        saveAs: 'exchange-wallets-huobi.yaml',
        sha256: '6034869b65b060d08c9d1fcd4835986e25ca27e4b083069e50e543c79fa1a2df',
      },
      {
        path: 'exchange-wallets-kucoin.yaml',
        saveAs: 'exchange-wallets-kucoin.yaml',
        sha256: '8a9aac7c252635637072f46ab2caa3adefde64faf0802acd2b6f6af17ea40632',
      },
      {
        path: 'exchange-wallets-okx.yaml',
        saveAs: 'exchange-wallets-okx.yaml',
        sha256: 'c84e725af5b1cbcfbb410c6d2762cefa033baa97aa0cd0379daa1b4429b4d643',
      },
      {
        path: 'hacks.yaml',
        saveAs: 'hacks.yaml',
        sha256: '7fff7a640e14800f749fa6cb222cea7494d0d92767106fa4ecca8976ca682c60',
      },
      {
        path: 'lazarus.yaml',
        saveAs: 'lazarus.yaml',
        sha256: '8b84a1ac2b239cdaccafbf8a76ae905fe53e48189f30d5c022fec3b614637aa9',
      },
      {
        path: 'lazarus2.yaml',
        saveAs: 'lazarus2.yaml',
        sha256: 'c73d0b81398fe8c213d2db681a050b8d8462502eebdf51567060af603bb6f04c',
      },
      {
        path: 'mixing_fc2021.yaml',
        saveAs: 'mixing_fc2021.yaml',
        sha256: '4ac135d275f76ef30d46986a7348fed62e7e0f9a8570e24107623628c0ca2c3e',
      },
      {
        path: 'ofac.yaml',
        saveAs: 'ofac.yaml',
        sha256: 'd545e6e88a2590aee15c3cd55df9a225a29fd569c5079393748ee4c3bfd1d682',
      },
      {
        path: 'ronin_bridge.yaml',
        saveAs: 'ronin_bridge.yaml',
        sha256: '0ffc3e8c8e5ff6d0355b006a1896f9228bb2f92ec590ad29c6907850c24b7ab9',
      },
      {
        path: 'samourai.yaml',
        saveAs: 'samourai.yaml',
        sha256: '7f25711c730f03a736999bb29a47beb2d8c05ac950070d5726689137aabaa9b8',
      },
      {
        path: 'sinbad_io.yaml',
        saveAs: 'sinbad_io.yaml',
        sha256: '6d6adab5c13f8fbfc9176325e1b7227abfb62858e69f4bfaa8728aa4af6af0a3',
      },
      {
        path: 'tornado_cash.yaml',
        saveAs: 'tornado_cash.yaml',
        sha256: 'a2fdafe9a32f538150e70b13e7653088bdff82abcd74085dc8c9d380e00480bd',
      },
      {
        path: 'usdt_blacklist.yaml',
        saveAs: 'usdt_blacklist.yaml',
        sha256: '9039a2295e8cf27e5d57189e2b61d12395bbee1cc3c2c05aef3f96b4b9c07bd0',
      },
      {
        path: 'walletexplorer.yaml',
        saveAs: 'walletexplorer.yaml',
        sha256: 'c715de3f4e264ed0637fd08e50fdef389d313d1652c2a8b4738f597e94a7ef4f',
      },
    ],
  },
];
