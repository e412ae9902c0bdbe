import { z } from 'zod';
import { routes } from '../route.ts';

const text = z.string();
const none = z.string().nullable();
const units = z.string().describe('Source units of the theft, as decimal text.');
const baseUnits = z.string().describe('Base units of the asset, as decimal text.');
const time = z.string().describe('ISO 8601 UTC.');
const id = z.string().min(1).max(120);
const params = z.strictObject({ id });
const theft = z.string().min(1).max(120).describe('Id of a theft of the case.');
const method = z.string().min(1).max(40);
const chain = z.string().min(1).max(60);
const address = z.string().min(1).max(200);
const byMethod = z.record(z.string(), units).describe('By method; a method that says nothing of it is left out.');
const errors = ['E_NOT_FOUND', 'E_BUNDLE', 'E_CASE', 'E_BUSY'] as const;
const read = { tag: 'pictures', scope: 'read', method: 'GET', params, status: 200, errors } as const;

const methodView = z.strictObject({
  name: text,
  version: z.int(),
  conserves: z.boolean().describe('false: poison, which is reach and no amount.'),
  buckets: z.record(z.string(), units).nullable(),
  recoverable: units.nullable().describe('At services that can be asked to hold it.'),
  heldAtEdge: units
    .nullable()
    .describe('Held as of the last movement known: the data do not show what was paid out after it.'),
  places: z.int(),
  services: z.int(),
  touched: z.int(),
});

const theftView = z.strictObject({
  id: text,
  title: text,
  asset: text,
  symbol: text,
  decimals: z.int().nullable(),
  stolen: units,
  time,
  sources: z.array(text).readonly(),
  seeds: z
    .array(
      z.strictObject({
        chain: text,
        address: text,
        asset: text,
        kind: text,
        amount: baseUnits,
        sourceUnits: units,
        time,
      }),
    )
    .readonly(),
  methods: z.array(methodView).readonly().describe('In the order in which they are shown; the first leads.'),
});

export const caseViewSchema = z.strictObject({
  id: text,
  title: text,
  simulated: z.boolean(),
  createdAt: time,
  version: text.describe('Of Haetae, when the case was traced.'),
  digest: text.describe('Of the evidence bundle: haetae verify --expect.'),
  dataFrom: none,
  dataUntil: none,
  transfersUsed: z.int(),
  labelsUsed: z.int(),
  warnings: z.array(text).readonly(),
  signatures: z
    .array(
      z.strictObject({
        id: text,
        name: text,
        summary: text,
        addresses: z.array(text).readonly(),
        firstTime: time,
        lastTime: time,
        evidence: z.record(z.string(), text),
      }),
    )
    .readonly(),
  sources: z
    .array(
      z.strictObject({
        preset: text,
        chain: text,
        files: z.array(z.strictObject({ name: text, sha256: text })).readonly(),
        rowsRead: z.int(),
        rowsKept: z.int(),
      }),
    )
    .readonly(),
  options: z.record(z.string(), text),
  assets: z.record(z.string(), z.strictObject({ symbol: text, decimals: z.int().nullable() })),
  thefts: z.array(theftView).readonly(),
});

export const FLOW_KINDS = [
  'theft',
  'link',
  'address',
  'fee',
  'service',
  'mixer',
  'bridge',
  'burn',
  'suspected-service',
] as const;

const flowNode = z.strictObject({
  kind: text.describe('theft (one), link (documented links), address, fee, or the kind of a stop.'),
  chain: text,
  address: text,
  name: none.describe('Label.'),
  category: none,
  entity: none.describe('Nodes with the same text are of one owner: actor of a label, or of an entity.'),
  recoverable: z.boolean(),
  edgeOfData: z.boolean(),
  in: units,
  out: units,
  held: units.describe('What rests there, or with a stop.'),
  hops: z.int().describe('From the theft, by the fewest movements.'),
  column: z.int().describe('Where it stands across: 0 the theft, the last one the stops.'),
  firstTime: z.number().describe('Seconds: when the loot first came there.'),
  lastTime: z.number(),
});

const flowEdge = z.strictObject({
  from: z.int().describe('Index into nodes.'),
  to: z.int(),
  units,
  transfers: z.int().describe('0: a swap or a documented link, which no row of the data shows.'),
  first: z.number().describe('Seconds; 0 where not known.'),
  last: z.number(),
});

export const caseFlowSchema = z.strictObject({
  theft: text,
  method: text,
  stolen: units,
  symbol: text,
  decimals: z.int().nullable(),
  conserves: z.boolean(),
  columns: z.int(),
  nodes: z
    .array(flowNode)
    .readonly()
    .describe('In the order in which the loot first came to each; node 0 is the theft.'),
  edges: z.array(flowEdge).readonly(),
  steps: z
    .array(z.strictObject({ edge: z.int(), time: z.number(), units }))
    .readonly()
    .describe('Every movement of an edge in order of time, for a replay; empty where there are more than 20,000.'),
  selfTransfers: z.int(),
  feeUnits: units,
  dropped: z.strictObject({ nodes: z.int(), edges: z.int() }).describe('Left out by the limit, smallest first.'),
});

const transfer = z.strictObject({
  time,
  tx: none,
  chain: text,
  from: none.describe('Addresses of all inputs of a UTXO transaction, joined by "|"; null: outside (issued, mined).'),
  to: none,
  asset: text,
  symbol: text,
  decimals: z.int().nullable(),
  amount: baseUnits,
  tainted: byMethod,
  sourceFile: text,
  sourceRow: z.int(),
});

const label = z.strictObject({
  category: text,
  label: text,
  actor: none,
  source: text,
  url: none,
  confidence: text,
  from: none.describe('In force since; null: not said.'),
  until: none,
});

export const casePlaceSchema = z.strictObject({
  chain: text,
  address: text,
  kind: text,
  labels: z.array(label).readonly().describe('Those of the evidence of the case, then those known now.'),
  entity: none,
  edgeOfData: z.boolean(),
  hops: z.int().nullable(),
  methods: z
    .array(z.strictObject({ method: text, in: units, out: units, held: units }))
    .readonly()
    .describe('What each conserving method says of it; poison where it reaches it, with 0.'),
  series: z
    .array(
      z.strictObject({
        asset: text,
        symbol: text,
        decimals: z.int().nullable(),
        known: z
          .boolean()
          .describe(
            'false: what it held before its first movement in the evidence is not known; the least that explains what it paid is taken, so the balance may be higher.',
          ),
        points: z
          .array(z.strictObject({ time: z.number(), balance: baseUnits, tainted: byMethod }))
          .readonly()
          .describe(
            'After each second with a movement; tainted in source units. At most 2,000 points: then evenly chosen.',
          ),
      }),
    )
    .readonly(),
  transfers: z.int().describe('Movements of it in the evidence.'),
});

const service = z.strictObject({
  chain: text,
  address: text,
  asset: text,
  symbol: text,
  decimals: z.int().nullable(),
  name: none,
  category: text,
  stop: text,
  bucket: text,
  recoverable: z.boolean(),
  firstTime: time,
  lastTime: time,
  labelSource: none,
  units: byMethod.describe('Source units that reached it, by each conserving method.'),
  amount: baseUnits.describe('By the leading method that reached it.'),
  transfers: z
    .array(
      z.strictObject({
        tx: none,
        time,
        from: text,
        amount: baseUnits,
        tainted: z.string().describe('Base units of the asset, as decimal text, of all thefts of the case together.'),
        sourceFile: text,
        sourceRow: z.int(),
      }),
    )
    .readonly(),
  holds: z.array(text).readonly().describe('Hold notices drawn up for it from this case.'),
});

export const pictureRoutes = routes({
  getCaseView: {
    ...read,
    path: '/v1/cases/:id/view',
    summary: 'What stands above the picture of a traced case: thefts, methods, sums, signatures, sources',
    response: caseViewSchema,
  },
  getCaseFlow: {
    ...read,
    path: '/v1/cases/:id/flow',
    summary: 'The flow of one theft by one method: places and what went from one to another',
    description: 'Of poison, edges show what moved after the loot had reached the payer, with 0 units.',
    query: z.strictObject({
      theft: theft.optional().describe('The first where left out.'),
      method: method.optional().describe('The leading one where left out.'),
      limit: z.coerce.number().int().min(1).max(50_000).default(20_000).describe('Nodes; edges four times as many.'),
    }),
    response: caseFlowSchema,
  },
  getCasePlace: {
    ...read,
    path: '/v1/cases/:id/place',
    summary: 'One address of a case: labels, balance and taint through time, what each method says',
    query: z.strictObject({ theft: theft.optional(), chain, address }),
    response: casePlaceSchema,
  },
  listCaseTransfers: {
    ...read,
    path: '/v1/cases/:id/transfers',
    summary: 'Movements of the evidence, of a place or from one place to another, in order of time',
    query: z.strictObject({
      theft: theft.optional(),
      chain: chain.optional(),
      address: address.optional().describe('Paid or was paid.'),
      from: address.optional(),
      to: address.optional(),
      touched: z.enum(['true', 'false']).default('false').describe('Only those that carry taint by some method.'),
      cursor: z
        .string()
        .regex(/^\d{1,12}$/)
        .optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
    response: z.strictObject({ items: z.array(transfer).readonly(), total: z.int(), next: none }),
  },
  listCaseServices: {
    ...read,
    path: '/v1/cases/:id/services',
    summary: 'Services that the loot reached, whom to call first on top',
    query: z.strictObject({ theft: theft.optional() }),
    response: z.strictObject({ items: z.array(service).readonly(), methods: z.array(text).readonly() }),
  },
  getCaseBundle: {
    ...read,
    path: '/v1/cases/:id/bundle',
    summary: 'The evidence bundle as one zip file: haetae verify reads it as it is',
    response: z.unknown(),
    contentType: 'application/octet-stream',
  },
});
