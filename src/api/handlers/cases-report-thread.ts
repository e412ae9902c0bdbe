import { parentPort, workerData } from 'node:worker_threads';
import { HaetaeError } from '../../base/errors.ts';
import { reportHtml } from '../../report/html.ts';
import { readCaseFiles, replay } from '../../trace/case-files.ts';
import type { ReportAnswer } from './cases-report.ts';

function answer(): ReportAnswer {
  try {
    const { result, flow } = replay(readCaseFiles(workerData as Map<string, Uint8Array>));
    return { html: reportHtml(result, flow()) };
  } catch (fault) {
    if (fault instanceof HaetaeError) return { code: fault.code, message: fault.message };
    throw fault;
  }
}

parentPort!.postMessage(answer());
