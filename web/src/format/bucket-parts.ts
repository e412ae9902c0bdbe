/** What a method says of the whole, as the view of a case gives it: source units as decimal text. */
export interface MethodSums {
  readonly buckets: Readonly<Record<string, string>> | null;
  readonly recoverable: string | null;
  readonly heldAtEdge: string | null;
}

/** Parts of what was stolen, in the order in which they are drawn. */
export const PARTS = [
  'askable',
  'held',
  'heldEdge',
  'otherStops',
  'inFlight',
  'fee',
  'leak',
  'belowThreshold',
  'senior',
  'other',
] as const;
export type PartName = (typeof PARTS)[number];

export interface Outcome {
  readonly parts: readonly { readonly name: PartName; readonly units: bigint }[];
  readonly sum: bigint;
}

const KNOWN = new Set(['held', 'fee', 'absorbed', 'inFlight', 'leak', 'belowThreshold', 'senior']);

/** The buckets, with what can be asked for split from what cannot, and what the data still follow from where they end. */
export function outcomeOf(method: MethodSums): Outcome {
  const bucket = (name: string): bigint => BigInt(method.buckets?.[name] ?? 0);
  const askable = BigInt(method.recoverable ?? 0);
  const edge = BigInt(method.heldAtEdge ?? 0);
  const others = Object.entries(method.buckets ?? {}).filter(([name]) => !KNOWN.has(name));
  const units: Readonly<Record<PartName, bigint>> = {
    askable,
    held: bucket('held') - edge,
    heldEdge: edge,
    otherStops: bucket('absorbed') - askable,
    inFlight: bucket('inFlight'),
    fee: bucket('fee'),
    leak: bucket('leak'),
    belowThreshold: bucket('belowThreshold'),
    senior: bucket('senior'),
    other: others.reduce((sum, [, text]) => sum + BigInt(text), 0n),
  };
  const parts = PARTS.map((name) => ({ name, units: units[name] }));
  return { parts, sum: parts.reduce((sum, part) => sum + part.units, 0n) };
}
