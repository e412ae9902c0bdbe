import { form, type Phrases, wordsOf } from '../../format/server-text.ts';
import { ko as labels } from './categories.ts';
import { ko as methods } from './methods.ts';

/** Why the exposure of an address cannot be read: messages of faults of the index and its tables. */
const indexFaults: Phrases = {
  texts: {
    'the index is behind the store': '색인이 저장소의 최신 내용을 반영하지 않음',
    'the store changed while its index was built': '색인을 만드는 동안 저장소가 변경됨',
    'there is no index of this chain, or it is behind the store':
      '이 체인의 색인이 없거나 저장소의 최신 내용을 반영하지 않음',
    'the chain is not indexed': '이 체인의 색인이 없음',
    'there is no exposure table of this chain': '이 체인의 위험 노출 표가 없음',
    'the exposure table is of another version': '위험 노출 표가 다른 버전임',
    'the exposure table was made from another state of the index': '위험 노출 표가 색인의 다른 상태로 만들어짐',
    'the manifest of an exposure table is not as it was written': '위험 노출 표의 목록 파일이 기록된 내용과 다름',
    'the manifest of an index is not as it was written': '색인의 목록 파일이 기록된 내용과 다름',
    'the table of page sums is not as it was written': '색인의 페이지 검사값이 기록된 내용과 다름',
    'a file of the index is not there': '색인 파일이 없음',
  },
  forms: [
    form(
      /^the index is of version (\d+), not (\d+)$/,
      (is, wanted) => `색인이 현재 버전(${wanted})이 아닌 버전 ${is}임`,
    ),
    form(
      /^a page of the index (?:is longer than it was written|ends too early|is not as it was written)$/,
      () => '색인의 한 페이지가 기록된 내용과 다름',
    ),
    form(/^a page of the index cannot be (?:read|opened)$/, () => '색인의 한 페이지를 읽을 수 없음'),
  ],
};

const EXPOSURE = '위험 노출';

export const missing: Phrases = {
  texts: {
    'exposure: the chain is not indexed; run haetae index build, then haetae exposure build': `${EXPOSURE}: 이 체인의 색인이 없습니다. haetae index build를 실행한 다음 haetae exposure build를 실행하십시오.`,
    'the transaction is not in the store: the address given is screened':
      '저장소에 없는 거래이므로 입력한 주소만 심사하였습니다.',
    'exposure, entities and traces are known as of now only: with asOf only labels count':
      '위험 노출, 주체, 추적 결과는 현재 시점의 것만 알 수 있습니다. 기준일을 지정하면 라벨만 적용됩니다.',
  },
  forms: [
    form(/^exposure: (.+); run haetae (index|exposure) build$/, (why, what) => {
      const said = wordsOf(indexFaults, why!);
      return said === null ? null : `${EXPOSURE}: ${said}. haetae ${what} build를 실행하십시오.`;
    }),
    form(
      /^exposure: (\d+) more assets of the address were not looked at; name the asset$/,
      (count) => `${EXPOSURE}: 이 주소의 그 밖의 자산 ${count}종은 확인하지 않았습니다. 자산을 지정하십시오.`,
    ),
    form(
      /^paths: (\d+) more assets were not looked at$/,
      (count) => `경로: 그 밖의 자산 ${count}종은 찾아보지 않았습니다.`,
    ),
    form(
      /^paths: the address has too many payments \((.+)\)$/,
      (asset) => `경로: 이 주소의 지급이 너무 많아 찾지 않았습니다 (${asset}).`,
    ),
    form(
      /^paths: its money came through too many movements \((.+)\)$/,
      (asset) => `경로: 자금이 거쳐 온 이동이 너무 많아 찾지 않았습니다 (${asset}).`,
    ),
  ],
};

const causes: Readonly<Record<string, string>> = {
  'new labels': '새 라벨',
  'a traced theft': '추적된 탈취 사건',
  'new movements': '새 자금 이동',
  'new blocks or exposures': '새 블록 또는 위험 노출',
  'what was learned while the service did not run': '서비스가 중지된 동안 반영된 내용',
  'what could not be looked at before': '이전에 확인하지 못한 내용',
};

const oneCause: Phrases = {
  texts: causes,
  forms: [
    form(/^own label (\S+) (added|expired): (\w+), (.*)$/s, (id, done, category, label) => {
      const what = done === 'added' ? '추가' : '만료 처리';
      return `자체 라벨 ${id} ${what}: ${labels.categories[category!] ?? category}, ${label}`;
    }),
  ],
};

/** One cause, also where it came through others. */
function causeWords(text: string): string | null {
  const others = ', through others';
  if (!text.endsWith(others)) return wordsOf(oneCause, text);
  const said = wordsOf(oneCause, text.slice(0, -others.length));
  return said === null ? null : `${said} (다른 주소를 거쳐)`;
}

export const cause: Phrases = {
  forms: [
    causeWords,
    (text) => {
      const all = text.split('; ').map(causeWords);
      return all.includes(null) ? null : all.join('; ');
    },
  ],
};

export const warning: Phrases = {
  texts: {
    'Simulated: no real theft, no real address, no real money.':
      '모의 훈련입니다. 실제 탈취도 실제 주소도 실제 자금도 아닙니다.',
    'No movement in the data touches the places of the theft file.':
      '탈취 파일에 적힌 위치와 관련된 자금 이동이 데이터에 없습니다.',
    'Meeting rule overlap: every theft is counted alone; the same money may be counted for several thefts.':
      '중복 집계(overlap) 규칙: 탈취 건마다 따로 셈하므로 같은 자금이 여러 탈취 건에 집계될 수 있습니다.',
  },
  forms: [
    form(/^(.+): (\d+) exact duplicate rows were (dropped|kept as real movements)\.$/, (file, count, done) =>
      done === 'dropped'
        ? `${file}: 완전히 같은 행 ${count}개를 제외하였습니다.`
        : `${file}: 완전히 같은 행 ${count}개를 실제 이동으로 보고 유지하였습니다.`,
    ),
    form(
      /^(.+): (\d+) amounts were printed in floating point above 2\^53; their last digits may be wrong\.$/,
      (file, count) => `${file}: 금액 ${count}건이 2^53을 넘는 부동소수점으로 적혀 있어 끝자리가 틀릴 수 있습니다.`,
    ),
    form(
      /^(.+): (\d+) rows were refused at import and are not in this trace\.$/,
      (file, count) => `${file}: 가져올 때 거부된 행 ${count}개는 이 추적에 포함되지 않았습니다.`,
    ),
    form(
      /^(\S+): fetched up to block (\d+) \((\S+)\); later movements are not in this trace\.$/,
      (chain, block, time) => `${chain}: 블록 ${block}(${time})까지 조회하였습니다. 이후의 이동은 이 추적에 없습니다.`,
    ),
    form(
      /^(\S+): not seen or not checked: (.+) \((\d+) places?\)\.$/,
      (chain, gap, places) => `${chain}: 조회 또는 확인하지 못함 – ${gap} (${places}곳).`,
    ),
    form(/^Movements after (\S+) were not followed\.$/, (time) => `${time} 이후의 이동은 추적하지 않았습니다.`),
    form(
      /^(.+): (\d+) of (\d+) base units enter after the end of this trace and are in no bucket\.$/,
      (theft, late, all) =>
        `${theft}: 기본 단위 ${all} 중 ${late}은(는) 추적 종료 이후에 들어와 어느 항목에도 집계되지 않았습니다.`,
    ),
    form(
      /^Amounts of (.+) are in base units: the asset's decimals are not known\.$/,
      (thefts) => `${thefts}의 금액은 기본 단위입니다. 자산의 소수 자릿수를 알 수 없습니다.`,
    ),
  ],
};

/** A list of names, each in the reader's words; null where one of them has none. */
function listOf(text: string, names: Readonly<Record<string, string>>): string | null {
  const all = text.split(', ').map((name) => (Object.hasOwn(names, name) ? names[name]! : null));
  return all.includes(null) ? null : all.join(', ');
}

export const option: Phrases = {
  texts: {
    methods: '추적 방법',
    until: '추적 종료 시점',
    maxHops: '최대 단계',
    minAmount: '최소 금액',
    stops: '추적을 멈추는 분류',
    stopAddresses: '추적을 멈추는 주소',
    maxTransfers: '최대 이체 수',
    suspectedServiceAbove: '서비스 추정 기준',
    none: '없음',
    'end of data': '데이터의 끝',
    'no limit': '제한 없음',
  },
  forms: [
    form(/^(\d+) counterparties$/, (count) => `거래 상대방 ${count}개 초과`),
    (text) => listOf(text, methods),
    (text) => listOf(text, labels.categories),
  ],
};

export const stage: Phrases = {
  texts: {
    backup: '백업',
    check: '확인',
    'exposure tables': '위험 노출 표 작성',
    'find blocks': '블록 찾기',
    'finding deposit addresses': '입금 주소 찾기',
    following: '자금 추적',
    'following outputs': '출력 추적',
    index: '색인 작성',
    'index: sort': '색인 정렬',
    'infer order': '순서 판별',
    'joining addresses': '주소 묶기',
    labels: '라벨 읽기',
    numbering: '번호 매기기',
    read: '파일 읽기',
    'read blocks': '블록 읽기',
    'read blocks again': '블록 다시 읽기',
    'reading transfers': '이체 읽기',
    screen: '심사',
    staging: '적재 준비',
  },
  forms: [
    form(/^fetching addresses of (.+)$/, (chain) => `${chain}의 주소 조회`),
    form(/^following outputs of (.+)$/, (chain) => `${chain}의 출력 추적`),
    form(/^reading blocks of (.+)$/, (chain) => `${chain}의 블록 읽기`),
    form(/^fetching (.+)$/, (name) => `${name} 내려받기`),
    form(/^read (.+)$/, (name) => `${name} 읽기`),
    form(/^hash (.+)$/, (name) => `${name} 해시 계산`),
    form(/^writing (.+)$/, (name) => `${name} 쓰기`),
  ],
};

export const audit: Phrases = {
  texts: {
    'the signature of the given head is not sound': '제시한 헤드의 서명이 올바르지 않습니다',
    'the given head is signed by another key than the one expected': '제시한 헤드가 예상과 다른 키로 서명되었습니다',
    'the given head is signed by a key that this log never had':
      '제시한 헤드가 이 기록에서 사용한 적이 없는 키로 서명되었습니다',
    'the record of the head is damaged': '헤드 기록이 손상되었습니다',
    'the head names another entry': '헤드가 다른 항목을 가리킵니다',
    'the head names another last entry': '헤드가 가리키는 마지막 항목이 다릅니다',
    'it does not follow from the entry before': '앞 항목과 이어지지 않습니다',
    'it is older than the entry before': '앞 항목보다 이른 시각입니다',
    'it was added behind the head': '헤드 뒤에 덧붙여진 항목입니다',
    'it is not an entry': '감사 항목이 아닙니다',
    'its hash is not that of what it says': '내용과 해시가 일치하지 않습니다',
    'it is another one than in the given head: history was written anew':
      '제시한 헤드와 다른 항목입니다. 기록이 다시 쓰였습니다',
  },
  forms: [
    form(/^entry (\d+) is missing$/, (seq) => `항목 ${seq}이(가) 없습니다`),
    form(
      /^the end is missing: the head names entry (\d+)$/,
      (seq) => `끝부분이 없습니다. 헤드는 항목 ${seq}을(를) 가리킵니다`,
    ),
    form(
      /^the end is cut off: the given head names entry (\d+)$/,
      (seq) => `끝부분이 잘렸습니다. 제시한 헤드는 항목 ${seq}을(를) 가리킵니다`,
    ),
    form(/^(verdict|batch) (\S+) is missing$/, (table, id) => `${TABLES[table!]} ${id}이(가) 없습니다`),
    form(
      /^(verdict|batch) (\S+) is not what was decided$/,
      (table, id) => `${TABLES[table!]} ${id}이(가) 판정 당시의 내용과 다릅니다`,
    ),
    form(
      /^(\d+) stored in table (verdict|batch) without an entry$/,
      (count, table) => `감사 항목이 없는 ${TABLES[table!]}이(가) ${count}건 저장되어 있습니다`,
    ),
    form(/^(.+) is no id of a (verdict|batch)$/, (id, table) => `${id}은(는) ${TABLES[table!]}의 번호가 아닙니다`),
  ],
};

const TABLES: Readonly<Record<string, string>> = { verdict: '판정서', batch: '일괄 심사' };
