import { en } from './en/audit.ts';
import { ko } from './ko/audit.ts';

export const auditWords = { en, ko };
