import { parentPort, workerData } from 'node:worker_threads';
import { HaetaeError } from '../../base/errors.ts';
import { traceHtml } from '../../report/html.ts';
import { readCaseFiles, replay } from '../../trace/case-files.ts';
import type { ReportAnswer } from './cases-report.ts';

function answer(): ReportAnswer {
  try {
    return { html: traceHtml(replay(readCaseFiles(workerData as Map<string, Uint8Array>))) };
  } catch (fault) {
    if (fault instanceof HaetaeError) return { code: fault.code, message: fault.message };
    throw fault;
  }
}

parentPort!.postMessage(answer());
