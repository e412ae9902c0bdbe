import { en } from './en/cases.ts';
import { ko } from './ko/cases.ts';

export const casesWords = { en, ko };
