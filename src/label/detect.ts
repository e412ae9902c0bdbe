import type { LabelFormat } from './parsed.ts';

/**
 * The format of a label file, by its content; the name only helps where the content is a bare list. Null where it is none of ours.
 * `json` is the parsed file where it is JSON.
 */
export function detectLabelFormat(text: string, json: unknown): LabelFormat | null {
  if (json !== undefined) return detectJson(json);
  const head = text.slice(0, 20_000).replace(/^\ufeff/, '');
  const first = head.split(/\r?\n/).find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
  if (isLabelHeader(first)) return 'haetae-labels';
  if (/^tags\s*:/m.test(text)) return 'tagpack';
  return isBareList(head) ? 'ofac-by-asset' : null;
}

function isLabelHeader(line: string): boolean {
  const columns = line.split(',').map((name) => name.trim().toLowerCase());
  return columns.includes('address') && columns.length > 1;
}

/** Every line one word of address length. */
function isBareList(head: string): boolean {
  const lines = head.split(/\r?\n/).slice(0, 200);
  // The last line may be cut by the limit of the sample.
  const whole = (lines.length > 1 ? lines.slice(0, -1) : lines).map((line) => line.trim());
  const words = whole.filter((line) => line !== '' && !line.startsWith('#'));
  return words.length > 0 && words.every((word) => /^[A-Za-z0-9:]{20,130}$/.test(word));
}

function detectJson(json: unknown): LabelFormat | null {
  if (Array.isArray(json))
    return json.length > 0 && json.every((item) => typeof item === 'string') ? 'ofac-by-asset' : null;
  if (typeof json !== 'object' || json === null) return null;
  const addresses = (json as { addresses?: unknown }).addresses;
  if (typeof addresses === 'object' && addresses !== null && !Array.isArray(addresses)) {
    const sample = Object.values(addresses)[0] as { entries?: unknown } | undefined;
    return sample === undefined || Array.isArray(sample.entries) ? 'ofac-programmes' : null;
  }
  const sample = Object.values(json).slice(0, 20) as { labels?: unknown }[];
  const accounts = sample.length > 0 && sample.every((item) => Array.isArray(item?.labels));
  return accounts ? 'etherscan-accounts' : null;
}
