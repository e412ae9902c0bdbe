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
  serverSaid: '서버 메시지',
  loading: '불러오는 중 …',
  close: '닫기',
  partMissing: '콘솔의 이 부분을 불러오지 못했습니다.',
  partMissingRemedy:
    '페이지를 새로 고치십시오. 페이지를 연 뒤 서버가 업데이트되었거나 서버가 잠시 응답하지 않는 상태일 수 있습니다.',
  reload: '새로 고침',
};
