import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yamlShapeFault } from './yaml-shape.ts';

test('a text that is made to end the parser is refused before it is parsed', () => {
  const many = Array.from({ length: 600 }, (_, index) => `k${index}: 1`);
  const made: readonly (readonly [string, RegExp])[] = [
    ['['.repeat(100_000), /deeper than 50 levels at line 1$/],
    [`a: 1\n${'{a: '.repeat(200)}`, /deeper than 50 levels at line 2$/],
    // Brackets in quotes close nothing.
    ['["]",'.repeat(1000), /deeper/],
    ['- '.repeat(1000), /deeper/],
    ['? '.repeat(1000), /deeper/],
    [
      Array.from({ length: 100 }, (_, index) => `${' '.repeat(index)}a:`).join('\n'),
      /deeper than 50 levels at line 51$/,
    ],
    [many.join('\n'), /more than 500 fields in one place at line 1$/],
    [`{${many.join(', ')}}`, /more than 500 fields/],
  ];
  for (const [text, fault] of made) assert.match(yamlShapeFault(text) ?? 'no fault', fault, text.slice(0, 20));
});

test('what people write has no fault of shape, however long', () => {
  const seed = '  - { kind: mark, at: ["x[", "]"], more: [1, 2, 3,], text: "a {b" }';
  for (const text of [
    '',
    '# nothing',
    'a: [ [ ], { } ]',
    `seeds:\n${Array(2000).fill(seed).join('\n')}\n`,
    '{"a": {"b": [1]}}',
  ])
    assert.equal(yamlShapeFault(text), null, text.slice(0, 20));
});
