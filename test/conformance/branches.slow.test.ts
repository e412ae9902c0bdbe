import { branches } from './branches.ts';

branches(200);
