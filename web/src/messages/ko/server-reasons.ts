import { form, type Phrases, wordsOf } from '../../format/server-text.ts';
import { ko as labels } from './categories.ts';
import { ko as methods } from './methods.ts';

const category = (name: string): string => labels.categories[name] ?? name;
const simulatedOf = (said: string): string => (said === '' ? '' : '모의 ');

/** Names, and what the figures of a finding are called. */
const names: Readonly<Record<string, string>> = {
  drain: '대량 유출(drain)',
  'fan-out': '분산 이체(fan-out)',
  commingling: '자금 혼입(commingling)',
  chain: '체인',
  asset: '자산',
  payments: '지급 횟수',
  seconds: '소요 시간(초)',
  assets: '자산 종류',
  mostAssetsBefore: '이전 최대 자산 종류',
  outputs: '지급 대상 수',
  smallest: '최소 금액',
  largest: '최대 금액',
  sum: '합계',
  firstEmptied: '최초 인출 시각',
  lastEmptied: '최종 인출 시각',
  emptiedInOrder: '차례대로 비워진 수',
  incidents: '사건 수',
};

export const signature: Phrases = {
  texts: names,
  forms: [
    form(
      /^(\S+) paid (\d+) times, (\d+) kinds of assets, within (\d+) s to (\S+), an address first seen then$/,
      (from, times, assets, seconds, to) =>
        `${from}이(가) ${seconds}초 안에 자산 ${assets}종을 ${times}회에 걸쳐, 그때 처음 나타난 주소 ${to}(으)로 보냈습니다`,
    ),
    form(
      /^(\S+) paid (\d+) nearly equal amounts to fresh wallets within (\d+) s; each was emptied later$/,
      (from, count, seconds) =>
        `${from}이(가) ${seconds}초 안에 거의 같은 금액을 새 지갑 ${count}개로 보냈으며, 각 지갑은 이후 비워졌습니다`,
    ),
    form(
      /^(\S+) was reached from (\d+) incidents: (.+)$/,
      (address, count, incidents) => `${address}에 사건 ${count}건의 자금이 도달했습니다: ${incidents}`,
    ),
    form(/^(\d+) of (\d+)$/, (some, all) => `${all}개 중 ${some}개`),
    form(
      /^(\d+) \(nothing to compare with, held (\d+)\)$/,
      (sum, held) => `${sum} (비교할 이전 지급 없음, 보유액 ${held})`,
    ),
    form(
      /^(\d+) \(([\d.]+) × the largest before, (\d+)\)$/,
      (sum, times, largest) => `${sum} (이전 최대 지급 ${largest}의 ${times}배)`,
    ),
    form(/^units of (.+)$/, (theft) => `${theft}의 금액(기본 단위)`),
  ],
};

const roles: Readonly<Record<string, string>> = {
  'holds money': '자금을 보유하고 있습니다',
  'is a service that took in money': '자금이 들어온 서비스입니다',
  'passed on money': '자금을 받아 다시 내보냈습니다',
};

const opening: Phrases = {
  forms: [
    form(
      /^([\d.,]+) % of what (\S+) (received came from|sent went to) (\w+)(?: \((.*)\))?(, straight|, over (\d+) payments)?$/,
      (share, address, side, name, label, through, payments) => {
        const what = `${category(name!)}${label === '' ? '' : ` (${label})`}`;
        const way = through === '' ? '' : through === ', straight' ? ' 직접' : ` 지급 ${payments}건을 거쳐`;
        return side === 'received came from'
          ? `${address}이(가) 받은 금액의 ${share} %가 ${what}에서${way} 들어왔습니다`
          : `${address}이(가) 보낸 금액의 ${share} %가 ${what}(으)로${way} 나갔습니다`;
      },
    ),
    form(
      /^(?:(\S+), of the same entity as (\S+),|(\S+)) is labelled (\w+): (.*); ([^;]*) \(confidence (\w+)\) lists it, (?:undated|since (\d{4}-\d\d-\d\d))(?: on (\S+))?$/,
      (via, same, address, name, label, source, confidence, since, chain) => {
        const bearer = via === '' ? address : `${same}와(과) 같은 주체의 주소 ${via}`;
        const date = since === '' ? '등재일 미상' : `${since}부터 등재`;
        const sure = labels.confidences[confidence!] ?? confidence;
        const on = chain === '' ? '' : `, ${chain}`;
        return `${bearer}에 ${category(name!)} 라벨이 있습니다: ${programmesOf(label!)} (출처 ${source}, 신뢰도: ${sure}, ${date}${on})`;
      },
    ),
    form(
      /^(\S+) (holds money|is a service that took in money|passed on money) of the (simulated )?theft (.*) of (\d{4}-\d\d-\d\d) \(case (\S+), ([\w-]+)(?:, (\d+) payments? away)?\)$/,
      (address, did, simulated, title, day, id, method, hops) => {
        const away = hops === '' ? '' : `, 지급 ${hops}건 거리`;
        const theft = `${simulatedOf(simulated!)}탈취 "${title}" (${day})`;
        return `${address}은(는) ${theft}의 ${roles[did!]} (사건 ${id}, ${methods[method!] ?? method}${away})`;
      },
    ),
    form(
      /^(\S+) shows the laundering signature (S\d+) \((.*?)\), last on (\d{4}-\d\d-\d\d): (.*)$/,
      (address, id, name, day, summary) =>
        `${address}에 자금세탁 징후 ${id} ${names[name!] ?? name}이(가) 있습니다 (마지막 ${day}): ${wordsOf(signature, summary!) ?? summary}`,
    ),
    form(/^(\S+) is the counterparty$/, (address) => `${address}은(는) 거래 상대방입니다`),
  ],
};

function programmesOf(label: string): string {
  const found = /^(.*), programmes ([^;]+)$/.exec(label);
  return found === null ? label : `${found[1]}, 제재 프로그램 ${found[2]}`;
}

const WHO: Readonly<Record<string, string>> = { deposit: '입금', withdrawal: '출금', transfer: '이체' };

/** What follows the opening, told from the end: each with what stands before it. */
const tails: readonly (readonly [RegExp, (...parts: string[]) => string])[] = [
  [
    /^(.*); what the rule limits could not be found out, so a person decides$/,
    () => '규칙이 제한하는 값을 확인하지 못하여 담당자가 결정합니다',
  ],
  [
    /^(.*); the list lower-cased the address: equal but for upper and lower case$/,
    () => '출처가 주소를 소문자로 바꾸었으며 대소문자만 다르고 같습니다',
  ],
  [/^(.*); it was listed only after the transfer$/, () => '이체 이후에 등재되었습니다'],
  [
    /^(.*); with (\d+) transfers? in (\d+) days it adds up to ([^;]+), the limit is ([^;]+)$/,
    (count, days, sum, limit) => `${days}일 동안의 이체 ${count}건을 합하면 ${sum}이며 한도는 ${limit}입니다`,
  ],
  [
    /^(.*); of this (deposit|withdrawal|transfer) ([^;]+) falls? under it$/,
    (what, amount) => `이 ${WHO[what!]} 중 ${amount}이(가) 이에 해당합니다`,
  ],
  [/^(.*); that is ([^;]+)$/, (amount) => `금액으로는 ${amount}입니다`],
];

function reasonWords(text: string): string | null {
  if (!text.endsWith('.')) return null;
  let rest = text.slice(0, -1);
  const after: string[] = [];
  for (const [whole, say] of tails) {
    const found = whole.exec(rest);
    if (found === null) continue;
    const [, before = '', ...parts] = found;
    after.unshift(say(...parts));
    rest = before;
  }
  const said = wordsOf(opening, rest);
  return said === null ? null : `${[said, ...after].join('. ')}.`;
}

export const reason: Phrases = { forms: [reasonWords] };
