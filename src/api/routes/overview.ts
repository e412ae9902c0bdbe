import { z } from 'zod';
import { routes } from '../route.ts';

const text = z.string();
const none = z.string().nullable();
const units = z.string().describe('Source units, as decimal text.');
const count = z.int();
const ages = z.strictObject({ hour: count, day: count, week: count, older: count });

export const overviewSchema = z.strictObject({
  at: text,
  drill: z.boolean().describe('Everything that was traced is simulated, and something was.'),
  cases: z.strictObject({ traced: count, simulated: count, desk: count.describe('Open cases of the desk.') }),
  alerts: z.strictObject({
    open: ages,
    assigned: ages,
    blocked: count.describe('Open or assigned, of a block.'),
  }),
  approvals: count.describe('Wait for a second person.'),
  holds: z.record(z.string(), count).describe('By state.'),
  holdsFrom: none.describe('Who draws up hold notices; null: nobody is named, so none can be drawn up.'),
  jobs: count.describe('Running or waiting.'),
  money: z
    .array(
      z.strictObject({
        case: text,
        caseTitle: text,
        theft: text,
        title: text,
        simulated: z.boolean(),
        asset: text,
        symbol: text,
        decimals: z.int().nullable(),
        time: text,
        stolen: units,
        method: text.describe('By which the states are counted: the leading one of the case.'),
        held: units,
        services: units.describe('Absorbed by services that can be asked.'),
        mixed: units,
        bridged: units.describe('Bridged, and in flight.'),
        other: units.describe('Fees, burns, leaks, below the threshold, senior.'),
      }),
    )
    .readonly()
    .describe('One row a theft, newest case first; at most 100.'),
  chains: z
    .array(
      z.strictObject({
        chain: text,
        name: text,
        simulated: z.boolean(),
        firstTime: none,
        lastTime: none.describe('Of the newest movement stored.'),
        fetchedUntil: none.describe('Time of the newest block fetched and checked; null: nothing was fetched.'),
        rows: z.number(),
        importedAt: none,
      }),
    )
    .readonly(),
  labels: z.strictObject({ lists: count, entries: count, newest: none, hash: text }),
  rules: z.strictObject({ name: text, hash: text, activatedAt: none }).nullable(),
  exposure: z.strictObject({ until: none, behind: count }).nullable().describe('null: no table of exposures is built.'),
  audit: z.strictObject({ entries: count }),
  prices: z.strictObject({ assets: count, until: none }),
});

export const overviewRoutes = routes({
  getOverview: {
    method: 'GET',
    path: '/v1/overview',
    tag: 'overview',
    summary: 'Open work, traced money by state, how fresh the data are',
    scope: 'read',
    response: overviewSchema,
    status: 200,
    errors: ['E_CASE'],
  },
  listPrices: {
    method: 'POST',
    path: '/v1/prices/find',
    tag: 'overview',
    summary: 'Prices in US dollars of assets on days',
    scope: 'read',
    body: z.strictObject({
      items: z
        .array(z.strictObject({ asset: z.string().min(1).max(200), time: z.string().min(1).max(40) }))
        .min(1)
        .max(500),
    }),
    response: z.strictObject({
      items: z
        .array(
          z.strictObject({
            asset: text,
            time: text,
            usd: none.describe('Of one whole unit, as decimal text; null: not known.'),
            day: none.describe('Of the price: that day, or up to three days before.'),
            source: none,
          }),
        )
        .readonly(),
    }),
    status: 200,
    maxBody: 256 * 1024,
    errors: ['E_TIME'],
    example: { items: [{ asset: 'eip155:1/slip44:60', time: '2022-03-23T13:29:09Z' }] },
  },
});
