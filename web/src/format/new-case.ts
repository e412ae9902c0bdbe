import { addressForms } from '../../../src/model/address.ts';
import { requireChain } from '../../../src/model/chain.ts';

/** Addresses and transactions as somebody pasted them: a line, a comma, a semicolon or a space between them; each once. */
export function targetsOf(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,;]+/).filter((word) => word !== ''))];
}

const TX_EVM = /^0x[0-9a-fA-F]{64}$/;
const TX_OTHER = /^[0-9a-fA-F]{64}$/;

export type TargetForm = 'transaction' | 'address' | 'unknown';

export function formOf(target: string): TargetForm {
  if (TX_EVM.test(target) || TX_OTHER.test(target)) return 'transaction';
  return addressForms(target).length > 0 ? 'address' : 'unknown';
}

/** The first of the chains that takes every target; null where none does. `chains`: CAIP-2 ids in the order in which they are tried. */
export function chainOf(targets: readonly string[], chains: readonly string[]): string | null {
  if (targets.length === 0) return null;
  const known = chains.flatMap((id) => {
    try {
      return [requireChain(id)];
    } catch {
      return [];
    }
  });
  const ordered = [...known.filter((chain) => !chain.simulated), ...known.filter((chain) => chain.simulated)];
  const forms = targets.map((target) => new Set<string>(addressForms(target).map(({ format }) => format)));
  const fits = (chain: (typeof known)[number], at: number): boolean => {
    const target = targets[at]!;
    if (TX_EVM.test(target)) return chain.addressFormat === 'evm';
    if (TX_OTHER.test(target)) return chain.model === 'utxo' || chain.addressFormat === 'tron';
    return forms[at]!.has(chain.addressFormat);
  };
  return ordered.find((chain) => targets.every((_, at) => fits(chain, at)))?.id ?? null;
}

export const FILE_KINDS = ['trace-file', 'import-transfers', 'import-labels', 'import-prices'] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** What a file holds, by its name and its first bytes as text. A guess: the reader can change it. */
export function fileKindOf(name: string, head: string): FileKind {
  if (head.startsWith('PAR1') || /\.(?:parquet|gz|zst|dat)$/i.test(name)) return 'import-transfers';
  const text = head.replace(/^\ufeff/, '');
  if (/^\s*"?thefts"?\s*:/m.test(text) || /^\s*\{[\s\S]*"thefts"\s*:/.test(text)) return 'trace-file';
  if (/^tags\s*:/m.test(text) || /^\s*[[{]/.test(text) || /\.(?:ya?ml|json)$/i.test(name)) return 'import-labels';
  const columns = (text.split(/\r?\n/).find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '')
    .toLowerCase()
    .split(/[,;\t]/)
    .map((column) => column.trim().replace(/^"|"$/g, ''));
  const has = (...names: readonly string[]): boolean => names.some((each) => columns.includes(each));
  if (has('usd', 'close', 'ticker') && has('day', 'date', 'timestamp', 'price', 'asset')) return 'import-prices';
  if (has('from', 'from_address', 'sender') && has('to', 'to_address', 'receiver')) return 'import-transfers';
  if (has('address') && has('label', 'category', 'actor', 'name', 'tag')) return 'import-labels';
  if (columns.length === 1 && /^[a-z0-9:]{20,130}$/.test(columns[0]!)) return 'import-labels';
  return 'import-transfers';
}

/** Bytes as base64, for a piece of an upload. */
export function base64Of(bytes: Uint8Array): string {
  const step = 0x8000;
  let text = '';
  for (let at = 0; at < bytes.length; at += step) text += String.fromCharCode(...bytes.subarray(at, at + step));
  return btoa(text);
}
