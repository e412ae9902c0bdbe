import { en } from './en/holds.ts';
import { ko } from './ko/holds.ts';

export const holdsWords = { en, ko };
