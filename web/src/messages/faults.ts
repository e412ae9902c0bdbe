import { en } from './en/faults.ts';
import { ko } from './ko/faults.ts';

export const faultWords = { en, ko };
