/** Requests drawn from an OpenAPI document: well-formed ones, nearly so, and nonsense. */
import { type Agent, request as httpRequest } from 'node:http';
import fc from 'fast-check';
import type { OpenApi, OpenApiOperation } from '../../src/api/openapi.ts';

export interface Drawn {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}

type Schema = Readonly<Record<string, unknown>>;

const SAMPLES = [
  'eip155:1',
  'bitcoin',
  'tron',
  'nochain',
  'ETH',
  'slip44:60',
  '0x098B716B8Aaf21512996dC57EB0615e2383E2f96',
  '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa',
  '0x098b716b8aaf21512996dc57eb0615e2383e2f9',
  'deposit',
  'withdrawal',
  '1.5',
  '-1',
  '1e9999',
  '115792089237316195423570985008687907853269984665640564039457584007913129639936',
  '2022-03-23',
  '2022-02-30',
  'v-1-0000',
  'b-1-0000.0',
  'b-0-0000.0',
  'al-0-0000',
  '1',
  '0',
  'active',
  'name: x\nrules: []',
  '',
  '../../etc/passwd',
  '\u0000',
  '\ud800',
  '__proto__',
  'constructor',
  '💥',
  '%00',
  "'; drop table x; --",
];
const sample = fc.constantFrom(...SAMPLES);
const scalar = fc.oneof(
  sample,
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.maxSafeInteger(),
);
const junk = fc.oneof(scalar, fc.array(scalar, { maxLength: 4 }), fc.jsonValue({ maxDepth: 4 }));
const token = fc.string({ unit: fc.constantFrom(...'!#$%&abcXYZ019-_.;=,/ "'), minLength: 1, maxLength: 30 });

/** `soundness`: how often, of ten, a part is drawn as the document asks. */
export function requestsOf(document: OpenApi, host: string, key: string, soundness: number): fc.Arbitrary<Drawn> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const either = <Value>(good: fc.Arbitrary<Value>, bad: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
    fc.oneof({ arbitrary: good, weight: soundness }, { arbitrary: bad, weight: 10 - soundness });
  return fc.constantFrom(...operations).chain(({ path, method, operation }) =>
    fc.record({
      method: either(fc.constant(method), fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD')),
      path: fc
        .tuple(pathOf(path, operation, document, either), queryOf(operation, document, either))
        .map((parts) => parts.join('')),
      headers: headersOf(host, key, operation, either),
      body: bodyOf(operation, document, either),
    }),
  );
}

type Either = <Value>(good: fc.Arbitrary<Value>, bad: fc.Arbitrary<Value>) => fc.Arbitrary<Value>;

const rawPart = fc.oneof(
  token.map((text) => text.replace(/[ "?#]/g, '_')),
  fc.constantFrom('%', '%zz', '%2e%2e', '%00', 'x'.repeat(400)),
);

function escaped(value: unknown): string {
  // Through bytes: a lone surrogate cannot be escaped.
  return encodeURIComponent(Buffer.from(String(value)).toString());
}

function pathOf(path: string, operation: OpenApiOperation, document: OpenApi, either: Either): fc.Arbitrary<string> {
  const parts = path.split('/').map((part) => {
    if (!part.startsWith('{')) return fc.constant(part);
    const schema = operation.parameters.find(({ name }) => `{${name}}` === part)?.schema ?? {};
    return either(arbitraryOf(schema, document).map(escaped), fc.oneof(rawPart, sample.map(escaped)));
  });
  return fc.tuple(...parts).map((texts) => texts.join('/'));
}

function queryOf(operation: OpenApiOperation, document: OpenApi, either: Either): fc.Arbitrary<string> {
  const good = operation.parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema, required }) => {
      const value = either(arbitraryOf(schema, document).map(escaped), fc.oneof(rawPart, sample.map(escaped)));
      return (required ? value : fc.option(value)).map((text) => (text === null ? '' : `${name}=${text}&`));
    });
  const bad = fc
    .array(fc.tuple(rawPart, rawPart), { maxLength: 4 })
    .map((pairs) => pairs.map((pair) => pair.join('=')).join('&'));
  return either(
    fc.tuple(...good).map((texts) => texts.join('')),
    bad,
  ).map((text) => (text === '' ? '' : `?${text}`));
}

function headersOf(
  host: string,
  key: string,
  operation: OpenApiOperation,
  either: Either,
): fc.Arbitrary<Record<string, string>> {
  const types = Object.keys(operation.requestBody?.content ?? { 'application/json': {} });
  // What is refused for its head tells little of the rest.
  const mostly: Either = (good, bad) => fc.oneof({ arbitrary: good, weight: 19 }, { arbitrary: bad, weight: 1 });
  const parts: Record<string, fc.Arbitrary<string | null>> = {
    authorization: mostly<string | null>(fc.constant(`Bearer ${key}`), fc.option(token)),
    host: mostly<string | null>(fc.constant(host), token),
    origin: mostly<string | null>(fc.constant(null), token),
    cookie: either<string | null>(
      fc.constant(null),
      token.map((text) => `haetae_session=${text}`),
    ),
    'content-type': either<string | null>(
      fc.constantFrom(...types),
      fc.option(fc.oneof(token, fc.constantFrom('text/html', 'application/json;charset=latin1'))),
    ),
    'idempotency-key': either<string | null>(fc.option(fc.uuid()), token),
  };
  return fc
    .record(parts)
    .map((all) =>
      Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null)),
    );
}

function bodyOf(
  operation: OpenApiOperation,
  document: OpenApi,
  either: Either,
): fc.Arbitrary<string | Uint8Array | null> {
  const schema = (operation.requestBody?.content['application/json']?.schema ?? null) as Schema | null;
  const good =
    schema === null ? fc.constant(null) : arbitraryOf(schema, document).map((value) => JSON.stringify(value));
  const spoilt =
    schema === null
      ? junk
      : fc
          .tuple(arbitraryOf(schema, document), sample, junk)
          .map(([value, name, other]) =>
            typeof value === 'object' && value !== null ? { ...value, [name]: other } : other,
          );
  const bad = fc.oneof<fc.Arbitrary<string | Uint8Array | null>[]>(
    spoilt.map((value) => JSON.stringify(value)),
    junk.map((value) => JSON.stringify(value)),
    fc.uint8Array({ maxLength: 200 }),
    fc.array(sample, { maxLength: 20 }).map((lines) => lines.join('\n')),
    fc.integer({ min: 1, max: 3000 }).map((depth) => '['.repeat(depth)),
    fc.constantFrom('', '{', '{"a":1}{"b":2}', '{"__proto__":{"x":1}}', '"', '\\', 'null', '{"a":1,"a":2}'),
  );
  return either<string | Uint8Array | null>(good, bad);
}

/** A value that a JSON Schema of zod's takes; where a word of it is not known here, nearly so. */
export function arbitraryOf(schema: Schema, document: OpenApi): fc.Arbitrary<unknown> {
  if (typeof schema.$ref === 'string')
    return arbitraryOf(document.components.schemas[schema.$ref.split('/').at(-1)!] ?? {}, document);
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  const some = (schema.anyOf ?? schema.oneOf) as readonly Schema[] | undefined;
  if (some !== undefined) return fc.oneof(...some.map((each) => arbitraryOf(each, document)));
  switch (schema.type) {
    case 'string':
      return typeof schema.pattern === 'string'
        ? fc.oneof(fc.stringMatching(new RegExp(schema.pattern)), sample)
        : fc.oneof(sample, fc.string({ maxLength: 30 }));
    case 'integer':
    case 'number':
      return fc.integer({
        min: Math.max(Number(schema.minimum ?? 0), -1000),
        max: Math.min(Number(schema.maximum ?? 1000), 1000),
      });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(arbitraryOf((schema.items ?? {}) as Schema, document), { maxLength: 5 });
    case 'object':
      return objectOf(schema, document);
    default:
      return junk;
  }
}

function objectOf(schema: Schema, document: OpenApi): fc.Arbitrary<unknown> {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, Schema>>;
  const required = (schema.required ?? []) as string[];
  const parts = Object.fromEntries(
    Object.entries(properties).map(([name, each]) => [name, arbitraryOf(each, document)]),
  );
  return fc.record(parts, { requiredKeys: required });
}

const SILENCE_MS = 10_000;

/** Status of the answer; throws where the connection breaks or stays silent for ten seconds. */
export function send(agent: Agent, url: URL, { method, path, headers, body }: Drawn): Promise<number> {
  return new Promise((resolve, reject) => {
    // Else node sends the body of a GET without saying how long it is, and it reads as a second request.
    const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = httpRequest(
      {
        agent,
        host: url.hostname,
        port: url.port,
        method,
        path,
        headers: { ...headers, ...length },
        timeout: SILENCE_MS,
      },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
        response.on('error', reject);
      },
    );
    request.on('timeout', () => request.destroy(new Error(`no answer to ${method} ${path}`)));
    // A server that closes after its answer may do so while the next request is written.
    request.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' && request.reusedSocket ? resolve(0) : reject(error),
    );
    request.end(body ?? undefined);
  });
}
