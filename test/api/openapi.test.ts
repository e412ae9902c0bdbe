import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ALL_ROUTES } from '../../src/api/all-routes.ts';
import { docsPage } from '../../src/api/docs-page.ts';
import { openApiOf } from '../../src/api/openapi.ts';

const routes = Object.values(ALL_ROUTES);
const document = openApiOf(routes, '1.2.3');
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

function each(value: unknown, visit: (node: Record<string, unknown>) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) visit(value as Record<string, unknown>);
  for (const inner of Object.values(value)) each(inner, visit);
}

test('every route stands in the document under its own name', () => {
  assert.deepEqual(
    operations.map(({ operation }) => operation.operationId).sort(),
    routes.map(({ name }) => name).sort(),
  );
  assert.equal(new Set(operations.map(({ operation }) => operation.operationId)).size, routes.length);
  for (const { method, path } of routes) {
    const written = path.replace(/:([A-Za-z]+)/g, '{$1}');
    assert.ok(document.paths[written]?.[method.toLowerCase()], `${method} ${path}`);
  }
});

test('every reference leads somewhere, and nothing of zod is left over', () => {
  each(document, (node) => {
    assert.equal('$defs' in node, false);
    assert.equal('$schema' in node, false);
    if (typeof node.$ref !== 'string') return;
    const name = /^#\/components\/schemas\/(.+)$/.exec(node.$ref)?.[1];
    assert.ok(name !== undefined && name in document.components.schemas, String(node.$ref));
  });
});

test('the document keeps to the structure of OpenAPI 3.1', () => {
  assert.match(document.openapi, /^3\.1\.\d+$/);
  const tags = new Set(document.tags.map(({ name }) => name));
  for (const { path, method, operation } of operations) {
    const where = `${method} ${path}`;
    assert.match(path, /^\//);
    assert.ok(
      operation.tags.every((tag) => tags.has(tag)),
      where,
    );
    const named = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]);
    const declared = operation.parameters.filter((parameter) => parameter.in === 'path');
    assert.deepEqual(declared.map(({ name }) => name).sort(), named.sort(), where);
    assert.ok(
      declared.every(({ required }) => required),
      where,
    );
    const keys = operation.parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
    assert.equal(new Set(keys).size, keys.length, where);
    for (const [status, response] of Object.entries(operation.responses)) {
      assert.match(status, /^[1-5]\d\d$/);
      assert.equal(typeof response.description, 'string', where);
    }
    assert.ok(
      Object.keys(operation.responses).some((status) => status.startsWith('2')),
      where,
    );
    if (method === 'get') assert.equal(operation.requestBody, undefined, where);
    for (const requirement of operation.security)
      for (const scheme of Object.keys(requirement)) assert.ok(scheme in document.components.securitySchemes);
  }
});

test('an example is one that its route takes', () => {
  for (const route of routes)
    if ('example' in route && 'body' in route) assert.ok(route.body.safeParse(route.example).success, route.name);
});

test('the page shows every route, loads nothing and runs nothing', () => {
  const hostile = { ...routes[0]!, name: 'hostile', path: '/hostile', summary: '<script>alert(1)</script>"\'' };
  const page = docsPage(openApiOf([...routes, hostile], '1.2.3'));
  for (const { name } of routes) assert.ok(page.includes(`id="${name}"`), name);
  assert.doesNotMatch(page, /<script|<link|<img|src=|@import|url\(/i);
});

test('the client runs in a browser: it reaches nothing of node', () => {
  const start = join(dirname(fileURLToPath(import.meta.url)), '../../src/api/client.js');
  const seen = new Set<string>();
  const outside = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, name] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
      if (name!.startsWith('.')) visit(join(dirname(file), name!));
      else outside.add(name!);
    }
  };
  visit(start);
  assert.deepEqual([...outside], ['zod'], [...seen].join('\n'));
});
