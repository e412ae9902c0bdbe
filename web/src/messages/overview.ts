import { en } from './en/overview.ts';
import { ko } from './ko/overview.ts';

export const overviewWords = { en, ko };
