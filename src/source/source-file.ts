import { parse as parseYaml, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { HaetaeError } from '../base/errors.ts';
import { requireChain } from '../model/chain.ts';
import {
  basicAuthorization,
  type Endpoint,
  type Environment,
  fromEnvironment,
  makeEndpoint,
  SOURCE_KINDS,
} from './endpoint.ts';

const MAX_BYTES = 1_000_000;
const MAX_ENDPOINTS = 200;

const headerValue = z
  .string()
  .regex(/^[\x20-\x7e]*$/, 'a header is printable ASCII')
  .max(4000);
const entrySchema = z.strictObject({
  chain: z.string().max(100),
  kind: z.enum(SOURCE_KINDS).optional(),
  url: z.string().max(2000),
  headers: z
    .record(z.string().regex(/^[-!#$%&'*+.^_`|~0-9A-Za-z]{1,100}$/, 'not a name of a header'), headerValue)
    .optional(),
  /** Name of the variable of the environment that holds the key. */
  keyEnv: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'not a name of a variable')
    .optional(),
  requestsPerSecond: z.number().min(0.01).max(10_000).optional(),
  concurrency: z.int().min(1).max(64).optional(),
  batch: z.int().min(1).max(1000).optional(),
  timeoutSeconds: z.number().min(1).max(600).optional(),
});
const fileSchema = z.array(entrySchema).min(1, 'the file names no source').max(MAX_ENDPOINTS);
type Entry = z.infer<typeof entrySchema>;

/**
 * The endpoints of a file of sources: a YAML list of {chain, kind?, url, headers?, keyEnv?, requestsPerSecond?, concurrency?, batch?,
 * timeoutSeconds?}. `${NAME}` in a URL or a header stands for a variable of the environment. Throws E_SOURCE with file and field.
 */
export function readSourceFile(text: string, fileName: string, env: Environment): Endpoint[] {
  const parsed = fileSchema.safeParse(readYaml(text, fileName));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw fileFault(fileName, issue?.path.join('.') ?? '', issue?.message ?? 'not a file of sources');
  }
  return parsed.data.map((entry, at) => {
    try {
      return endpointOf(entry, env);
    } catch (error) {
      if (!(error instanceof HaetaeError)) throw error;
      const context = { ...error.context, file: fileName, entry: at };
      const remedy = error.remedy === undefined ? {} : { remedy: error.remedy };
      throw new HaetaeError('E_SOURCE', error.message, { context, ...remedy });
    }
  });
}

// What the parser says can quote the file, and with it a key: only its code and the line are passed on.
function readYaml(text: string, fileName: string): unknown {
  if (text.length > MAX_BYTES) throw fileFault(fileName, '', 'the file is larger than 1 MB');
  try {
    return parseYaml(text, { maxAliasCount: 0 });
  } catch (error) {
    const place = error instanceof YAMLParseError ? ` (${error.code}, line ${error.linePos?.[0].line ?? '?'})` : '';
    throw fileFault(fileName, '', `the file is not YAML${place}`);
  }
}

function fileFault(file: string, field: string, message: string): HaetaeError {
  return new HaetaeError('E_SOURCE', message, {
    context: field === '' ? { file } : { file, field },
    remedy: 'write a list of sources, each with chain and url; see docs/live.md',
  });
}

function endpointOf(entry: Entry, env: Environment): Endpoint {
  const key = entry.keyEnv === undefined ? null : fromEnvironment(env, entry.keyEnv);
  const plain = makeEndpoint(requireChain(entry.chain), entry.kind ?? null, entry.url, env);
  const keyed = key === null ? plain : withKey(plain, key);
  const headers = Object.entries(entry.headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, variable: string) => fromEnvironment(env, variable)),
  ]);
  return {
    ...keyed,
    headers: { ...keyed.headers, ...Object.fromEntries(headers) },
    requestsPerSecond: entry.requestsPerSecond ?? keyed.requestsPerSecond,
    concurrency: entry.concurrency ?? keyed.concurrency,
    batch: entry.batch ?? keyed.batch,
    timeoutMs: entry.timeoutSeconds === undefined ? keyed.timeoutMs : Math.round(entry.timeoutSeconds * 1000),
  };
}

/** The key where such an endpoint looks for it. For bitcoin-rpc the key is `user:password`. */
function withKey(endpoint: Endpoint, key: string): Endpoint {
  const header = (name: string, value: string): Endpoint => ({
    ...endpoint,
    headers: { ...endpoint.headers, [name]: value },
  });
  switch (endpoint.kind) {
    case 'etherscan':
    case 'blockscout': {
      const url = new URL(endpoint.url);
      url.searchParams.set('apikey', key);
      return { ...endpoint, url: url.href };
    }
    case 'tron':
      return header('tron-pro-api-key', key);
    case 'bitcoin-rpc':
    case 'bitcoin-rest':
      return header('authorization', basicAuthorization(key));
    default:
      return header('authorization', `Bearer ${key}`);
  }
}
