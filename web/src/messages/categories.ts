import { en } from './en/categories.ts';
import { ko } from './ko/categories.ts';

export const categoryWords = { en, ko };
