import { HaetaeError } from '../base/errors.ts';
import type { LabelEntry } from '../model/label.ts';
import { categoriesOfEtherscan } from './category-etherscan.ts';
import { depositAt } from './category-exchange.ts';
import { actorId, nameParts } from './category-name.ts';
import { type PlacedAddress, placeAddress } from './currency.ts';
import { cleanText, labelEntry } from './entry.ts';
import { knownFile } from './known-files.ts';
import { type LabelFileText, type ParsedLabels, type RefusedLabel, UNDATED } from './parsed.ts';

/** Etherscan’s public account names: one object, address → { name, labels }. They speak for Ethereum’s main network. */
export function parseEtherscanAccounts(file: LabelFileText): ParsedLabels {
  const parsed: unknown = JSON.parse(file.text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw notTheFormat(file.name);
  const refused: RefusedLabel[] = [];
  const ignored: Record<string, number> = {};
  const entries: LabelEntry[] = [];
  for (const [address, value] of Object.entries(parsed)) {
    const refuse = (reason: string, field: string): void => {
      refused.push({ reason, line: null, field, value: address.slice(0, 100) });
    };
    const account = accountOf(value, ignored);
    if (account === null) refuse('name-and-labels-missing', 'labels');
    else {
      const placed = placeAddress('ETH', address);
      if ('fault' in placed) refuse(placed.fault, 'address');
      else entries.push(...entriesOf(placed, account));
    }
  }
  const listDate = file.options.listDate ?? knownFile(file.sha256)?.listDate ?? null;
  const list = {
    source: file.options.source ?? 'etherscan',
    listDate,
    title: 'Etherscan account names and labels',
    url: 'https://github.com/brianleect/etherscan-labels',
    licence: 'MIT',
    sha256: file.sha256,
    fileName: file.name,
  };
  const warnings = listDate === null ? [UNDATED] : [];
  return {
    format: 'etherscan-accounts',
    fileName: file.name,
    lists: [{ list, entries }],
    refused,
    ignoredFields: ignored,
    warnings,
  };
}

interface Account {
  readonly name: string;
  readonly slugs: readonly string[];
}

function accountOf(value: unknown, ignored: Record<string, number>): Account | null {
  if (typeof value !== 'object' || value === null) return null;
  const { name, labels, ...rest } = value as { name?: unknown; labels?: unknown };
  for (const field of Object.keys(rest)) ignored[field] = (ignored[field] ?? 0) + 1;
  const slugs = Array.isArray(labels) ? labels.filter((slug) => typeof slug === 'string') : [];
  const text = typeof name === 'string' ? cleanText(name) : '';
  return text === '' && slugs.length === 0 ? null : { name: text, slugs };
}

function entriesOf(placed: PlacedAddress, { name, slugs }: Account): LabelEntry[] {
  return categoriesOfEtherscan(name, slugs).map(({ category, slug }) => {
    const group = slug ?? slugs[0];
    const url = group === undefined ? null : `https://etherscan.io/accounts/label/${encodeURIComponent(group)}`;
    const label = name === '' ? cleanText(slugs.join(', ')) : name;
    const actor = depositAt(name) ?? nameParts(name).entity;
    return labelEntry(placed, label, category, {
      currency: 'ETH',
      actor: actor === '' ? null : actorId(actor),
      confidence: 'web_crawl',
      url,
    });
  });
}

function notTheFormat(file: string): HaetaeError {
  return new HaetaeError('E_LABEL_FILE', 'not a list of Etherscan accounts', {
    context: { file },
    remedy: 'the file is one object: address to {"name", "labels"}',
  });
}
