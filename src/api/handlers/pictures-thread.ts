import { parentPort } from 'node:worker_threads';
import type { z } from 'zod';
import { describeError, HaetaeError } from '../../base/errors.ts';
import { CasePicture } from '../../report/case-picture.ts';
import type { caseFlowSchema, casePlaceSchema, caseViewSchema, pictureRoutes } from '../routes/pictures.ts';
import type { PictureQuestion, ThreadAnswer, ThreadCall } from './pictures-question.ts';

/** Bytes of case files of the pictures kept, and how many; a picture takes about ten times as much. */
const MOST_BYTES = 64 << 20;
const MOST_PICTURES = 8;

interface Kept {
  readonly picture: CasePicture;
  readonly bytes: number;
  /** Pictures of flows, by question. */
  readonly answers: Map<string, Uint8Array>;
}

const TEXT = new TextEncoder();
/** The last asked comes last. */
const kept = new Map<string, Kept>();

function answerTo(call: ThreadCall): ThreadAnswer {
  try {
    const found = call.files === null ? kept.get(call.key) : open(call.key, call.head, call.files);
    if (found === undefined) return { number: call.number, kind: 'unknown' };
    kept.delete(call.key);
    kept.set(call.key, found);
    return {
      number: call.number,
      kind: 'answer',
      bytes: call.question === null ? null : bytesOf(found, call.question),
    };
  } catch (fault) {
    if (!(fault instanceof HaetaeError))
      return { number: call.number, kind: 'fault', code: null, message: describeError(fault) };
    const { code, message, context, remedy } = fault;
    return { number: call.number, kind: 'fault', code, message, context, remedy };
  }
}

function open(key: string, head: ThreadCall['head'], files: NonNullable<ThreadCall['files']>): Kept {
  const bytes = [...files.values()].reduce((sum, content) => sum + content.byteLength, 0);
  const opened = { picture: new CasePicture(head, files), bytes, answers: new Map() };
  // A case that was traced again is another picture: the one before is of no use.
  for (const [other, { picture }] of kept) if (picture.id === head.id) kept.delete(other);
  kept.set(key, opened);
  let all = [...kept.values()].reduce((sum, each) => sum + each.bytes, 0);
  for (const [other, each] of kept) {
    if (kept.size <= 1 || (all <= MOST_BYTES && kept.size <= MOST_PICTURES)) break;
    kept.delete(other);
    all -= each.bytes;
  }
  return opened;
}

/** Of one picture, bytes. */
const MOST_ANSWERS = 16 << 20;

function bytesOf({ picture, answers }: Kept, question: PictureQuestion): Uint8Array {
  if (question.kind !== 'flow') return TEXT.encode(JSON.stringify(ask(picture, question)));
  const name = JSON.stringify(question);
  const known = answers.get(name);
  if (known !== undefined) return known;
  const bytes = TEXT.encode(JSON.stringify(ask(picture, question)));
  let all = [...answers.values()].reduce((sum, each) => sum + each.length, bytes.length);
  for (const [other, each] of answers) {
    if (all <= MOST_ANSWERS) break;
    answers.delete(other);
    all -= each.length;
  }
  if (all <= MOST_ANSWERS) answers.set(name, bytes);
  return bytes;
}

type Answers =
  | z.input<typeof caseViewSchema>
  | z.input<typeof caseFlowSchema>
  | z.input<typeof casePlaceSchema>
  | z.input<typeof pictureRoutes.listCaseTransfers.response>
  | z.input<typeof pictureRoutes.listCaseServices.response>;

function ask(picture: CasePicture, question: PictureQuestion): Answers {
  switch (question.kind) {
    case 'view':
      return picture.view() satisfies z.input<typeof caseViewSchema>;
    case 'flow':
      return picture.flow(question) satisfies z.input<typeof caseFlowSchema>;
    case 'place':
      return picture.place(question, question.labels) satisfies z.input<typeof casePlaceSchema>;
    case 'transfers':
      return picture.transfers(question) satisfies z.input<typeof pictureRoutes.listCaseTransfers.response>;
    case 'services':
      return picture.services(question.theft, question.holds) satisfies z.input<
        typeof pictureRoutes.listCaseServices.response
      >;
  }
}

parentPort!.on('message', (call: ThreadCall) => parentPort!.postMessage(answerTo(call)));
