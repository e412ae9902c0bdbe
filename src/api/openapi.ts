import { z } from 'zod';
import type { ErrorCode } from '../base/errors.ts';
import { ANY_ROUTE_CODES, KEYED_ROUTE_CODES, statusesOf, titleOf } from './problem.ts';
import type { Route } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description: string;
    readonly license: Json;
  };
  readonly servers: readonly Json[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly securitySchemes: Json };
}

interface RequestBody {
  readonly required: boolean;
  readonly content: Readonly<Record<string, Json>>;
}

export interface OpenApiOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly Json[];
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly required: boolean;
    readonly schema: Json;
    readonly description?: string;
  }[];
  readonly requestBody?: RequestBody;
  readonly responses: Readonly<Record<string, Json>>;
}

const PROBLEM = {
  type: 'object',
  description: 'RFC 9457 problem details.',
  required: ['type', 'title', 'status', 'detail', 'code', 'instance'],
  properties: {
    type: { type: 'string', description: 'urn:haetae:error:CODE' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'A code of the register of errors.' },
    instance: { type: 'string' },
    remedy: { type: 'string', description: 'What to do about it.' },
    fields: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'fault'],
        properties: { field: { type: 'string' }, fault: { type: 'string' } },
      },
    },
    retryAfter: { type: 'integer', description: 'Seconds.' },
    context: { type: 'object', additionalProperties: { type: ['string', 'number'] } },
  },
} as const;

/** The interface as OpenAPI 3.1, from its declarations alone. */
export function openApiOf(routes: readonly Route[], version: string): OpenApi {
  const schemas: Record<string, Json> = { Problem: PROBLEM };
  const paths: Record<string, Record<string, OpenApiOperation>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:([A-Za-z]+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operationOf(route, schemas);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Haetae',
      version,
      description:
        'Screening of virtual-asset addresses and transfers. Amounts are decimal text, never numbers; times are ISO 8601, UTC. Every error is a problem document (RFC 9457).',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'API key: hk_…' },
        session: { type: 'apiKey', in: 'cookie', name: 'haetae_session' },
      },
    },
  };
}

function operationOf(route: Route, schemas: Record<string, Json>): OpenApiOperation {
  const parameters = [
    ...parametersOf(route.params, 'path', schemas),
    ...parametersOf(route.query, 'query', schemas),
    ...(route.idempotent === true ? [IDEMPOTENCY] : []),
  ];
  const body = bodyOf(route, schemas);
  const scope = route.scope === null ? '' : `Scope: ${route.scope}.`;
  const description = [route.description, scope].filter(Boolean).join(' ');
  return {
    operationId: route.name,
    tags: [route.tag],
    summary: route.summary,
    ...(description === '' ? {} : { description }),
    security: route.scope === null ? [] : [{ key: [] }, { session: [] }],
    parameters,
    ...(body === null ? {} : { requestBody: body }),
    responses: responsesOf(route, schemas),
  };
}

const IDEMPOTENCY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key and request give the first answer again, for 24 hours.',
  schema: { type: 'string', pattern: '^[!-~]{1,100}$' },
};

function parametersOf(
  schema: z.ZodObject | undefined,
  place: 'path' | 'query',
  schemas: Record<string, Json>,
): OpenApiOperation['parameters'] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonOf(schema, 'input', schemas) as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(typeof description === 'string' ? { description } : {}),
    schema: rest,
  }));
}

function bodyOf(route: Route, schemas: Record<string, Json>): RequestBody | null {
  if (route.body === undefined) return null;
  const example = route.example === undefined ? {} : { example: route.example };
  return {
    required: true,
    content: {
      'application/json': { schema: jsonOf(route.body, 'input', schemas), ...example },
      ...(route.lines === true ? { 'application/x-ndjson': { schema: { type: 'string' } } } : {}),
    },
  };
}

function responsesOf(route: Route, schemas: Record<string, Json>): Readonly<Record<string, Json>> {
  const type = route.contentType ?? 'application/json';
  const content =
    route.response === null ? {} : { content: { [type]: { schema: jsonOf(route.response, 'output', schemas) } } };
  const responses: Record<string, Json> = { [route.status]: { description: route.summary, ...content } };
  for (const [status, codes] of problemsOf(route)) {
    const text = codes.map((code) => `${code}: ${titleOf(code)}`).join(' ');
    const schema = { $ref: '#/components/schemas/Problem' };
    responses[status] = { description: text, content: { 'application/problem+json': { schema } } };
  }
  return responses;
}

/** Every code that a route may answer with, by status. */
export function problemsOf(route: Route): ReadonlyMap<number, readonly ErrorCode[]> {
  const codes = new Set<ErrorCode>([
    ...ANY_ROUTE_CODES,
    ...(route.scope === null ? [] : KEYED_ROUTE_CODES),
    ...(route.body === undefined ? [] : (['E_BODY'] as const)),
    ...route.errors,
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    for (const status of statusesOf(code)) byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}

/** A zod schema as JSON Schema 2020-12; schemas with a name go to the components. */
function jsonOf(schema: z.ZodType, io: 'input' | 'output', schemas: Record<string, Json>): Json {
  const {
    $schema: _dialect,
    $defs = {},
    ...rest
  } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as {
    readonly $schema?: string;
    readonly $defs?: Readonly<Record<string, Json>>;
  };
  const { id: ownName, ...own } = rest as { readonly id?: string };
  for (const [name, { id: _id, ...definition }] of Object.entries($defs)) schemas[name] ??= moved(definition) as Json;
  if (ownName === undefined) return moved(rest) as Json;
  schemas[ownName] ??= moved(own) as Json;
  return { $ref: `#/components/schemas/${ownName}` };
}

function moved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moved);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) =>
    key === '$ref' && typeof inner === 'string'
      ? [key, inner.replace('#/$defs/', '#/components/schemas/')]
      : [key, moved(inner)],
  );
  return Object.fromEntries(entries);
}
