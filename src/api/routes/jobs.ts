import { z } from 'zod';
import { routes } from '../route.ts';

const text = z.string();
const none = z.string().nullable();
const id = z.string().regex(/^[a-z]{2}-\d{1,12}-[0-9a-f]{4}$/);
const chain = z.string().min(1).max(60);
const upload = id.describe('Of a file uploaded whole: up-SEQ-HHHH.');
const word = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7e]+$/);

const method = z.string().min(1).max(40);
const limits = {
  until: z.string().min(1).max(40).optional(),
  maxHops: z.int().min(1).max(1_000_000).optional(),
  minAmount: z.string().min(1).max(80).optional().describe('Whole units of the stolen asset.'),
  methods: z.array(method).max(20).optional().describe('All where left out.'),
};

const wish = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('trace'),
    chain,
    targets: z.array(word).min(1).max(200).describe('Transactions or addresses.'),
    title: z.string().min(1).max(200).optional(),
    since: z.string().min(1).max(40).optional().describe('Of addresses: what they receive from then on is the loot.'),
    thieves: z
      .array(word)
      .max(200)
      .optional()
      .describe('Of transactions: only what these addresses gained is the loot.'),
    live: z.boolean().default(false).describe('Fetch what is missing from the sources the server was started with.'),
    ...limits,
  }),
  z.strictObject({
    kind: z.literal('trace-file'),
    text: z
      .string()
      .min(1)
      .max(300_000)
      .describe('A theft file: docs/theft-file.md. A larger one is traced by the command line.'),
    live: z.boolean().default(false),
    ...limits,
  }),
  z.strictObject({
    kind: z.literal('import-transfers'),
    upload,
    preset: z.string().min(1).max(60).optional().describe('Found by the columns of the file where left out.'),
    chain: chain.optional(),
    complete: z.boolean().default(false),
  }),
  z.strictObject({ kind: z.literal('import-labels'), upload }),
  z.strictObject({
    kind: z.literal('import-prices'),
    upload,
    asset: z.string().min(1).max(200).optional(),
    source: z.string().min(1).max(200).optional(),
  }),
  z.strictObject({
    kind: z.literal('drill'),
    seed: z
      .int()
      .min(0)
      .max(2 ** 31),
    scale: z.int().min(1000).max(1_000_000),
  }),
]);

export const JOB_KINDS = [
  'trace',
  'trace-file',
  'import-transfers',
  'import-labels',
  'import-prices',
  'drill',
] as const;
export const JOB_STATES = ['waiting', 'running', 'done', 'failed', 'cancelled', 'interrupted'] as const;

export const jobSchema = z.strictObject({
  id,
  kind: z.enum(JOB_KINDS),
  title: text,
  state: z.enum(JOB_STATES),
  by: text,
  startedAt: text,
  endedAt: none.describe('Of an interrupted one: when the server noticed.'),
  progress: z
    .strictObject({ what: text, done: z.number(), total: z.number().nullable() })
    .nullable()
    .describe('total null: not known.'),
  lines: z.array(text).readonly().describe('The last 200 it printed; none of jobs before the last restart.'),
  case: none.describe('Id of the traced case that it made.'),
  fault: z.strictObject({ code: text, detail: text, remedy: none }).nullable(),
});

export const uploadSchema = z.strictObject({ id, name: text, bytes: z.number(), received: z.number() });

export const jobRoutes = routes({
  startJob: {
    method: 'POST',
    path: '/v1/jobs',
    tag: 'jobs',
    summary: 'Start long work: a trace, an import, a drill',
    description:
      'In a process of its own. Jobs that run or wait when the server ends are interrupted; the list of the newest 200 outlives it.',
    scope: 'cases',
    body: wish,
    response: jobSchema,
    status: 202,
    errors: [
      ...(['E_ASSET', 'E_ADDRESS', 'E_TIME', 'E_AMOUNT', 'E_METHOD_UNKNOWN', 'E_PRESET_UNKNOWN'] as const),
      ...(['E_NOT_FOUND', 'E_THEFT_FILE', 'E_BUSY', 'E_STATE'] as const),
    ],
    maxBody: 1_000_000,
    example: { kind: 'drill', seed: 1, scale: 20_000 },
  },
  listJobs: {
    method: 'GET',
    path: '/v1/jobs',
    tag: 'jobs',
    summary: 'Long work, newest first: the last 200',
    scope: 'read',
    response: z.strictObject({ items: z.array(jobSchema).readonly() }),
    status: 200,
    errors: [],
  },
  getJob: {
    method: 'GET',
    path: '/v1/jobs/:id',
    tag: 'jobs',
    summary: 'One piece of long work: how far it is, what came of it',
    scope: 'read',
    params: z.strictObject({ id }),
    response: jobSchema,
    status: 200,
    errors: ['E_NOT_FOUND'],
  },
  cancelJob: {
    method: 'POST',
    path: '/v1/jobs/:id/cancel',
    tag: 'jobs',
    summary: 'Stop it; nothing is half-written',
    description: 'By the one who started it, or an admin.',
    scope: 'cases',
    params: z.strictObject({ id }),
    response: jobSchema,
    status: 200,
    errors: ['E_NOT_FOUND', 'E_STATE'],
  },
  getJobOptions: {
    method: 'GET',
    path: '/v1/job-options',
    tag: 'jobs',
    summary: 'What can be asked for: presets of files, chains, sources of living chains',
    scope: 'read',
    response: z.strictObject({
      presets: z.array(z.strictObject({ id: text, title: text })).readonly(),
      chains: z.array(z.strictObject({ id: text, name: text, symbol: text, simulated: z.boolean() })).readonly(),
      sources: z.array(z.strictObject({ chain: text, name: text.describe('Without keys.') })).readonly(),
      methods: z.array(text).readonly(),
    }),
    status: 200,
    errors: [],
  },
  beginUpload: {
    method: 'POST',
    path: '/v1/uploads',
    tag: 'jobs',
    summary: 'Announce a file; its bytes follow in pieces',
    scope: 'cases',
    body: z.strictObject({
      name: z.string().min(1).max(200),
      bytes: z
        .int()
        .min(1)
        .max(4 * 2 ** 30),
    }),
    response: uploadSchema,
    status: 201,
    errors: ['E_BUSY', 'E_STATE', 'E_STORE_WRITE'],
    example: { name: 'transfers.csv', bytes: 52618 },
  },
  sendUploadPiece: {
    method: 'PUT',
    path: '/v1/uploads/:id',
    tag: 'jobs',
    summary: 'The next piece of a file, at most 4 MiB',
    scope: 'cases',
    params: z.strictObject({ id }),
    query: z.strictObject({ offset: z.coerce.number().int().min(0).describe('Bytes received so far.') }),
    body: z.strictObject({ base64: z.string().max(6_000_000) }),
    response: uploadSchema,
    status: 200,
    errors: ['E_NOT_FOUND', 'E_STATE', 'E_STORE_WRITE'],
    maxBody: 6_100_000,
  },
  cancelUpload: {
    method: 'DELETE',
    path: '/v1/uploads/:id',
    tag: 'jobs',
    summary: 'Give a file up that no job uses; its place is free at once',
    description: 'By the one who began it, or an admin.',
    scope: 'cases',
    params: z.strictObject({ id }),
    response: null,
    status: 204,
    errors: ['E_NOT_FOUND', 'E_STATE'],
  },
});
