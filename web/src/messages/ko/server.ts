import type { ServerWords } from '../../format/server-text.ts';
import { action } from './audit-actions.ts';
import { rules } from './default-rules.ts';
import { audit, cause, missing, option, stage, warning } from './server-notes.ts';
import { reason, signature } from './server-reasons.ts';

export const ko: ServerWords = {
  rule: { texts: rules },
  reason,
  missing,
  cause,
  warning,
  signature,
  stage,
  audit,
  action,
  option,
};
