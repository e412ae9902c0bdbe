import { en } from './en/settings.ts';
import { ko } from './ko/settings.ts';

export const settingsWords = { en, ko };
