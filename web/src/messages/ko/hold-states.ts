import type { en } from '../en/hold-states.ts';

export const ko: typeof en = {
  draft: '초안',
  sent: '발송됨',
  acknowledged: '동결 확인',
  refused: '거절됨',
  expired: '만료됨',
  withdrawn: '철회됨',
};
