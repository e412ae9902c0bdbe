import { en } from './en/methods.ts';
import { ko } from './ko/methods.ts';

export const methodWords = { en, ko };
