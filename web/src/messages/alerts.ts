import { en } from './en/alerts.ts';
import { ko } from './ko/alerts.ts';

export const alertsWords = { en, ko };
