import { en } from './en/entities.ts';
import { ko } from './ko/entities.ts';

export const entitiesWords = { en, ko };
