import { en } from './en/screening.ts';
import { ko } from './ko/screening.ts';

export const screeningWords = { en, ko };
