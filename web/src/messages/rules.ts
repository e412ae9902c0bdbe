import { en } from './en/rules.ts';
import { ko } from './ko/rules.ts';

export const rulesWords = { en, ko };
