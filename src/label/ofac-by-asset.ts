import { HaetaeError } from '../base/errors.ts';
import type { LabelEntry } from '../model/label.ts';
import { placeAddress } from './currency.ts';
import { labelEntry } from './entry.ts';
import { knownFile } from './known-files.ts';
import { type LabelFileText, type ParsedLabels, type RefusedLabel, UNDATED } from './parsed.ts';

const FILE_NAME = /(?:^|[_.-])addresses_([A-Za-z0-9]{2,10})\.(?:txt|json)$/i;
const LIMIT = 1_000_000;

/**
 * OFAC’s digital currency addresses, one file an asset: a line an address, or a JSON array of them (the same list twice).
 * The asset is in the file’s name (sanctioned_addresses_XBT.txt). An edition covers its asset alone: source ofac-sdn/XBT.
 */
export function parseOfacByAsset(file: LabelFileText): ParsedLabels {
  const asset = assetOf(file);
  const refused: RefusedLabel[] = [];
  const entries = new Map<string, LabelEntry>();
  for (const { text, line } of addressesOf(file)) {
    const placed = placeAddress(asset, text);
    if ('fault' in placed) {
      refused.push({ reason: placed.fault, line, field: 'address', value: text.slice(0, 100) });
      continue;
    }
    entries.set(
      placed.address,
      labelEntry(placed, `OFAC SDN (${asset})`, 'sanctioned', { currency: asset, confidence: 'authority_data' }),
    );
  }
  const listDate = file.options.listDate ?? knownFile(file.sha256)?.listDate ?? null;
  const list = {
    source: file.options.source ?? `ofac-sdn/${asset}`,
    listDate,
    title: `OFAC SDN list, addresses of ${asset}`,
    url: 'https://github.com/0xB10C/ofac-sanctioned-digital-currency-addresses',
    licence: 'MIT',
    sha256: file.sha256,
    fileName: file.name,
  };
  return {
    format: 'ofac-by-asset',
    fileName: file.name,
    lists: [{ list, entries: [...entries.values()] }],
    refused,
    ignoredFields: {},
    warnings: listDate === null ? [UNDATED] : [],
  };
}

function assetOf(file: LabelFileText): string {
  const asset = file.options.asset ?? FILE_NAME.exec(file.name)?.[1];
  if (asset !== undefined) return asset.toUpperCase();
  throw new HaetaeError('E_LABEL_FILE', 'a list of bare addresses does not say of which asset they are', {
    context: { file: file.name, field: 'asset' },
    remedy: 'name the file like sanctioned_addresses_XBT.txt, or give the asset with --asset',
  });
}

function addressesOf(file: LabelFileText): { readonly text: string; readonly line: number | null }[] {
  if (file.text.trimStart().startsWith('[')) {
    const parsed: unknown = JSON.parse(file.text);
    return (Array.isArray(parsed) ? parsed : [])
      .slice(0, LIMIT)
      .map((item) => ({ text: String(item).trim(), line: null }));
  }
  return file.text
    .split(/\r?\n/)
    .slice(0, LIMIT)
    .map((text, at) => ({ text: text.trim(), line: at + 1 }))
    .filter(({ text }) => text !== '' && !text.startsWith('#'));
}
