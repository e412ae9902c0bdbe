import type { UnixSeconds } from '../base/time.ts';

export interface KnownFile {
  readonly listDate: UnixSeconds;
  /** Where the date is from. */
  readonly reason: string;
}

const BY_ASSET_2024 = 1727395200; // 2024-09-27
const ETHERSCAN_2023 = 1698710400; // 2023-10-31

const BY_ASSET_REASON = '0xB10C/ofac-sanctioned-digital-currency-addresses, branch lists, f2aee226: list of 2024-09-27';
const ETHERSCAN_REASON = 'brianleect/etherscan-labels, 923aba72: collected in October 2023 (its last day is taken)';

/** Public files that carry no date of their own, by SHA-256 of the whole file. No content is kept here. */
const REGISTER: readonly (readonly [listDate: UnixSeconds, reason: string, sha256: readonly string[]])[] = [
  [ETHERSCAN_2023, ETHERSCAN_REASON, ['040d6eab1a44952feb688c02ed6dc75ab90b47e131ffe52b4951951e588e35a6']],
  [
    BY_ASSET_2024,
    BY_ASSET_REASON,
    [
      '00e6e3def3eed6899d2b4e75e4aabcc916c9fa7e34abfbb25f5bab88ad5f304b',
      '0647a257b7a57aa5ac1b502cd453e59c76cf7328ec8a5f94da5620e19cb7d86f',
      '20a7d062eb59a949681bd00689c6292c26132633ddfd69b36c5cf8668ff59cb7',
      '2f354fa5891ac5aa1433102becf6fd5ca8a68b88a0a506a2e5cd0a84f1e74b44',
      '427b20d1f992aa678fecccff2110a41d987a6073d5f22252d3fc8c32a3c3fb65',
      '45c64cc6062e563f4437706fd7f0240dfebf57baee87f2861f545e080f238bdb',
      '472edce9c82acb1779dab010747eb41a6eec9a6668aa17e8217297b077fd42ac',
      '4e9dfe931c22b0e5f00a1c34abeee27a3a797ae14e7185db06a9e02262bdc6d1',
      '59c47ed4bf10bf342787b9c7e8faf807dece8ade5d1baa55cc1d9fc42510abce',
      '5e01eeb8193152e604e1be7b3a396c36100acc4e37cafde7d83eef5003375506',
      '5e5f9cac30799b97bb966798205958c1cfbf2408d7670bbe74f24f4d5b8161be',
      '5eb1c8449036dfcabf39a416bdcb4175fe3189bbd8469288c66c7a278152bbeb',
      '67c9938a98e4ea72ca40ef7122ff276747202c465da04028f64ddfd1443ac393',
      '70d694b5181f8530319304667ab4b93ef31b0377dbe520c275014aa28f149134',
      '7490c8afe4838715385e7a419df87b052d7f2d27b31121c2fcb03f208db733f5',
      '75fc232c70671aab46438aa414e966d66cd6f241f70bc787c617d3835d625adb',
      '7ed6f1a0f390d8063c516099e5be395c819fe44e798d28f7ac8115c33e495dc3',
      '83a386697b47600f68644e002115fcaf5967e3331005407a0d10ce5291de3e03',
      '8593e3a95714ce47de258966c0de4d8d1835e7e022afa2b3a3df2b1eb5f5594b',
      '862b5b037c14805f1c664b55b2b8494f1e42f6c85a8a4e1cc5519eac72acfb91',
      '9bb46e582a3c8bc625555925c58069278ca98916b51c5532aebf502149517ce7',
      'b26ef363b567e5b9e20df448982320f8daa44bacef9d72befb1b78947255096e',
      'b52296adc8fabdcf907f581c90e65848e087cf33bb2b8cd2864ab77cda67f630',
      'be0847511ce39fee6f27a3843f5f759819c606ab71136ca651e425c6d6f27f7d',
      'd32bde5b33c3513a2602c90555c0aaae276df7639600220011b037793025de5d',
      'd7d534f0fca3e3685b1b84ae1eaeb81935d9bd181b9d73d5685f628705a64fd4',
      'de05a022640986055a8f940ae53c94867d3a31a49acca6df34b6f00655496d2a',
      'dfcaf23adaa2fd62a57ae47bab54c5ab23eb6f3dd99a953d5080e9b4fba15407',
      'eabf084a82ae515b5ef7f9ae5d2c3d08f8152ed53419e992ff412398d8174ef6',
      'ec9e1fdf2a9f6ddec2cb114f5977c2d17db1bb99e8759ac222c00ef8d60078c4',
      'efe30f52a68289babcf60209eb06a6ffd03d71088d94ad10d1361aee19a85b09',
      'f45034395b643ccb9decd92f23030a95ce3d7a28aa244c125f67417f1c4314b0',
    ],
  ],
];

const KNOWN = new Map<string, KnownFile>(
  REGISTER.flatMap(([listDate, reason, hashes]) => hashes.map((hash) => [hash, { listDate, reason }] as const)),
);

export function knownFile(sha256: string): KnownFile | null {
  return KNOWN.get(sha256) ?? null;
}
