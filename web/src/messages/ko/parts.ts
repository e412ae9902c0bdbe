import type { en } from '../en/parts.ts';

export const ko: typeof en = {
  baseUnits: ' 기본 단위 (소수 자릿수 알 수 없음)',
  clickToCopy: '클릭하면 복사됩니다',
  copied: (value: string) => `복사됨: ${value}`,
  notCopied: '브라우저가 복사를 허용하지 않았습니다.',
  copy: '복사',
  noTransaction: '거래 없음',
  notKnown: '알 수 없음',
  decisions: { allow: '허용', review: '검토', block: '차단' },
  simulated: '모의 훈련',
  simulatedWhy: '훈련용입니다. 실제 주소도 실제 자금도 아닙니다.',
  remedy: '해결 방법',
  loading: '불러오는 중 …',
  close: '닫기',
};
