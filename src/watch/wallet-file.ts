import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { HaetaeError } from '../base/errors.ts';
import { requireAmount } from '../base/money.ts';
import { DEFAULT_THRESHOLDS, type Thresholds, WALLET_KINDS, type WatchedWallet } from '../detect/watched-wallet.ts';
import { requireAddress } from '../model/address.ts';
import { type AssetId, requireAsset } from '../model/asset.ts';
import { type Chain, requireChain } from '../model/chain.ts';

const MAX_BYTES = 5_000_000;
const MAX_WALLETS = 10_000;

/** A file of wallets to watch, as `haetae watch` reads it. */
export interface WalletFile {
  readonly title: string;
  readonly wallets: readonly WatchedWallet[];
  readonly thresholds: Thresholds;
}

const text = z.string().trim().min(1).max(200);
const decimalText = z.string().regex(/^\d{1,9}(?:\.\d{1,6})?$/, 'not a plain number');

function numberText(min: number, max: number): z.ZodType<number> {
  return decimalText.transform(Number).refine((value) => value >= min && value <= max, {
    message: `a number from ${min} to ${max}`,
  }) as z.ZodType<number>;
}

const amounts = z.record(text, z.union([text, z.strictObject({ baseUnits: text })]));
const walletSchema = z.strictObject({
  chain: text,
  address: text,
  name: text.optional(),
  kind: z.enum(WALLET_KINDS).default('wallet'),
  allow: z.array(text).max(10_000).default([]),
  minOutflow: amounts.default({}),
  largeApproval: amounts.default({}),
});
const share = numberText(0.001, 1).optional();
const factor = numberText(1, 1_000_000).optional();
const thresholdSchema = z.strictObject({
  windowMinutes: numberText(1, 1440).optional(),
  quietHours: numberText(0.1, 8760).optional(),
  holdingHours: numberText(0, 8760).optional(),
  minPastPayments: numberText(1, 1_000_000).optional(),
  strongJump: factor,
  jump: factor,
  lossJump: factor,
  timesJump: factor,
  spreadJump: factor,
  growth: factor,
  minShare: share,
  minShareKnown: share,
  halfShare: share,
  lowShare: share,
  spreadShare: share,
  spreadLarge: share,
  emptiedShare: share,
});
const fileSchema = z.strictObject({
  title: text.default('Watched wallets'),
  thresholds: thresholdSchema.default({}),
  wallets: z.array(walletSchema).min(1, 'the file names no wallet').max(MAX_WALLETS),
});
type WalletEntry = z.infer<typeof walletSchema>;
type Path = readonly (string | number)[];

/** Says where in the file something is wrong: E_WATCH_FILE with file, line, field and remedy. */
type Fault = (path: Path, message: string, remedy?: string) => HaetaeError;

/**
 * The text of a file of wallets (YAML, or JSON which is YAML). Scalars are read as text, so an address needs no quotes and an amount
 * is exact. Throws E_WATCH_FILE with the file, the line and the field.
 */
export function readWalletFile(content: string, fileName: string): WalletFile {
  const { value, fault } = readYaml(content, fileName);
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const extra = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
    throw fault([...((issue?.path ?? []) as Path), ...extra], issue?.message ?? 'not a file of wallets');
  }
  const { title, wallets, thresholds } = parsed.data;
  const read = wallets.map((entry, at) => walletOf(entry, ['wallets', at], fault));
  const seen = new Map<string, number>();
  for (const [at, { chain, address }] of read.entries()) {
    const key = `${chain}|${address}`;
    const before = seen.get(key);
    if (before !== undefined) {
      throw fault(['wallets', at, 'address'], `the wallet is named twice (entry ${before} too)`, 'name it once');
    }
    seen.set(key, at);
  }
  return { title, wallets: read, thresholds: thresholdsOf(thresholds) };
}

function readYaml(content: string, file: string): { readonly value: unknown; readonly fault: Fault } {
  const lines = new LineCounter();
  const remedyOf = (remedy: string | undefined): string => remedy ?? 'see examples/wallets.yaml and docs/watch.md';
  if (content.length > MAX_BYTES) {
    throw new HaetaeError('E_WATCH_FILE', 'the file is larger than 5 MB', { context: { file } });
  }
  const document = parseDocument(content, { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    throw new HaetaeError('E_WATCH_FILE', `the file is not YAML: ${error.message.split('\n')[0]?.slice(0, 200)}`, {
      context: { file, line: lines.linePos(error.pos[0]).line },
      remedy: remedyOf(undefined),
    });
  }
  const fault: Fault = (path, message, remedy) => {
    const line = lineOf(document, path, lines);
    const context = {
      file,
      ...(line === null ? {} : { line }),
      ...(path.length === 0 ? {} : { field: path.join('.') }),
    };
    return new HaetaeError('E_WATCH_FILE', message, { context, remedy: remedyOf(remedy) });
  };
  try {
    return { value: document.toJS({ maxAliasCount: 0 }), fault };
  } catch {
    throw fault([], 'the file uses aliases', 'write every wallet out');
  }
}

/** The line of a path, a field's by its name; of the nearest thing above it where the file has no such thing. */
function lineOf(document: ReturnType<typeof parseDocument>, path: Path, lines: LineCounter): number | null {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (!isNode(node) || !node.range) continue;
    const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && key.value === path[length]) : undefined;
    const named = isNode(pair?.key) ? pair.key.range?.[0] : undefined;
    return lines.linePos(named ?? node.range[0]).line;
  }
  return null;
}

function walletOf(entry: WalletEntry, path: Path, fault: Fault): WatchedWallet {
  const at = (field: string, ...rest: (string | number)[]): Path => [...path, field, ...rest];
  const chain = checked(() => requireChain(entry.chain), at('chain'), fault);
  if (chain.model !== 'account') {
    throw fault(at('chain'), `${chain.name} has no accounts to watch`, 'name wallets of an EVM chain or of TRON');
  }
  const allow = entry.allow.map((address, index) =>
    checked(() => requireAddress(chain, address, 'allow'), at('allow', index), fault),
  );
  return {
    chain: chain.id,
    address: checked(() => requireAddress(chain, entry.address, 'address'), at('address'), fault),
    name: entry.name ?? null,
    kind: entry.kind,
    allow: new Set(allow),
    minOutflow: amountsOf(entry.minOutflow, chain, at('minOutflow'), fault),
    largeApproval: amountsOf(entry.largeApproval, chain, at('largeApproval'), fault),
  };
}

function amountsOf(
  named: WalletEntry['minOutflow'],
  chain: Chain,
  path: Path,
  fault: Fault,
): ReadonlyMap<AssetId, bigint> {
  const found = new Map<AssetId, bigint>();
  for (const [name, amount] of Object.entries(named)) {
    const at = [...path, name];
    const asset = checked(() => requireAsset(name, chain.id), at, fault);
    if (typeof amount !== 'string') {
      found.set(
        asset.id,
        checked(() => requireAmount(amount.baseUnits, 0, 'baseUnits'), [...at, 'baseUnits'], fault),
      );
      continue;
    }
    if (asset.decimals === null) {
      throw fault(at, 'the decimals of the asset are not known', 'write {baseUnits: …} in place of the amount');
    }
    found.set(
      asset.id,
      checked(() => requireAmount(amount, asset.decimals ?? 0, name), at, fault),
    );
  }
  return found;
}

function checked<T>(read: () => T, path: Path, fault: Fault): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof HaetaeError)) throw error;
    throw fault(path, error.message, error.remedy);
  }
}

function thresholdsOf(given: z.infer<typeof thresholdSchema>): Thresholds {
  const { windowMinutes, quietHours, holdingHours, ...rest } = given;
  const named = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...DEFAULT_THRESHOLDS,
    ...(named as Partial<Thresholds>),
    ...(windowMinutes === undefined ? {} : { windowSeconds: Math.round(windowMinutes * 60) }),
    ...(quietHours === undefined ? {} : { quietSeconds: Math.round(quietHours * 3600) }),
    ...(holdingHours === undefined ? {} : { holdingSeconds: Math.round(holdingHours * 3600) }),
  };
}
