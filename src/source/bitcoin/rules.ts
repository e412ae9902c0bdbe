import { HaetaeError } from '../../base/errors.ts';
import type { Chain } from '../../model/chain.ts';
import { type ScriptAddress, scriptAddresses } from './script-address.ts';

/** What the nodes of a chain check a block by (their chainparams.cpp). */
export interface ChainRules {
  readonly chain: Chain;
  readonly address: ScriptAddress;
  readonly work: 'sha256d' | 'scrypt';
  /** No target is above it (powLimit). */
  readonly easiest: bigint;
  /** From this height on the coinbase begins with the height (BIP34). */
  readonly heightFrom: number;
  /** From this height on a witness commitment is due; null where the chain has no witnesses. */
  readonly witnessFrom: number | null;
  /** The target changes only at multiples of this height, by four times at most. 0: never; null: from block to block. */
  readonly retarget: number | null;
  /** The chain's number in merged mining; null where a block proves its own work. */
  readonly auxChain: number | null;
  readonly mweb: boolean;
  /** From `height` on the real chain never was as easy as this: a forged chain costs at least so much a block. */
  readonly floor: { readonly height: number; readonly target: bigint } | null;
}

type Params = Omit<ChainRules, 'chain' | 'address'>;

function below(bits: number): bigint {
  return (1n << BigInt(bits)) - 1n;
}

/** The target of a difficulty as nodes print it. */
function difficulty(value: bigint): bigint {
  return (0xffffn << 208n) / value;
}

const OWN_WORK = { auxChain: null, mweb: false, floor: null } as const;
const REGTEST = { ...OWN_WORK, easiest: below(255), witnessFrom: 0, retarget: 0 } as const;

/** The floors lie well under the lowest difficulty seen since the height beside them. */
const PARAMS: Readonly<Record<string, Params>> = {
  bitcoin: {
    ...OWN_WORK,
    work: 'sha256d',
    easiest: below(224),
    heightFrom: 227_931,
    witnessFrom: 481_824,
    retarget: 2016,
    floor: { height: 500_000, target: difficulty(1_000_000_000_000n) },
  },
  litecoin: {
    work: 'scrypt',
    easiest: below(236),
    heightFrom: 710_000,
    witnessFrom: 1_201_536,
    retarget: 2016,
    auxChain: null,
    mweb: true,
    floor: { height: 1_500_000, target: difficulty(1_000_000n) },
  },
  dogecoin: {
    work: 'scrypt',
    easiest: below(236),
    heightFrom: 1_034_383,
    witnessFrom: null,
    retarget: null,
    auxChain: 0x62,
    mweb: false,
    floor: { height: 2_500_000, target: difficulty(100_000n) },
  },
  // No rule asks regtest blocks for their height under 500, but every miner of a node writes it.
  'bitcoin-regtest': { ...REGTEST, work: 'sha256d', heightFrom: 1 },
  'litecoin-regtest': { ...REGTEST, work: 'scrypt', heightFrom: 1, mweb: true },
};

/** Throws E_SOURCE where the chain's blocks are of a form that is not read here. */
export function rulesOf(chain: Chain): ChainRules {
  const params = PARAMS[chain.name];
  if (params !== undefined) return { ...params, chain, address: scriptAddresses(chain) };
  throw new HaetaeError('E_SOURCE', `blocks of ${chain.name} cannot be read from a node`, {
    context: { chain: chain.id },
    remedy: `name an endpoint of ${Object.keys(PARAMS).join(', ')}, or import a file of the chain's transactions`,
  });
}
