import { parseAmount } from '../../base/money.ts';
import { parseTime, type UnixSeconds } from '../../base/time.ts';
import { parseAddress } from '../../model/address.ts';
import { type AssetId, nativeAsset, requireAsset, tokenAsset } from '../../model/asset.ts';
import { type Chain, requireChain } from '../../model/chain.ts';
import { TRANSFER_KINDS } from '../../model/transfer.ts';
import { createdAddress } from './created.ts';
import type { Field, FieldName, Plan } from './layout.ts';
import { MAX_BLOCK, MAX_INDEX } from './plain.ts';

export type Judged = string | number | bigint | boolean | null;
export type RawRow = Readonly<Partial<Record<FieldName, string | null>>>;
export type JudgedRow = Partial<Record<FieldName, Judged>> & { rounded?: boolean };

/** Why a row is refused; every reason is explained in docs/import.md. */
export interface Refusal {
  readonly reason: string;
  readonly field: string;
  readonly value: string;
}

/** Amounts in floating point above this may not be what the chain holds. */
const EXACT_DOUBLE = 2n ** 53n;

/** Traces of the block, of no transaction. */
const OUTSIDE_TRACES: readonly string[] = ['reward', 'genesis', 'daofork'];

interface Context {
  readonly plan: Plan;
  readonly chain: Chain;
  readonly decimals: number | null;
  readonly latest: UnixSeconds;
  readonly raw: RawRow;
}

/** Judges rows that SQL did not find plain. Addresses and assets met before are remembered, up to a limit. */
export class Judge {
  private readonly plan: Plan;
  private readonly latest: UnixSeconds;
  private readonly names: ReadonlyMap<FieldName, string>;
  private readonly addresses = new Map<string, string | Fault>();
  private readonly assets = new Map<string, ReturnType<typeof requireAsset> | null>();

  /** `names`: what the file calls each field, for the list of refusals. `latest`: a later time is refused. */
  constructor(plan: Plan, latest: UnixSeconds, names: ReadonlyMap<FieldName, string>) {
    this.plan = plan;
    this.latest = latest;
    this.names = names;
  }

  row(raw: RawRow, floats: boolean): JudgedRow | Refusal {
    const chain = this.chainOf(raw);
    if (chain === null) return this.refuse('bad-chain', 'chain', raw);
    if (chain.id !== this.plan.chain) return this.refuse('other-chain', 'chain', raw);
    const asset = this.assetOf(raw, chain);
    if (asset === null) return this.refuse('bad-asset', 'asset', raw);
    const decimals = this.plan.unit === 'base' ? 0 : (this.plan.amountDecimals ?? asset.decimals);
    const context: Context = { plan: this.plan, chain, decimals, latest: this.latest, raw };
    const row: JudgedRow = {};
    for (const field of this.plan.fields) {
      const judged = this.field(field, context, asset.id);
      if (judged instanceof Fault) return this.refuse(judged.reason, field.name, raw);
      row[field.name] = judged;
    }
    const fault = this.whole(row);
    if (fault !== null) return this.refuse(fault.reason, fault.field, raw);
    if (floats) row.rounded = typeof row.amount === 'bigint' && row.amount > EXACT_DOUBLE;
    return row;
  }

  /** What the fields must say together. A creation pays the new contract, whose address follows from sender and nonce. */
  private whole(row: JudgedRow): { reason: string; field: FieldName } | null {
    const { shape } = this.plan;
    if (shape === 'trace' && (row.txIndex ?? null) === null && !OUTSIDE_TRACES.includes(String(row.traceType))) {
      return { reason: 'missing-field', field: 'txIndex' };
    }
    if (shape !== 'transaction' || (row.to ?? null) !== null || (row.contract ?? null) !== null) return null;
    if (row.amount === 0n) return null;
    if (typeof row.nonce !== 'number' || typeof row.from !== 'string')
      return { reason: 'no-contract-address', field: 'to' };
    row.to = createdAddress(row.from, row.nonce);
    return null;
  }

  private field(field: Field, context: Context, asset: AssetId): Judged | Fault {
    const text = context.raw[field.name]?.trim() ?? '';
    if (text === '') return field.nullable ? null : new Fault('missing-field');
    switch (field.type) {
      case 'time':
        return judgeTime(text, context);
      case 'int':
        return judgeInt(text, field.name);
      case 'amount':
        return judgeAmount(text, context.decimals);
      case 'address':
        return this.address(text, context.chain);
      case 'asset':
        return asset;
      case 'chain':
        return context.chain.id;
      case 'hash':
        return judgeHash(text, context.chain);
      case 'kind':
        return TRANSFER_KINDS.some((kind) => kind === text) ? text : new Fault('bad-kind');
      case 'path':
        return judgePath(text);
      case 'text':
        return text;
    }
  }

  private address(text: string, chain: Chain): string | Fault {
    const key = `${chain.id} ${text}`;
    const known = this.addresses.get(key);
    if (known !== undefined) return known;
    const parsed = parseAddress(chain, text);
    const judged = parsed.ok ? parsed.address : new Fault(`address-${parsed.fault}`);
    if (this.addresses.size >= 500_000) this.addresses.clear();
    this.addresses.set(key, judged);
    return judged;
  }

  private chainOf(raw: RawRow): Chain | null {
    const text = raw.chain?.trim() ?? '';
    if (text === '' || text === this.plan.chain) return requireChain(this.plan.chain);
    try {
      return requireChain(text);
    } catch {
      return null;
    }
  }

  private assetOf(raw: RawRow, chain: Chain): ReturnType<typeof requireAsset> | null {
    const text = this.plan.asset.kind === 'column' ? (raw.asset?.trim() ?? '') : (this.plan.assetId ?? '');
    if (text === '') return nativeAsset(chain.id);
    const key = `${chain.id} ${text}`;
    const known = this.assets.get(key);
    if (known !== undefined) return known;
    const asset = readAsset(text, chain);
    if (this.assets.size >= 100_000) this.assets.clear();
    this.assets.set(key, asset);
    return asset;
  }

  private refuse(reason: string, field: FieldName, raw: RawRow): Refusal {
    return { reason, field: this.names.get(field) ?? field, value: raw[field] ?? '' };
  }
}

class Fault {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/** A CAIP-19 id, a symbol, or a contract's address. */
function readAsset(text: string, chain: Chain): ReturnType<typeof requireAsset> | null {
  if (!text.includes('/')) {
    const contract = parseAddress(chain, text);
    if (contract.ok && chain.addressFormat !== 'any') return tokenAsset(chain.id, contract.address);
  }
  try {
    return requireAsset(text, chain.id);
  } catch {
    return null;
  }
}

/** `0,1`, `[0, 1]` and `0_1` name the same call. */
function judgePath(text: string): string | Fault {
  const path = text.replace(/[[\]\s]/g, '').replaceAll('_', ',');
  return /^(\d{1,6}(,\d{1,6})*)?$/.test(path) ? path : new Fault('bad-trace-address');
}

function judgeTime(text: string, { plan, chain, latest, raw }: Context): number | Fault {
  const time = plan.time === 'unix-ms' && /^\d{12,14}$/.test(text) ? Math.floor(Number(text) / 1000) : parseTime(text);
  // Allocations at genesis carry the time zero of the block that holds them.
  if (raw.traceType === 'genesis') return chain.genesis;
  if (time === null) return new Fault('not-a-time');
  if (time < chain.genesis) return new Fault('before-genesis');
  return time > latest ? new Fault('in-the-future') : time;
}

function judgeInt(text: string, name: FieldName): number | Fault {
  const value = /^\d{1,16}(\.0)?$/.test(text) ? Number(text) : Number.NaN;
  const most = name === 'leg' || name === 'txIndex' ? MAX_INDEX : MAX_BLOCK;
  return value <= most ? value : new Fault('not-an-index');
}

function judgeAmount(text: string, decimals: number | null): bigint | Fault {
  if (decimals === null) return new Fault('unknown-decimals');
  const units = parseAmount(text, decimals);
  return typeof units === 'bigint' ? units : new Fault(units);
}

/** EVM and Bitcoin hashes are 32 bytes of hex; a chain of another kind may call a transaction what it likes, on one line. */
function judgeHash(text: string, chain: Chain): string | Fault {
  const digits = /^(?:0x|\\x)?([0-9a-f]{64})$/i.exec(text)?.[1]?.toLowerCase();
  if (digits !== undefined) return chain.addressFormat === 'evm' ? `0x${digits}` : digits;
  if (chain.addressFormat === 'any' && /^[\x21-\x7e]{1,128}$/.test(text)) return text;
  return new Fault('bad-hash');
}
