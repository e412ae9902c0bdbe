import { parentPort, workerData } from 'node:worker_threads';
import { HaetaeError } from '../../base/errors.ts';
import { visibleText } from '../../base/visible-text.ts';
import { readTheftFile } from '../../trace/theft-file.ts';
import type { TheftAnswer, TheftText } from './theft-reader.ts';

function answerTo({ text, name }: TheftText): TheftAnswer {
  try {
    const file = readTheftFile(text, name);
    const seeds = [...file.thefts.flatMap((theft) => theft.seeds), ...file.links.map((link) => link.to)];
    const chains = [...new Set(seeds.map((seed) => seed.chain.id))];
    return { kind: 'read', theft: { title: visibleText(file.title).slice(0, 200), chains } };
  } catch (fault) {
    if (!(fault instanceof HaetaeError)) throw fault;
    const { code, message, context, remedy } = fault;
    return { kind: 'fault', code, message, context, remedy };
  }
}

parentPort!.postMessage(answerTo(workerData as TheftText));
