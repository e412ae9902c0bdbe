import { csvLine, parseCsv, spreadsheetText } from '../../../src/base/csv.ts';
import { HaetaeError } from '../../../src/base/errors.ts';
import { addressForms, parseAddress } from '../../../src/model/address.ts';
import type { AddressFault } from '../../../src/model/address-parsed.ts';
import { CHAINS, type Chain, requireChain } from '../../../src/model/chain.ts';

/** Most that one page takes in: lines of one submission, bytes of a file. */
export const SCREEN_LIMITS = { lines: 100_000, fileBytes: 20 * 1024 * 1024, addressLength: 200 } as const;

/** An address as somebody wrote it, and where: lines count from 1. `chain`: as written beside it; null where none is. */
export interface WrittenLine {
  readonly line: number;
  readonly text: string;
  readonly chain: string | null;
}

export interface Written {
  readonly lines: readonly WrittenLine[];
  /** Columns of a CSV file that are not looked at. */
  readonly ignored: readonly string[];
  /** Lines beyond the limit: they are not taken. */
  readonly beyond: number;
}

export type LineFault = AddressFault | 'empty' | 'long' | 'chain' | 'two-chains' | 'several' | 'no-form';

/** A written line with the chain that it is of, or why it cannot be asked about. */
export interface JudgedLine extends WrittenLine {
  /** Name of the chain; null where it is not known. */
  readonly on: string | null;
  /** What told the chain: the line itself, the form of the address alone, or the reader's choice. */
  readonly by: 'line' | 'form' | 'choice' | null;
  /** As it is sent. */
  readonly address: string;
  readonly fault: LineFault | null;
  /** Chains that the form would fit, or the chain text that is not known. */
  readonly of: readonly string[];
}

/** Where a form is that of several chains: which one is meant. Chain names. */
export interface ChainChoice {
  readonly evm: string;
  readonly other: string;
}

const ADDRESS_COLUMN = /^(address|addresses|addr)$/i;
const CHAIN_COLUMN = /^(chain|chains|network|chain_id)$/i;

/** Text that was pasted, or a file: CSV where the first line names a column `address`, else addresses between line ends, commas and spaces. Throws E_FILE_READ. */
export function readWritten(text: string, name: string): Written {
  const plain = text.replace(/^\uFEFF/, '');
  const head = plain.slice(0, plain.search(/[\r\n]|$/)).split(',');
  const isCsv = head.some((cell) => ADDRESS_COLUMN.test(cell.replaceAll('"', '').trim()));
  return isCsv ? readCsv(plain, name) : readWords(plain);
}

function readCsv(text: string, name: string): Written {
  const [head = [], ...records] = parseCsv(text, name);
  const titles = head.map((title) => title.trim());
  const address = titles.findIndex((title) => ADDRESS_COLUMN.test(title));
  const chain = titles.findIndex((title) => CHAIN_COLUMN.test(title));
  const lines: WrittenLine[] = [];
  let line = 1 + breaksIn(head);
  let beyond = 0;
  for (const record of records) {
    line += 1;
    const isBlank = record.length === 1 && record[0] === '';
    if (!isBlank && lines.length >= SCREEN_LIMITS.lines) beyond += 1;
    else if (!isBlank) {
      const on = chain < 0 ? '' : (record[chain] ?? '').trim();
      lines.push({ line, text: (record[address] ?? '').trim(), chain: on === '' ? null : on });
    }
    line += breaksIn(record);
  }
  return { lines, ignored: titles.filter((_, at) => at !== address && at !== chain), beyond };
}

function breaksIn(record: readonly string[]): number {
  return record.reduce((count, field) => count + (field.match(/\n/g)?.length ?? 0), 0);
}

/** A word that is a chain belongs to the address before it on its line, or, at the beginning of the line, to the one after. */
function readWords(text: string): Written {
  const lines: WrittenLine[] = [];
  let beyond = 0;
  for (const [at, row] of text.split(/\r\n|\n|\r/).entries()) {
    let leading: string | null = null;
    let isOwn = false;
    for (const word of row.split(/[\s,;]+/)) {
      const plain = word.replaceAll('"', '');
      if (plain === '') continue;
      const before = beyond > 0 ? undefined : lines.at(-1);
      if (chainOf(plain) === null) {
        if (lines.length < SCREEN_LIMITS.lines) lines.push({ line: at + 1, text: plain, chain: leading });
        else beyond += 1;
        leading = null;
        isOwn = true;
      } else if (isOwn && before !== undefined && before.chain === null) {
        lines[lines.length - 1] = { ...before, chain: plain };
      } else {
        if (leading !== null) lines.push({ line: at + 1, text: leading, chain: null });
        leading = plain;
      }
    }
    if (leading !== null) lines.push({ line: at + 1, text: leading, chain: null });
  }
  return { lines, ignored: [], beyond };
}

const CAIP10 = /^([-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}):(.+)$/;

/** Says the chain of a line, by CAIP-10, by the chain beside it, by the form where one chain fits, else by choice. */
export function judgeLine(written: WrittenLine, choice: ChainChoice): JudgedLine {
  const [, prefix, rest] = CAIP10.exec(written.text) ?? [];
  const address = rest ?? written.text;
  const bad = (fault: LineFault, of: readonly string[] = [], on: string | null = null): JudgedLine => {
    return { ...written, on, by: null, address, fault, of };
  };
  if (address === '') return bad('empty');
  if (address.length > SCREEN_LIMITS.addressLength) return bad('long');
  const told = prefix ?? written.chain;
  if (told === null) return judgeForm(written, address, choice, bad);
  const chain = chainOf(told);
  if (chain === null) return bad('chain', [told.slice(0, 60)]);
  if (prefix !== undefined && written.chain !== null && chainOf(written.chain)?.id !== chain.id)
    return bad('two-chains', [prefix, written.chain]);
  return onChain(written, address, chain, 'line');
}

type Bad = (fault: LineFault, of?: readonly string[]) => JudgedLine;

function judgeForm(written: WrittenLine, address: string, choice: ChainChoice, bad: Bad): JudgedLine {
  if (/^0x/i.test(address)) return onChain(written, address, requireChain(choice.evm), 'choice');
  const fitting = chainsOfForm(address);
  const [only] = fitting;
  if (only === undefined) return bad('no-form');
  if (fitting.length === 1) return { ...written, on: only.name, by: 'form', address, fault: null, of: [] };
  const chosen = fitting.find(({ name }) => name === choice.other);
  if (chosen === undefined)
    return bad(
      'several',
      fitting.map(({ name }) => name),
    );
  return { ...written, on: chosen.name, by: 'choice', address, fault: null, of: [] };
}

function onChain(written: WrittenLine, address: string, chain: Chain, by: 'line' | 'choice'): JudgedLine {
  const parsed = parseAddress(chain, address);
  if (parsed.ok) return { ...written, on: chain.name, by, address, fault: null, of: [] };
  const of = parsed.fault === 'other-chain' ? addressForms(address).map(({ format }) => format) : [];
  return { ...written, on: chain.name, by, address, fault: parsed.fault, of };
}

/** Chains but EVM ones whose addresses look so, checksum and all. */
function chainsOfForm(address: string): readonly Chain[] {
  const formats = new Set(addressForms(address).map(({ format }) => format));
  const real = CHAINS.filter(({ addressFormat, simulated }) => !simulated && formats.has(addressFormat));
  if (!TEST_FORM.test(address)) return real;
  return [...real, ...TEST_CHAINS.filter((chain) => parseAddress(chain, address).ok)];
}

// bech32 with the prefix of a regtest, and Base58 of version bytes 0x6f, 0xc4, 0x3a.
const TEST_FORM = /^(bcrt1|rltc1|[mn2Q])/i;
const TEST_CHAINS = CHAINS.filter(({ simulated, model }) => simulated && model === 'utxo');

export function chainOf(nameOrId: string): Chain | null {
  try {
    return requireChain(nameOrId);
  } catch (error) {
    if (error instanceof HaetaeError) return null;
    throw error;
  }
}

/** What is told of one line when all is done. */
export interface AnsweredLine {
  readonly line: JudgedLine;
  readonly decision: string | null;
  readonly score: number | null;
  readonly verdict: string | null;
  readonly reasons: readonly { readonly rule: string; readonly text: string }[];
  readonly fault: string | null;
}

/** RFC 4180, one line an address in the order they were given. `faultText`: why a line was not asked about. Nothing in it is a formula to a spreadsheet. */
export function answersCsv(answers: readonly AnsweredLine[], faultText: (line: JudgedLine) => string | null): string {
  const head = csvLine(['line', 'written', 'chain', 'decision', 'score', 'verdict', 'rules', 'reasons', 'fault']);
  const lines = answers.map(({ line, decision, score, verdict, reasons, fault }) => {
    const cells = [
      line.text,
      line.on ?? line.chain ?? '',
      decision ?? '',
      score === null ? '' : String(score),
      verdict ?? '',
      reasons.map(({ rule }) => rule).join(' '),
      reasons.map(({ text }) => text).join(' | '),
      fault ?? faultText(line) ?? '',
    ];
    return csvLine([line.line, ...cells.map(spreadsheetText)]);
  });
  return `${[head, ...lines].join('\r\n')}\r\n`;
}
