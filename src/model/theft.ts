import { z } from 'zod';
import { HaetaeError } from '../base/errors.ts';
import { requireAmount } from '../base/money.ts';
import { requireTime, type UnixSeconds } from '../base/time.ts';
import { requireAddress } from './address.ts';
import { type Asset, requireAsset } from './asset.ts';
import { type Chain, requireChain } from './chain.ts';

const text = z.string().trim().min(1).max(2000);
const amountText = z.union([z.string().max(120), z.number()]).transform(String);
const timeText = z
  .union([z.string().max(40), z.number(), z.date().transform((date) => date.toISOString())])
  .transform(String);

const seedSchema = z
  .strictObject({
    kind: z.enum(['credit', 'mark']),
    chain: text.optional(),
    address: text.optional(),
    outpoint: text.optional(),
    tx: text.optional(),
    asset: text.optional(),
    decimals: z.int().min(0).max(77).optional(),
    amount: amountText.optional(),
    baseUnits: amountText.optional(),
    units: amountText.optional(),
    sourceBaseUnits: amountText.optional(),
    time: timeText.optional(),
    note: text.optional(),
  })
  .refine((seed) => seed.address !== undefined || seed.outpoint !== undefined, {
    message: 'a seed names an address, or on a UTXO chain an outpoint (txid:index)',
  })
  .refine((seed) => (seed.amount === undefined) !== (seed.baseUnits === undefined), {
    message: 'a seed gives either amount (whole units) or baseUnits',
  });

const theftSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'letters, digits, dot, dash and underscore, at most 64'),
  title: text.optional(),
  incident: text.optional(),
  chain: text,
  asset: text.default('native'),
  decimals: z.int().min(0).max(77).optional(),
  sources: z.array(text).max(1000).default([]),
  note: text.optional(),
  seeds: z.array(seedSchema).min(1).max(10_000),
});

const endSchema = z.strictObject({
  chain: text.optional(),
  address: text.optional(),
  outpoint: text.optional(),
  asset: text.optional(),
  decimals: z.int().min(0).max(77).optional(),
  amount: amountText.optional(),
  baseUnits: amountText.optional(),
  time: timeText.optional(),
  kind: z.enum(['credit', 'mark']).default('mark'),
});

const linkSchema = z.strictObject({
  /** The transfer that went into the stop. */
  from: z.strictObject({ chain: text, tx: text, to: text.optional() }),
  to: endSchema.extend({ chain: text }),
  reason: text,
});

const fileSchema = z.strictObject({
  title: text,
  simulated: z.boolean().default(false),
  meeting: z.enum(['first', 'share', 'overlap']).default('first'),
  thefts: z.array(theftSchema).min(1).max(100),
  links: z.array(linkSchema).max(10_000).default([]),
  feeTakers: z.array(text).max(1000).default([]),
  passThrough: z.array(text).max(1000).default([]),
  notes: z.union([text, z.array(text)]).optional(),
});

/** Where and how a theft enters. `outpoint` on UTXO chains, else `address` with `asset`. */
export interface Seed {
  readonly kind: 'credit' | 'mark';
  readonly chain: Chain;
  readonly address: string | null;
  readonly outpoint: { readonly tx: string; readonly index: number } | null;
  /**
   * On a UTXO chain: narrows an address seed to the outputs of one transaction. On an account chain: a mark enters right after the
   * movements of this transaction, where the data hold it.
   */
  readonly tx: string | null;
  readonly asset: Asset;
  /** Base units of the seed's asset. */
  readonly amount: bigint;
  /** Source units: base units of the theft's asset. */
  readonly units: bigint;
  /** null only for a seed on an outpoint that the data hold: its time is that of its transaction. */
  readonly time: UnixSeconds | null;
}

export interface Theft {
  readonly id: string;
  readonly title: string;
  /** Thefts of one incident (several assets stolen at once) do not commingle with each other; null: told by their times. */
  readonly incident: string | null;
  readonly chain: Chain;
  readonly asset: Asset;
  readonly sources: readonly string[];
  readonly seeds: readonly Seed[];
}

export interface DocumentedLink {
  readonly from: { readonly chain: Chain; readonly tx: string; readonly to: string | null };
  readonly to: Seed;
  readonly reason: string;
}

export interface TheftFile {
  readonly title: string;
  readonly simulated: boolean;
  readonly meeting: 'first' | 'share' | 'overlap';
  readonly thefts: readonly Theft[];
  readonly links: readonly DocumentedLink[];
  readonly feeTakers: readonly string[];
  readonly passThrough: readonly string[];
}

/** A whole theft file from parsed YAML or JSON. Throws E_THEFT_FILE, E_ADDRESS, E_ASSET, E_AMOUNT or E_TIME with the field. */
export function parseTheftFile(value: unknown, fileName: string): TheftFile {
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new HaetaeError('E_THEFT_FILE', issue?.message ?? 'not a theft file', {
      context: { file: fileName, field: issue?.path.join('.') ?? '' },
      remedy: 'see examples/ronin.theft.yaml and docs/theft-file.md',
    });
  }
  const file = parsed.data;
  const ids = new Set(file.thefts.map((theft) => theft.id));
  if (ids.size !== file.thefts.length) {
    throw new HaetaeError('E_THEFT_FILE', 'two thefts have the same id', {
      context: { file: fileName, field: 'thefts.id' },
    });
  }
  return {
    title: file.title,
    simulated: file.simulated,
    meeting: file.meeting,
    thefts: file.thefts.map(toTheft),
    links: file.links.map(toLink),
    feeTakers: file.feeTakers,
    passThrough: file.passThrough,
  };
}

function withDecimals(asset: Asset, decimals: number | undefined, field: string): Asset {
  if (decimals === undefined) return asset;
  if (asset.decimals !== null && asset.decimals !== decimals && !asset.id.includes('/iso4217:')) {
    throw new HaetaeError('E_ASSET', `${asset.symbol} has ${asset.decimals} decimals`, {
      context: { field, decimals },
    });
  }
  return { ...asset, decimals };
}

function toTheft(theft: z.infer<typeof theftSchema>): Theft {
  const chain = requireChain(theft.chain);
  const asset = withDecimals(requireAsset(theft.asset, chain.id), theft.decimals, `thefts.${theft.id}.decimals`);
  return {
    id: theft.id,
    title: theft.title ?? theft.id,
    incident: theft.incident ?? null,
    chain,
    asset,
    sources: theft.sources,
    seeds: theft.seeds.map((seed, index) => toSeed(seed, { chain, asset }, `thefts.${theft.id}.seeds.${index}`)),
  };
}

/** An amount in whole units where the asset's decimals are known, or in base units. */
function amountOf(whole: string | undefined, base: string | undefined, asset: Asset, field: string): bigint {
  if (base !== undefined) return requireAmount(base, 0, `${field}.baseUnits`);
  if (asset.decimals === null) {
    throw new HaetaeError('E_AMOUNT', `the decimals of ${asset.id} are not known`, {
      context: { field: `${field}.amount` },
      remedy: 'give baseUnits, or decimals beside the asset',
    });
  }
  return requireAmount(whole ?? '', asset.decimals, `${field}.amount`);
}

function toSeed(seed: z.infer<typeof seedSchema>, theft: { chain: Chain; asset: Asset }, field: string): Seed {
  const chain = seed.chain === undefined ? theft.chain : requireChain(seed.chain);
  const sameChain = chain.id === theft.chain.id;
  const named = seed.asset === undefined && sameChain ? theft.asset : requireAsset(seed.asset ?? 'native', chain.id);
  const asset = withDecimals(named.id === theft.asset.id ? theft.asset : named, seed.decimals, `${field}.decimals`);
  const amount = amountOf(seed.amount, seed.baseUnits, asset, field);
  if (amount === 0n) throw new HaetaeError('E_AMOUNT', 'a seed of nothing', { context: { field } });
  const hasUnits = seed.units !== undefined || seed.sourceBaseUnits !== undefined;
  if (!hasUnits && asset.id !== theft.asset.id) {
    throw new HaetaeError('E_THEFT_FILE', 'a seed in another asset than the theft needs its units', {
      context: { field: `${field}.units` },
      remedy: `add units: how much of ${theft.asset.symbol} this seed stands for`,
    });
  }
  const units = hasUnits ? amountOf(seed.units, seed.sourceBaseUnits, theft.asset, `${field}.units`) : amount;
  if (units === 0n) throw new HaetaeError('E_AMOUNT', 'a seed of no source units', { context: { field } });
  return { kind: seed.kind, chain, asset, amount, units, ...placeOf(seed, chain, field) };
}

function placeOf(
  seed: {
    address?: string | undefined;
    outpoint?: string | undefined;
    tx?: string | undefined;
    time?: string | undefined;
  },
  chain: Chain,
  field: string,
): Pick<Seed, 'address' | 'outpoint' | 'tx' | 'time'> {
  const time = seed.time === undefined ? null : requireTime(seed.time, `${field}.time`);
  const address = seed.address === undefined ? null : requireAddress(chain, seed.address, `${field}.address`);
  if (chain.model === 'account') {
    if (address === null || time === null) {
      throw new HaetaeError('E_THEFT_FILE', 'a seed on an account chain needs address and time', {
        context: { field },
      });
    }
    if (time < chain.genesis) {
      throw new HaetaeError('E_TIME', `the seed is dated before ${chain.name} began`, {
        context: { field: `${field}.time` },
      });
    }
    return { address, outpoint: null, tx: seed.tx?.toLowerCase() ?? null, time };
  }
  const outpoint = seed.outpoint === undefined ? null : parseOutpoint(seed.outpoint, `${field}.outpoint`);
  return { address, outpoint, tx: seed.tx?.toLowerCase() ?? null, time };
}

function parseOutpoint(value: string, field: string): { tx: string; index: number } {
  const match = /^([0-9a-fA-F]{64}):(\d{1,9})$/.exec(value);
  if (match === null) {
    throw new HaetaeError('E_THEFT_FILE', 'not an outpoint', {
      context: { field, value: value.slice(0, 90) },
      remedy: 'write txid:index, the transaction id in 64 hex digits',
    });
  }
  return { tx: match[1]!.toLowerCase(), index: Number(match[2]) };
}

function toLink(link: z.infer<typeof linkSchema>, index: number): DocumentedLink {
  const field = `links.${index}`;
  const fromChain = requireChain(link.from.chain);
  const chain = requireChain(link.to.chain);
  const asset = withDecimals(
    requireAsset(link.to.asset ?? 'native', chain.id),
    link.to.decimals,
    `${field}.to.decimals`,
  );
  const amount = amountOf(link.to.amount, link.to.baseUnits, asset, `${field}.to`);
  return {
    from: {
      chain: fromChain,
      tx: link.from.tx.toLowerCase(),
      to: link.from.to === undefined ? null : requireAddress(fromChain, link.from.to, `${field}.from.to`),
    },
    to: { kind: link.to.kind, chain, asset, amount, units: amount, ...placeOf(link.to, chain, `${field}.to`) },
    reason: link.reason,
  };
}
