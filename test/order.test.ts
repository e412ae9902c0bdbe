import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The house order: a folder may import only from folders above it in this list. */
const ORDER = [
  'base',
  'model',
  'drill',
  'taint',
  'kernel',
  'link',
  'detect',
  'cluster',
  'store',
  'flow',
  'source',
  'label',
  'access',
  'trace',
  'exposure',
  'screen',
  'watch',
  'incident',
  'attempt',
  'report',
  'share',
  'api',
  'cli',
  'main.ts',
];
const PURE = ['base', 'model', 'drill', 'taint', 'kernel', 'link', 'detect', 'cluster'];
const FORBIDDEN_NAMES = /(^|\/)index\.ts$|(^|[-_/])(common|utils|helpers|manager|service)\.ts$/;
const DRIVERS: Record<string, string[]> = {
  '@duckdb/node-api': ['store', 'source', 'flow', 'api', 'cli'],
  ws: ['source', 'api'],
  ox: ['source'],
  'hash-wasm': ['source', 'store'],
  fastify: ['api'],
  lmdb: ['store'],
  yauzl: ['source'],
  yazl: ['api'],
};

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const sourceFolder = join(root, 'src');
const files = readdirSync(sourceFolder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replaceAll('\\', '/'));

function importsOf(file: string): string[] {
  const text = readFileSync(join(sourceFolder, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
}

function place(file: string): number {
  return ORDER.indexOf(file.split('/')[0] ?? '');
}

test('every source file stands in a folder of the house', () => {
  assert.deepEqual(
    files.filter((file) => place(file) < 0),
    [],
  );
  assert.deepEqual(
    files.filter((file) => FORBIDDEN_NAMES.test(file)),
    [],
  );
});

test('imports point up the house order only, and never at another folder’s private file', () => {
  const faults: string[] = [];
  for (const file of files) {
    for (const target of importsOf(file).filter((name) => name.startsWith('.'))) {
      const path = posix.normalize(posix.join(posix.dirname(file), target));
      const sameFolder = path.split('/')[0] === file.split('/')[0];
      if (path.startsWith('..')) faults.push(`${file} leaves src: ${target}`);
      else if (!sameFolder && place(path) >= place(file)) faults.push(`${file} imports ${path} from below`);
      else if (!sameFolder && posix.basename(path).startsWith('_')) faults.push(`${file} imports private ${path}`);
    }
  }
  assert.deepEqual(faults, []);
});

test('pure folders touch nothing outside their arguments', () => {
  const impure = /\b(Date\.now|new Date\(\)|Math\.random|console\.|process\.|fetch\(|performance\.)/;
  const faults = files
    .filter((file) => PURE.includes(file.split('/')[0] ?? '') && !file.endsWith('.test.ts'))
    .filter(
      (file) =>
        importsOf(file).some((name) => name.startsWith('node:')) ||
        impure.test(readFileSync(join(sourceFolder, file), 'utf8')),
    );
  assert.deepEqual(faults, []);
});

test('drivers live only where they may', () => {
  const faults = files
    .filter((file) => !file.endsWith('.test.ts'))
    .filter((file) =>
      importsOf(file).some((name) => DRIVERS[name] && !DRIVERS[name].includes(file.split('/')[0] ?? '')),
    );
  assert.deepEqual(faults, []);
});

/** Where the console may look into the server's code: the declarations of the interface, with all that these are made of, and the model with its ground. */
const SHARED_WITH_CONSOLE = ['api/client.ts', 'api/all-routes.ts', 'api/problem.ts', 'api/verdict-schema.ts'];

function sharedWithConsole(): ReadonlySet<string> {
  const shared = new Set(files.filter((file) => /^(base|model)\//.test(file)));
  const next = [...SHARED_WITH_CONSOLE];
  for (let file = next.pop(); file !== undefined; file = next.pop()) {
    if (shared.has(file)) continue;
    shared.add(file);
    for (const target of importsOf(file).filter((name) => name.startsWith('.')))
      next.push(posix.normalize(posix.join(posix.dirname(file), target)));
  }
  return shared;
}

const CONSOLE_PACKAGES = [
  'react',
  'react-dom/client',
  'zod',
  '@tanstack/react-query',
  '@tanstack/react-virtual',
  'wouter',
  'sigma',
  'graphology',
  'd3-sankey',
  'uplot',
];

test('the console imports the declarations of the interface and the model only, and nothing of node', () => {
  const folder = join(root, 'web', 'src');
  const shared = sharedWithConsole();
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /\.tsx?$/.test(name) && !/\.test\.ts$|-fixture\.ts$/.test(name),
  );
  const faults = pages.flatMap((page) => {
    const text = readFileSync(join(folder, page), 'utf8');
    return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^'\s]+)'/g)].flatMap(([, target = '']) => {
      const path = posix.normalize(posix.join('web/src', posix.dirname(page.replaceAll('\\', '/')), target));
      const known = target.startsWith('.')
        ? path.startsWith('web/src/') || shared.has(path.replace(/^src\//, ''))
        : CONSOLE_PACKAGES.some((name) => target === name || target.startsWith(`${name}/`));
      return known ? [] : [`${page} imports ${target}`];
    });
  });
  assert.deepEqual(faults, []);
});

test('no source file is longer than 600 lines', () => {
  const all = ['src', 'test', 'bench', 'web/src'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(tsx?|css)$/.test(name))
      .map((name) => join(root, folder, name)),
  );
  const long = all.filter((file) => readFileSync(file, 'utf8').split('\n').length > 600);
  assert.deepEqual(
    long.map((file) => relative(root, file)),
    [],
  );
});

test('no hook of one suite runs for the tests of others: all suites share a process', () => {
  const hooked = ['src', 'test', 'web/src'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => join(root, folder, name))
      .filter((file) => /^(beforeEach|afterEach)\(/m.test(readFileSync(file, 'utf8'))),
  );
  assert.deepEqual(
    hooked.map((file) => relative(root, file)),
    [],
  );
});
