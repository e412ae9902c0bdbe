import { z } from 'zod';
import { routes } from '../route.ts';

export const operationRoutes = routes({
  health: {
    method: 'GET',
    path: '/health',
    tag: 'operation',
    summary: 'Whether the server is alive, and ready for work',
    description: 'Answers with 503 while it starts or shuts down.',
    scope: null,
    response: z.strictObject({ live: z.literal(true), ready: z.boolean(), version: z.string() }),
    status: 200,
    errors: [],
  },
  metrics: {
    method: 'GET',
    path: '/metrics',
    tag: 'operation',
    summary: 'Figures for Prometheus',
    scope: 'metrics',
    response: z.string(),
    contentType: 'text/plain',
    status: 200,
    errors: [],
  },
  openapi: {
    method: 'GET',
    path: '/openapi.json',
    tag: 'operation',
    summary: 'This interface as OpenAPI 3.1',
    scope: null,
    response: z.record(z.string(), z.unknown()),
    status: 200,
    errors: [],
  },
  docs: {
    method: 'GET',
    path: '/docs',
    tag: 'operation',
    summary: 'This interface as one page to read',
    scope: null,
    response: z.string(),
    contentType: 'text/html',
    status: 200,
    errors: [],
  },
});
