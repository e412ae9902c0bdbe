/**
 * Titles and reasons of the rules in rules/default.yaml, by their English: a rule that says anything else has no words here, and is shown as it is
 * written. A test holds the two against each other.
 */
export const rules: Readonly<Record<string, string>> = {
  'Haetae default rules, edition 1': 'Haetae 기본 규칙, 1판',
  'The counterparty is a sanctioned party': '거래 상대방이 제재 대상입니다',
  'Property of a listed party must be blocked or its transfer rejected, and reported within ten business days. The listing stands whatever the amount.':
    '제재 명단에 오른 자의 재산은 차단하거나 이체를 거부하고 10영업일 이내에 보고하여야 합니다. 금액과 관계없이 적용됩니다.',
  'A weak source calls the counterparty sanctioned': '신뢰도가 낮은 출처가 거래 상대방을 제재 대상이라고 합니다',
  'A web page or a heuristic says so, not an authority or a forensic finding. A person compares it with the list before anything is blocked.':
    '공공기관이나 포렌식 조사가 아니라 웹 페이지나 휴리스틱에 따른 내용입니다. 차단하기 전에 담당자가 제재 명단과 대조합니다.',
  'Another address of the same entity is sanctioned': '같은 주체의 다른 주소가 제재 대상입니다',
  'Listed addresses are examples and not all that a listed party has: OFAC expects addresses that share a wallet with them to be looked for. Clusters can be wrong, so a person decides.':
    '명단에 오른 주소는 예시일 뿐 제재 대상자의 모든 주소가 아니며, OFAC은 같은 지갑을 쓰는 주소까지 찾아볼 것을 요구합니다. 주소 묶음은 틀릴 수 있으므로 담당자가 결정합니다.',
  'Most of it comes straight from a sanctioned party, or goes straight to one':
    '대부분이 제재 대상에서 바로 들어왔거나 제재 대상으로 바로 나갔습니다',
  'Half or more of what the counterparty received (of a withdrawal: sent) was one payment away from a sanctioned party: it stands between the customer and the listed party and little else.':
    '거래 상대방이 받은 금액(출금인 경우 보낸 금액)의 절반 이상이 제재 대상과 지급 한 번 거리에 있었습니다. 고객과 제재 대상 사이에 이 주소 외에는 거의 아무것도 없습니다.',
  'Money from or to a sanctioned party within three payments':
    '지급 세 번 이내에 제재 대상에서 왔거나 제재 대상으로 간 자금입니다',
  'Indirect exposure near to a listed party. OFAC expects tracing beyond the first payment where the risk asks for it.':
    '제재 대상과 가까운 간접 노출입니다. OFAC은 위험에 따라 첫 지급 너머까지 추적할 것을 요구합니다.',
  'A quarter or more from or to a sanctioned party at any distance':
    '거리와 관계없이 4분의 1 이상이 제재 대상에서 왔거나 제재 대상으로 갔습니다',
  'Distance does not make money clean where it is a large part of all that the counterparty has.':
    '거래 상대방이 가진 전체에서 큰 비중을 차지하는 자금은 거리가 멀다고 해서 깨끗해지지 않습니다.',
  'What came from or went to sanctioned parties in small shares adds up':
    '제재 대상과 주고받은 작은 비율의 자금이 누적되었습니다',
  'Money diluted below every share is still counted: the parts of 30 days together, about 10,000 US dollars.':
    '모든 비율 기준보다 작게 희석된 자금도 합산합니다. 30일 동안의 해당 금액을 더하며, 한도는 약 1만 미국 달러입니다.',
  'The counterparty holds money of a traced theft': '거래 상대방이 추적된 탈취 사건의 자금을 보유하고 있습니다',
  'A case traced by this desk reached the counterparty and the money is there. The FBI asks exchanges and bridges to block transactions with addresses that launder such money.':
    '담당 부서가 추적한 사건의 자금이 거래 상대방에게 도달하여 남아 있습니다. FBI는 거래소와 브리지에 이러한 자금을 세탁하는 주소와의 거래를 차단하도록 요청합니다.',
  'Money of a traced theft went through the counterparty': '추적된 탈취 사건의 자금이 거래 상대방을 거쳐 갔습니다',
  'The money passed by and went on. Thieves use fresh addresses in rows; so do some services that no list names.':
    '자금이 지나갔고 남아 있지 않습니다. 탈취자는 새 주소를 줄지어 사용하며, 명단에 없는 일부 서비스도 그렇게 합니다.',
  "The counterparty is listed as a thief's address": '거래 상대방이 탈취자의 주소로 등재되어 있습니다',
  'A forensic finding or an authority names this address as holding the loot of a theft, as the FBI did with those of the theft from Bybit. Behind most of the large ones are the actors of AA22-108A (FBI, CISA and Treasury, TraderTraitor, April 2022).':
    '포렌식 조사나 공공기관이 이 주소를 탈취 자금을 보유한 주소로 지목했습니다. Bybit 탈취 당시 FBI가 공개한 주소가 그러한 예입니다. 대형 탈취의 대부분은 AA22-108A(FBI·CISA·미국 재무부, TraderTraitor, 2022년 4월)에 기술된 조직의 소행입니다.',
  'A weak source calls the counterparty a thief': '신뢰도가 낮은 출처가 거래 상대방을 탈취자라고 합니다',
  'Explorers name exploiters within hours, and are wrong at times: victims, rescuers and contracts bear such names too.':
    '블록 탐색기는 몇 시간 안에 탈취자를 지목하지만 때로는 틀립니다. 피해자, 구조자, 컨트랙트에도 그러한 이름이 붙습니다.',
  "Another address of the same entity is a thief's": '같은 주체의 다른 주소가 탈취자의 주소입니다',
  'One key, or one wallet, joins it with an address that holds loot. Clusters can be wrong, so a person decides.':
    '하나의 키 또는 하나의 지갑이 이 주소를 탈취 자금을 보유한 주소와 묶습니다. 주소 묶음은 틀릴 수 있으므로 담당자가 결정합니다.',
  'Money of a theft within three payments': '지급 세 번 이내의 탈취 자금입니다',
  "The FBI asks for blocks on what derives from launderers' addresses too; loot is spread over thousands of them within days, and the first payments are quick and direct.":
    'FBI는 세탁자의 주소에서 파생된 자금도 차단하도록 요청합니다. 탈취 자금은 며칠 안에 수천 개의 주소로 퍼지며, 처음 몇 번의 지급은 빠르고 직접적입니다.',
  'A quarter or more from a theft at any distance': '거리와 관계없이 4분의 1 이상이 탈취 자금입니다',
  'Peel chains run over hundreds of payments and still carry the same money.':
    '필 체인은 수백 번의 지급을 거쳐도 여전히 같은 자금을 옮깁니다.',
  'What came from or went to thieves in small shares adds up': '탈취자와 주고받은 작은 비율의 자금이 누적되었습니다',
  'The counterparty takes in ransoms': '거래 상대방이 랜섬웨어 몸값을 받는 주소입니다',
  'Paying a ransom may be a payment to a sanctioned party, and what comes from such an address is the proceeds of a crime.':
    '몸값 지급은 제재 대상에 대한 지급일 수 있으며, 이러한 주소에서 온 자금은 범죄 수익입니다.',
  'A tenth or more from or to ransomware': '10분의 1 이상이 랜섬웨어에서 왔거나 랜섬웨어로 갔습니다',
  'Proceeds of ransoms on their way to be cashed out, or a customer about to pay one through an intermediary.':
    '현금화를 위해 이동 중인 몸값이거나, 고객이 중개자를 거쳐 몸값을 지급하려는 경우입니다.',
  'The counterparty is a darknet market': '거래 상대방이 다크넷 마켓입니다',
  'Funds that come from or go to darknet market places are a red flag of the source of funds.':
    '다크넷 마켓과 주고받은 자금은 자금 출처에 관한 위험 신호입니다.',
  'A quarter or more from or to darknet markets': '4분의 1 이상이 다크넷 마켓에서 왔거나 다크넷 마켓으로 갔습니다',
  'As above, through others.': '위와 같으나 다른 주소를 거친 경우입니다.',
  'The counterparty is listed as a scam': '거래 상대방이 사기 주소로 등재되어 있습니다',
  'Deposits of scams come from many victims and are cashed out at once; a withdrawal to one is a customer about to lose money.':
    '사기 자금은 여러 피해자에게서 들어와 곧바로 현금화됩니다. 이러한 주소로의 출금은 고객이 곧 손해를 본다는 뜻입니다.',
  'Half or more from or to scams': '절반 이상이 사기 주소에서 왔거나 사기 주소로 갔습니다',
  'As above, through others; lists of scams are long and of mixed quality, so the share asked for is higher.':
    '위와 같으나 다른 주소를 거친 경우입니다. 사기 주소 목록은 길고 품질이 고르지 않으므로 더 높은 비율을 요구합니다.',
  'The issuer of a token has frozen the counterparty': '토큰 발행자가 거래 상대방을 동결했습니다',
  'Issuers freeze at the word of the police or a court. The token cannot move; other assets of the same party still can, and are as suspect.':
    '발행자는 경찰이나 법원의 요청에 따라 동결합니다. 해당 토큰은 움직일 수 없지만 같은 당사자의 다른 자산은 움직일 수 있으며 똑같이 의심스럽습니다.',
  'The counterparty is a mixer': '거래 상대방이 믹서입니다',
  'Money that comes straight from a mixer, or goes straight into one, has had its origin hidden on purpose.':
    '믹서에서 바로 나왔거나 믹서로 바로 들어간 자금은 출처를 일부러 감춘 것입니다.',
  'A quarter or more out of mixers or into them': '4분의 1 이상이 믹서에서 나왔거나 믹서로 들어갔습니다',
  'Mixing shortly before a deposit is a red flag of anonymity; share and amount keep out what merely touched one.':
    '입금 직전의 믹싱은 익명성에 관한 위험 신호입니다. 비율과 금액 기준은 믹서에 스치기만 한 자금을 걸러 냅니다.',
  'Money of two or more thefts meets at the counterparty (S12)':
    '둘 이상의 탈취 사건의 자금이 거래 상대방에게 모였습니다 (S12)',
  "Money of unrelated thefts in one place is the strongest sign on chain of one launderer behind them; the DPRK's thieves (AA22-108A) bring loot of several victims together.":
    '서로 무관한 탈취 자금이 한곳에 모이는 것은 그 뒤에 같은 세탁자가 있다는 온체인상의 가장 강한 징후입니다. 북한의 탈취 조직(AA22-108A)은 여러 피해자의 자금을 한데 모읍니다.',
  'The counterparty is part of a fan-out of stolen money (S3)': '거래 상대방이 탈취 자금의 분산 이체에 속합니다 (S3)',
  'Nearly equal amounts to fresh wallets that are emptied in turn: seen in the first hours after the theft from Bybit.':
    '거의 같은 금액을 새 지갑들로 나누어 보내고 차례로 비우는 방식이며, Bybit 탈취 직후 몇 시간 동안 관찰되었습니다.',
  'The counterparty is part of a peel chain (S8)': '거래 상대방이 필 체인에 속합니다 (S8)',
  'Long rows of transactions that each peel off a little are a red flag of layering.':
    '조금씩 떼어 내는 거래가 길게 이어지는 것은 자금세탁 은닉(layering)의 위험 신호입니다.',
  'The counterparty shows another laundering signature': '거래 상대방에게 그 밖의 자금세탁 징후가 있습니다',
  'Mixer runs (S4), spreads after a bridge (S6), round trips (S9), own tokens (S10) and recurring sales for cash (S11); watched until their rate of false alarms here is known.':
    '믹서 연속 이용(S4), 브리지 이후의 분산(S6), 왕복 거래(S9), 자체 토큰(S10), 반복적인 현금화(S11)입니다. 이곳에서의 오탐률을 알게 될 때까지 관찰만 합니다.',
  'Half or more from or to gambling': '절반 이상이 도박에서 왔거나 도박으로 갔습니다',
  'Licensed gambling is lawful in many places; a share this high may still ask for the source of funds.':
    '허가받은 도박은 많은 지역에서 합법이지만, 비율이 이렇게 높으면 자금 출처를 물을 수 있습니다.',
  'The counterparty is an over-the-counter desk': '거래 상대방이 장외거래(OTC) 업자입니다',
  'Desks without a licence are where TRON USDT of thefts is sold; those with one are customers of every exchange.':
    '탈취된 TRON USDT는 무허가 장외거래 업자에게서 팔립니다. 허가받은 업자는 모든 거래소의 고객입니다.',
};
