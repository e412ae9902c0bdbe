import { docsPage } from '../docs-page.ts';
import type { Metrics } from '../metrics.ts';
import { openApiOf } from '../openapi.ts';
import { type Handlers, Raw, type Route } from '../route.ts';
import type { operationRoutes } from '../routes/operation.ts';

export interface OperationParts {
  readonly ready: () => boolean;
  readonly metrics: Metrics;
  readonly version: string;
  /** All that the server offers. */
  readonly routes: readonly Route[];
}

/** The document and its page are made once, when they are first asked for. */
export function operationHandlers({
  ready,
  metrics,
  version,
  routes,
}: OperationParts): Handlers<typeof operationRoutes> {
  const document = once(() => openApiOf(routes, version));
  const json = once(() => new TextEncoder().encode(JSON.stringify(document())));
  const page = once(() => new TextEncoder().encode(docsPage(document())));
  return {
    health: () => {
      const state = { live: true as const, ready: ready(), version };
      return state.ready ? state : new Raw(JSON.stringify(state), undefined, { status: 503 });
    },
    metrics: () => new Raw(metrics.text(), undefined, { contentType: 'text/plain; version=0.0.4; charset=utf-8' }),
    openapi: () => new Raw(json()),
    docs: () =>
      new Raw(page(), undefined, {
        headers: {
          'Content-Security-Policy':
            "default-src 'none';style-src 'unsafe-inline';base-uri 'none';frame-ancestors 'none'",
        },
      }),
  };
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
