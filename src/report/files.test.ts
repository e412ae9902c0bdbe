import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseCsv } from '../base/csv.ts';
import { touchedText } from '../trace/case-files.ts';
import type { PlaceResult } from '../trace/result.ts';
import { placesCsv, servicesCsv } from './csv.ts';
import { randomSample, sampleTrace } from './sample.ts';

const { result, touched } = sampleTrace(randomSample(300, 11));

suite('CSV of a report', () => {
  test('touched has exactly the columns promised, and each row back', () => {
    const [header, ...records] = parseCsv(touchedText(touched), 'touched.csv');
    assert.equal(header!.join(','), 'method,source_file,source_row,tx,from,to,asset,amount,tainted');
    assert.equal(records.length, touched.length);
    const { method, source_file, source_row, tx, from, to, asset, amount, tainted } = touched[5]!;
    assert.deepEqual(records[5], [method, source_file, String(source_row), tx, from, to, asset, amount, tainted]);
  });

  test('places and services: a row for each, the amounts untouched', () => {
    const places = parseCsv(placesCsv(result), 'places.csv');
    const services = parseCsv(servicesCsv(result), 'services.csv');
    const all = Object.values(result.methods);
    assert.equal(
      places.length - 1,
      all.reduce((sum, method) => sum + method.places.length, 0),
    );
    assert.equal(
      services.length - 1,
      all.reduce((sum, method) => sum + method.services.length, 0),
    );
    const column = places[0]!.indexOf('source_units');
    assert.equal(places[1]![column], all[0]!.places[0]!.sourceUnits);
  });

  test('text that a spreadsheet would run is disarmed; commas, quotes and line breaks survive', () => {
    const label = '=HYPERLINK("http://evil","x"),\nrest';
    const method = result.methods.haircut!;
    const place: PlaceResult = { ...method.places[0]!, label };
    const changed = { ...result, methods: { haircut: { ...method, places: [place] } } };
    const [header, record] = parseCsv(placesCsv(changed), 'places.csv');
    assert.equal(record![header!.indexOf('label')], `'${label}`);
    for (const start of ['=', '+', '-', '@', '\t', '\r']) {
      const row = { ...touched[0]!, source_file: `${start}cmd` };
      assert.equal(parseCsv(touchedText([row]), 'touched.csv')[1]![1], `'${start}cmd`);
    }
  });
});
