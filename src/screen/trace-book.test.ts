import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../store/memory/store.ts';
import type { StoredCase } from '../store/port.ts';
import { touchedText } from '../trace/case-files.ts';
import type {
  MethodResult,
  PlaceResult,
  ServiceResult,
  TheftResult,
  TouchedRow,
  TraceResult,
} from '../trace/result.ts';
import { TraceBook } from './trace-book.ts';

const CHAIN = 'eip155:1';
const ETH = 'eip155:1/slip44:60';

function placeOf(address: string, amount: string, hops: number): PlaceResult {
  const where = { chain: CHAIN, address, asset: ETH, amount, sourceUnits: amount };
  return { ...where, edgeOfData: false, label: null, category: null, lastArrival: '2024-01-02T00:00:00Z', hops };
}

function serviceOf(address: string, amount: string): ServiceResult {
  const times = { firstTime: '2024-01-02T00:00:00Z', lastTime: '2024-01-02T00:00:00Z' };
  const what = {
    name: 'Exchange',
    category: 'exchange',
    stop: 'service',
    bucket: 'absorbed',
    share: '1.00 %',
  } as const;
  const where = { chain: CHAIN, address, asset: ETH, amount, sourceUnits: amount };
  return { ...where, ...what, ...times, recoverable: true, labelSource: null, transfers: [] } as ServiceResult;
}

function methodOf(places: readonly PlaceResult[], services: readonly ServiceResult[]): MethodResult {
  return { version: 1, stolen: '100', buckets: {}, places, services, shortages: [], notes: {}, touched: 0 };
}

const row = (method: string, from: string, to: string, tainted: string): TouchedRow => ({
  theft: 'bridge',
  method,
  source_file: 'a.csv',
  source_row: 1,
  tx: '0x1',
  from,
  to,
  asset: ETH,
  amount: tainted,
  tainted,
  time: 0,
});

function caseOf(
  id: string,
  methods: TheftResult['methods'],
  touched: readonly TouchedRow[],
  simulated = false,
): StoredCase {
  const result = {
    case: id,
    theft: {
      id: 'bridge',
      title: 'Theft from a bridge',
      asset: ETH,
      symbol: 'ETH',
      decimals: 18,
      stolen: '100',
      time: '2024-01-01T00:00:00Z',
      sources: [],
      seeds: [
        { chain: CHAIN, address: '0xthief', asset: ETH, kind: 'mark', amount: '100', sourceUnits: '100', time: '' },
      ],
    },
    methods,
    furtherThefts: [],
    context: {
      sources: [{ preset: 'p', chain: CHAIN, files: [], rowsRead: 1, rowsKept: 1 }],
      signatures: [
        {
          id: 'S3',
          name: 'fan-out',
          summary: '40 payments',
          addresses: ['0xmiddle'],
          firstTime: '2024-01-01T00:00:00Z',
          lastTime: '2024-01-02T00:00:00Z',
          evidence: {},
        },
      ],
    },
  } as unknown as TraceResult;
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const files = new Map([
    ['results.json', text(JSON.stringify(result))],
    ['touched.csv', text(touchedText(touched))],
  ]);
  return { id, title: 'A title', createdAt: 1_704_067_200, simulated, files };
}

const haircut = methodOf([placeOf('0xend', '60', 2)], [serviceOf('0xexchange', '40')]);
const fifo = methodOf([placeOf('0xother', '100', 1)], []);
// The thief pays all to one, who pays 40 to an exchange and 60 to the end.
const TOUCHED = [
  row('fifo', '0xthief', '0xother', '100'),
  row('haircut', '0xthief', '0xmiddle', '100'),
  row('haircut', '0xmiddle', '0xexchange', '40'),
  row('haircut', '0xmiddle', '0xend', '60'),
];

test('places, services and who passed money on, by haircut; signatures', async () => {
  const store = new MemoryStore();
  await store.saveCase(caseOf('bridge-1', { fifo, haircut }, TOUCHED, true));
  const book = await TraceBook.open(store);
  const said = (address: string) =>
    book.tracesOf(CHAIN, address).map(({ role, amount, hops, method }) => [role, amount, hops, method]);
  assert.deepEqual(said('0xend'), [['holds', '60', 2, 'haircut']]);
  assert.deepEqual(said('0xexchange'), [['service', '40', null, 'haircut']]);
  assert.deepEqual(said('0xmiddle'), [['passed', '100', 1, 'haircut']]);
  assert.deepEqual(said('0xthief'), [['passed', '100', 0, 'haircut']]);
  assert.deepEqual(said('0xother'), []);
  assert.deepEqual(book.tracesOf('eip155:56', '0xend'), []);
  assert.deepEqual(book.tracesOf(CHAIN, '0xend')[0], {
    case: 'bridge-1',
    title: 'A title',
    theft: 'bridge',
    method: 'haircut',
    asset: ETH,
    amount: '60',
    role: 'holds',
    hops: 2,
    stolenAt: '2024-01-01T00:00:00Z',
    simulated: true,
  });
  assert.deepEqual(book.signaturesOf(CHAIN, '0xmiddle'), [
    { id: 'S3', name: 'fan-out', case: 'bridge-1', summary: '40 payments', lastTime: '2024-01-02T00:00:00Z' },
  ]);
  assert.deepEqual(book.signaturesOf('eip155:56', '0xmiddle'), []);
  assert.equal(book.cases, 1);
});

test('a case that is added, or traced again, is read, and tells whom it touches', async () => {
  const store = new MemoryStore();
  const book = await TraceBook.open(store);
  const empty = book.hash;
  assert.deepEqual(await book.refresh(), { addresses: [] });
  await store.saveCase(caseOf('bridge-1', { fifo }, TOUCHED));
  const { addresses } = await book.refresh();
  assert.deepEqual(
    addresses.map(({ address }) => address),
    ['0xother', '0xthief', '0xmiddle'],
  );
  assert.notEqual(book.hash, empty);
  const first = book.hash;
  assert.deepEqual(await book.refresh(), { addresses: [] });
  await store.saveCase(caseOf('bridge-1', { haircut }, TOUCHED));
  const again = (await book.refresh()).addresses.map(({ address }) => address);
  // Also the one that is no place of it any more.
  assert.ok(again.includes('0xother') && again.includes('0xend'));
  assert.deepEqual(book.tracesOf(CHAIN, '0xother'), []);
  assert.notEqual(book.hash, first);
});
