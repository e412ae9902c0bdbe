import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { VERSION } from '../src/cli/version.ts';

test('the program says the version of its package', () => {
  const path = join(dirname(fileURLToPath(import.meta.url)), '../../package.json');
  assert.equal(VERSION, JSON.parse(readFileSync(path, 'utf8')).version);
});
