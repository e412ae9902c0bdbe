import { en as labels } from './categories.ts';
import { en as methods } from './methods.ts';

type Words = Readonly<Record<string, string>>;

/** What a draft of a hold notice is written from; every text is ready to print. */
export interface HoldFacts {
  readonly theft: string;
  readonly stolen: string;
  readonly stolenAt: string;
  readonly method: string;
  readonly rule: string;
  readonly reached: string;
  readonly share: string;
  readonly first: string;
  readonly last: string;
  readonly payments: number;
  readonly address: string;
  readonly chain: string;
  readonly caseId: string;
  readonly digest: string;
  readonly simulated: boolean;
}

export const en = {
  noTheft: 'This case holds no theft.',
  views: 'Views of the case',
  tabs: { flow: 'Flow', sankey: 'Sankey', services: 'Services', methods: 'Methods compared', evidence: 'Evidence' },
  loading: 'Loading …',

  stolen: 'Stolen',
  stolenAt: 'Time of the theft',
  data: 'Data from – until',
  used: 'Used',
  usedOf: (transfers: string, labels: string) => `${transfers} transfers, ${labels} labels`,
  tracedAt: 'Traced',
  digest: 'Evidence digest',
  digestWhat: 'haetae verify --expect takes this digest.',
  theft: 'Theft',

  method: 'Method',
  methods,
  methodsShort: {
    poison: 'Poison',
    haircut: 'Haircut',
    fifo: 'FIFO',
    'lifo-in': 'LIFO in',
    'lifo-out': 'LIFO out',
    tiho: 'TIHO',
    'dirty-first': 'Dirty first',
    'clean-first': 'Clean first',
  } as Words,
  rules: {
    poison: 'Whatever a touched address pays out is touched: it says what the loot can have reached, never how much.',
    haircut: 'Every payment carries the same share of stolen money as the balance that it leaves.',
    fifo: 'First in, first out: what came to an address first is spent first.',
    'lifo-in':
      'Last in, first out: what came last is spent first; a UTXO transaction takes its inputs in reverse order.',
    'lifo-out':
      'Last in, first out: what came last is spent first; a UTXO transaction fills its outputs in reverse order.',
    tiho: 'Taint in, highest out: the stolen money of a transaction goes to its largest receivers first.',
    'dirty-first': 'Stolen money is spent before clean money.',
    'clean-first':
      'Clean money is spent first, so stolen money moves only where nothing else is left (the lowest intermediate balance).',
  } as Words,
  noRule: 'The rule of this method is in docs/accounting.md.',
  ruleVersion: (version: number) => `rule version ${version}`,
  poisonReach: (places: number, transfers: number) =>
    `It reaches ${places.toLocaleString('en')} ${places === 1 ? 'place' : 'places'} over ${transfers.toLocaleString('en')} ${transfers === 1 ? 'transfer' : 'transfers'}. This is reach, not an amount, and no ground to accuse an address.`,
  buckets: {
    askable: 'At services that can be asked',
    held: 'Held at addresses',
    heldEdge: 'Held, edge of data',
    otherStops: 'Mixed, burned, other stops',
    inFlight: 'In bridges',
    fee: 'Fees',
    leak: 'Leaked',
    belowThreshold: 'Below threshold',
    senior: 'Earlier theft',
    other: 'Other',
  } as Words,
  bucketsMean: {
    askable: 'Came to services that can be asked to hold it: this can still be recovered by a call.',
    held: 'Still at an address, and the data show its movements to the end.',
    heldEdge: 'Held as of the last movement known: the data do not show what was paid out after it.',
    otherStops: 'Came to mixers, burn addresses or suspected services, where nobody can be asked.',
    inFlight: 'Went into a bridge; where it came out is not matched.',
    fee: 'Paid to the network; final.',
    leak: 'Paid to a named fee taker, or into a swap whose output was not found.',
    belowThreshold: 'In parcels smaller than the limit that was set; not followed further.',
    senior: 'Already claimed by an earlier theft that met this one.',
    other: 'Other buckets of the case.',
  } as Words,
  notConserved: 'The parts do not sum to what was stolen: do not rely on this method here.',

  kinds: {
    theft: 'theft',
    link: 'documented links',
    address: 'address',
    fee: 'fee taker',
    service: 'service',
    'suspected-service': 'suspected service',
    mixer: 'mixer',
    bridge: 'bridge',
    burn: 'burn address',
    mixed: 'several kinds',
  } as Words,
  kindsMany: {
    link: 'documented links',
    address: 'addresses',
    fee: 'fee takers',
    service: 'services',
    'suspected-service': 'suspected services',
    mixer: 'mixers',
    bridge: 'bridges',
    burn: 'burn addresses',
    mixed: 'places',
  } as Words,
  categories: labels.categories,
  places: 'places',
  place: 'Place',

  sidePanel: 'What is pointed at',
  selections: { place: 'Address', edge: 'From one place to another', group: 'Group' },
  closeSide: 'Close',
  theftNode: 'The theft itself: what was stolen enters the picture here.',
  linkNode: 'Documented links: what a source says came out of a bridge or another stop.',
  theftBar: 'Theft',
  linkBar: 'documented links',
  from: 'From',
  to: 'To',
  byMethod: (method: string) => `By ${method}`,
  notByMethod: 'nothing by this method',
  noRow: 'A swap or a documented link: no row of the data shows it as one payment.',
  pointAt: 'Show',
  members: (count: number) => `${count.toLocaleString('en')} places`,
  membersOf: 'Places of the group',
  moreMembers: (count: number) => `${count.toLocaleString('en')} more are not listed here.`,
  heldSum: 'Held in all',
  groupNote: (symbol: string) =>
    `In ${symbol}, as stolen. What came in is not summed: members may have paid each other.`,
  in: 'In',
  out: 'Out',
  held: 'Held',
  noLabel: 'No label',
  hops: (count: number) => (count === 1 ? '1 hop from the theft' : `${count} hops from the theft`),
  edgeOfData: 'edge of data',
  edgeOfDataWhy: 'The data do not show what this address paid out after its last movement known.',
  throughTime: 'Balance and stolen part through time',
  noSeries: 'The evidence holds no movement of this address.',
  labels: 'Labels',
  noLabels: 'No list known here names this address.',
  labelSource: 'Source',
  confidence: 'Confidence',
  since: 'since',
  until: 'until',
  openOutside: 'open ↗',
  openSource: (url: string) => `Open the source in a new window: ${url}`,
  screenThis: 'Screen this address',
  addressPage: 'Address page',
  entity: 'Entity',
  holdNotice: 'Hold notice',
  mayNotHold: 'Your role may not draw up hold notices.',
  eachMethodSays: 'What each method says',
  noMethodReaches: 'No method reaches this address.',
  reaches: 'can have been reached; no amount',
  inSourceUnits: (symbol: string) => `In ${symbol}, as stolen, whatever it was swapped into.`,
  asset: 'Asset',
  otherMethods: 'Other methods beside it',
  notKnownBalance:
    'The balance before the first movement in the evidence is not known: counted from 0, so the true balance may be higher.',
  chartOf: (symbol: string) =>
    `Chart of the balance in ${symbol} and its stolen part through time. The table below holds the same.`,
  lastPoint: 'After the last movement',
  atPoint: 'After the movement of',
  balance: 'Balance',
  stolenBy: (method: string) => `Stolen by ${method}`,
  asTable: (count: number) => `As a table (${count.toLocaleString('en')} ${count === 1 ? 'point' : 'points'})`,
  time: 'Time',
  transactions: 'Transactions',
  onlyTainted: 'only with stolen money',
  noTransactions: 'No movement of this kind is in the evidence.',
  moreOf: (count: string) => `Show more (${count} left)`,
  toItself: 'to itself',
  paidOut: 'paid out',
  paidIn: 'received',
  outside: 'outside (issued or mined)',
  andOthers: (count: number) => ` and ${count.toLocaleString('en')} more`,
  ofIt: 'Stolen part:',
  nothingOfIt: 'Nothing of it by this method.',
  touchedByIt: 'Touched by this method; no amount.',
  rowOfFile: 'File and row of the data',

  noAmounts: 'Poison has no amounts, so there is no Sankey of it. Choose another method, or see the flow.',
  nothingMoved: 'No transfer carried any of it, so there is nothing to draw.',
  sankeyHow: 'Left the theft, right where the money stopped; widths are what was stolen. Click a bar or a ribbon.',
  sankeyOf: 'Where the stolen money went',
  showTable: 'Show as a table',
  showPicture: 'Show as a picture',
  mergedNote: (members: string, bars: number) =>
    `${members} places are drawn as ${bars} merged ${bars === 1 ? 'bar' : 'bars'} (dashed outline); their amounts are exact sums.`,
  innerNote: (transfers: string) => `${transfers} transfers between places drawn as one bar:`,
  backNote: (count: number) =>
    `${count === 1 ? 'One flow runs' : `${count} flows run`} back to a place reached before, or not further on; not drawn, listed in the table:`,
  droppedNote: (nodes: string, edges: string) => `Left out by the limit: ${nodes} places, ${edges} flows.`,
  runBar: (count: number, name: string) => `${count.toLocaleString('en')} in a run: ${name}`,
  restBar: (count: number, kind: string) => `${count.toLocaleString('en')} ${kind}`,
  barLabel: (title: string, kind: string, amount: string) => `${title}, ${kind}, ${amount}`,
  amount: 'Amount',
  back: 'runs back',

  servicesTitle: 'Services by what can still be recovered',
  servicesNote:
    'Those that can be asked first, then by amount. An amount is what the method says of the stolen money that arrived; the transactions behind it are facts.',
  servicesCsv: 'CSV of services',
  noServices: 'No service or other stop was reached.',
  service: 'Service',
  canBeAsked: 'Recoverable',
  askable: 'can be asked',
  notAskable: 'cannot be asked',
  overMethods: 'Range over methods',
  firstLast: 'First and last arrival',
  drawHold: 'Draw up hold notice',
  ofAnyTheft: 'The stolen part of a transaction is of all thefts of the case together.',
  behindIt: (count: number) =>
    count === 1 ? '1 transaction behind it' : `${count.toLocaleString('en')} transactions behind it`,

  holdAbout: 'Asks to hold what came to',
  amountHint: (method: string) => `By ${method}. Left empty: what reached this service by that method.`,
  draftStatement: (facts: HoldFacts) =>
    `${facts.simulated ? 'SIMULATED – A DRILL. No real address and no real money is concerned.\n\n' : ''}On ${facts.stolenAt}, ${facts.stolen} was stolen (${facts.theft}). Of this, ${facts.reached} (${facts.share}) reached the address ${facts.address} on ${facts.chain} between ${facts.first} and ${facts.last}, in ${facts.payments} ${facts.payments === 1 ? 'transaction' : 'transactions'} named in this notice.

The amount follows the method "${facts.method}": ${facts.rule} It is one accepted rule among several; the case shows the others beside it. The transactions themselves are facts of the chain.

We ask you to hold assets of this amount that stand to the credit of the account that received them, to keep the records of that account, and to tell us when you have done so.

Evidence: case ${facts.caseId}, digest ${facts.digest}. We hand over the bundle on request; anybody can recompute it with "haetae verify".`,
  draftLegalBasis:
    'This is a request for voluntary and temporary co-operation, made to protect the assets of the victim until the competent authority decides. It is not an order and claims no power to compel. A report to the authority and its reference follow separately.',

  methodsTitle: 'The methods side by side',
  methodsNote:
    'The transfers are facts. Once stolen and clean money meet in one balance, nothing on the chain says which was spent: that is a matter of rule. Name the method, and show the others beside it.',
  sum: 'Sum',
  servicesReached: 'Services',
  conservedNote: 'Every part is exact, and the parts of a row sum to what was stolen, to the last unit.',
  showPoison: 'Show poison in the picture',

  verifyTitle: 'How anybody checks this case',
  verifyHow:
    'Download the evidence bundle and run this command. It reads nothing but the bundle, computes every result anew and compares it byte by byte.',
  files: 'Files of the bundle',
  file: 'File',
  size: 'Size',
  what: 'What it holds',
  filesWhat: {
    'theft.yaml': 'What was stolen, where it landed, with the source of each fact',
    'case.json': 'Settings, methods with their versions, imports with their SHA-256',
    'transfers.csv': 'Every transfer used, with source file and row',
    'utxo.jsonl': 'Every UTXO transaction used, whole',
    'context.csv': 'Movements of the robbed wallets, for what is usual there',
    'labels.csv': 'Every label used, and where the trace stopped',
    'coverage.csv': 'What was fetched from living chains',
    'results.json': 'What was found',
    'touched.csv': 'Every transfer that carried stolen money, method by method',
    'README.txt': 'What the files are and how to check them',
    'manifest.json': 'SHA-256 of each file, chained; its own SHA-256 is the digest',
  } as Words,
  signatures: 'Laundering signatures seen',
  noSignatures: 'None of the signatures looked for was seen.',
  when: 'When',
  addresses: 'Addresses',
  sources: 'Sources',
  theftSources: 'Of the theft',
  dataUsed: 'Data used',
  rows: (kept: string, read: string) => `${kept} of ${read} rows kept`,
  warnings: 'What a reader must know',
  noWarnings: 'Nothing was counted that a reader must be warned of.',
  options: 'Options of the trace',

  export: 'Export',
  exports: {
    bundle: 'Evidence bundle (zip)',
    report: 'Report (HTML)',
    touched: 'Touched transfers (CSV)',
    results: 'Results (JSON)',
    services: 'Services (CSV)',
    png: 'Picture (PNG)',
    svg: 'Picture (SVG)',
  },
  onFlowTab: 'Open the flow first: the picture is taken as it stands there.',
};
