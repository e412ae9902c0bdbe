/** What tells the chain of a blk file, and how fast its blocks come. */
interface Network {
  /** The four bytes before each block (chainparams.cpp, pchMessageStart), read from left to right. */
  readonly magic: number;
  /** Seconds from block to block on average (nPowTargetSpacing); null where time says nothing (regtest). */
  readonly spacing: number | null;
}

/** Bitcoin Cash and its kin write Bitcoin's bytes to disk; the regression tests of all kin share theirs. */
const NETWORKS: Readonly<Record<string, Network>> = {
  bitcoin: { magic: 0xf9beb4d9, spacing: 600 },
  litecoin: { magic: 0xfbc0b6db, spacing: 150 },
  dogecoin: { magic: 0xc0c0c0c0, spacing: 60 },
  'bitcoin-regtest': { magic: 0xfabfb5da, spacing: null },
  'litecoin-regtest': { magic: 0xfabfb5da, spacing: null },
};

/** Networks whose files can be told, and are not read. */
const FOREIGN: Readonly<Record<number, string>> = {
  185665799: 'Bitcoin testnet3',
  471220008: 'Bitcoin testnet4',
  168021824: 'Bitcoin signet',
  3823236072: 'Bitcoin Cash',
  4258449649: 'Litecoin testnet',
  4240553948: 'Dogecoin testnet',
  3205262269: 'Dash',
  619259748: 'Zcash',
};

/** Names of the chains whose blk files begin with these bytes; none where they begin no blk file that is read here. */
export function chainsOf(magic: number): readonly string[] {
  return Object.keys(NETWORKS).filter((name) => NETWORKS[name]?.magic === magic);
}

export function foreignNetwork(magic: number): string | null {
  return FOREIGN[magic] ?? null;
}

export function spacingOf(chain: string): number | null {
  return NETWORKS[chain]?.spacing ?? null;
}
