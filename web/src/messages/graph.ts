import { en } from './en/graph.ts';
import { ko } from './ko/graph.ts';

export const graphWords = { en, ko };
