import { en } from './en/search.ts';
import { ko } from './ko/search.ts';

export const searchWords = { en, ko };
