import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTime, parseTime } from './time.ts';

test('ISO times with and without offset become Unix seconds', () => {
  assert.equal(parseTime('1970-01-01'), 0);
  assert.equal(parseTime('2022-03-23T13:29:09+00:00'), 1648042149);
  assert.equal(parseTime('2022-03-23 13:29:09'), 1648042149);
  assert.equal(parseTime('2022-03-23T22:29:09+09:00'), 1648042149);
  assert.equal(parseTime('2022-03-23 13:29:09.000 UTC'), 1648042149);
  assert.equal(parseTime('1648042149'), 1648042149);
  assert.equal(formatTime(1648042149), '2022-03-23T13:29:09Z');
});

test('what names no real instant is refused', () => {
  for (const text of [
    '',
    'yesterday',
    '2022-02-30',
    '2022-13-01',
    '2022-03-23T25:00:00Z',
    '12345',
    '23/03/2022',
    '0022-03-23',
  ]) {
    assert.equal(parseTime(text), null, text);
  }
});
