import { en } from './en/parts.ts';
import { ko } from './ko/parts.ts';

export const partsWords = { en, ko };
