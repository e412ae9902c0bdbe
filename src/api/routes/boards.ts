import { z } from 'zod';
import { BOARD_LIMITS } from '../../trace/board.ts';
import { routes } from '../route.ts';

const place = z.string().min(1).max(300).describe('chain|address, or group:NAME.');
const params = z.strictObject({ id: z.string().min(1).max(120) });

const content = z.strictObject({
  pins: z
    .array(z.strictObject({ place, x: z.number(), y: z.number() }))
    .max(BOARD_LIMITS.pins)
    .readonly(),
  notes: z
    .array(
      z.strictObject({
        id: z.string().min(1).max(40),
        place: place.nullable().describe('null: of the whole case.'),
        text: z.string().min(1).max(BOARD_LIMITS.noteLength),
        at: z.iso.datetime(),
        by: z.string().max(120),
      }),
    )
    .max(BOARD_LIMITS.notes)
    .readonly(),
  expanded: z.array(place).max(BOARD_LIMITS.places).readonly(),
  hidden: z.array(place).max(BOARD_LIMITS.places).readonly(),
});

const board = z.strictObject({ ...content.shape, version: z.int().describe('0: nothing was kept yet.') });

export const boardRoutes = routes({
  getCaseBoard: {
    method: 'GET',
    path: '/v1/cases/:id/board',
    tag: 'pictures',
    summary: 'Pins, notes and what was opened on the picture of a traced case',
    scope: 'read',
    params,
    response: board,
    status: 200,
    errors: ['E_NOT_FOUND'],
  },
  saveCaseBoard: {
    method: 'PUT',
    path: '/v1/cases/:id/board',
    tag: 'pictures',
    summary: 'Keep pins, notes and what was opened, for everybody who looks at the case',
    description:
      'Who wrote a note and when is set by the server for notes that are new. Notes are no evidence and are in no bundle.',
    scope: 'alerts',
    params,
    body: z.strictObject({
      ...content.shape,
      version: z.int().min(0).describe('The version that you saw: E_STATE where another change came first.'),
    }),
    response: board,
    status: 200,
    errors: ['E_NOT_FOUND', 'E_STATE', 'E_STORE_WRITE', 'E_CLOCK'],
    maxBody: 1 << 20,
  },
});
