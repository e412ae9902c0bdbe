import { en } from './en/shell.ts';
import { ko } from './ko/shell.ts';

export const shellWords = { en, ko };
