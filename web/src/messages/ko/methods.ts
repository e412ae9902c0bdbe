import type { en } from '../en/methods.ts';

export const ko: typeof en = {
  poison: '오염(poison)',
  haircut: '비례 배분(haircut)',
  fifo: '선입선출(FIFO)',
  'lifo-in': '후입선출(입력 역순)',
  'lifo-out': '후입선출(출력 역순)',
  tiho: '최대 출력 우선(TIHO)',
  'dirty-first': '피해금 우선 소진',
  'clean-first': '정상 자금 우선 소진',
};
