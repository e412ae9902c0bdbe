import { en } from './en/case.ts';
import { ko } from './ko/case.ts';

export const caseWords = { en, ko };
