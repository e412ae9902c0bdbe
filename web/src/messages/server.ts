import type { ServerWords } from '../format/server-text.ts';
import { ko } from './ko/server.ts';

/** The server speaks English: there is nothing to say otherwise. */
const en: ServerWords = {
  rule: {},
  reason: {},
  missing: {},
  cause: {},
  warning: {},
  signature: {},
  stage: {},
  audit: {},
  action: {},
  option: {},
};

export const serverWords = { en, ko };
