import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { safeLink } from './outside-link.ts';

describe('links from outside', () => {
  test('only of the web', () => {
    assert.equal(safeLink('https://example.org/a?b=c'), 'https://example.org/a?b=c');
    assert.equal(safeLink('http://example.org'), 'http://example.org/');
    for (const text of [
      'javascript:alert(1)',
      ' \tjava\nscript:alert(1)',
      'data:text/html,<script>alert(1)</script>',
      'vbscript:x',
      'file:///etc/passwd',
      'blob:https://example.org/1',
      '//example.org',
      '/v1/keys',
      'https://someone:secret@example.org/',
      'example.org',
      '',
    ])
      assert.equal(safeLink(text), null, text);
  });
});
