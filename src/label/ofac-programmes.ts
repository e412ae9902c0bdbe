import { z } from 'zod';
import { HaetaeError } from '../base/errors.ts';
import type { UnixSeconds } from '../base/time.ts';
import { parseTime } from '../base/time.ts';
import type { LabelEntry } from '../model/label.ts';
import { caseIsLost, chainOfLostCase, type PlacedAddress, placeAddress } from './currency.ts';
import { cleanText, labelEntry } from './entry.ts';
import { type LabelFileText, type ParsedLabels, type RefusedLabel, UNDATED } from './parsed.ts';

const PROGRAMME_ENTRY = z.object({
  entity: z.string().min(1),
  program: z.string().default(''),
  type: z.string().default(''),
  uid: z.union([z.string(), z.number()]).optional(),
});
const ADDRESS = z.object({ type: z.string().default(''), entries: z.array(z.unknown()) });
const FILE = z.object({
  metadata: z.looseObject({ sdnListDate: z.string().optional() }).default({}),
  addresses: z.record(z.string(), z.unknown()),
});

const ASSET = /Digital Currency Address - ([A-Z0-9]{2,10})$/;
const KNOWN_FIELDS = new Set(['entity', 'program', 'type', 'uid']);

/**
 * OFAC’s addresses with the entity and the programmes behind each (thomasgregg/crypto-sanctions-list). The keys are lower-cased there:
 * an address that depends on case is kept as `caseLost`. An edition covers every asset: source ofac-sdn.
 */
export function parseOfacProgrammes(file: LabelFileText): ParsedLabels {
  const parsed = FILE.safeParse(JSON.parse(file.text));
  if (!parsed.success) throw notTheFormat(file.name, parsed.error);
  const refused: RefusedLabel[] = [];
  const ignored: Record<string, number> = {};
  const entries = Object.entries(parsed.data.addresses).flatMap(([address, value]) =>
    entriesOf(address, value, refused, ignored),
  );
  const listDate = usDate(parsed.data.metadata.sdnListDate) ?? file.options.listDate ?? null;
  const list = {
    source: file.options.source ?? 'ofac-sdn',
    listDate,
    title: 'OFAC SDN list, addresses by entity and programme',
    url: 'https://github.com/thomasgregg/crypto-sanctions-list',
    licence: 'MIT',
    sha256: file.sha256,
    fileName: file.name,
  };
  return {
    format: 'ofac-programmes',
    fileName: file.name,
    lists: [{ list, entries }],
    refused,
    ignoredFields: ignored,
    warnings: warningsOf(entries, listDate),
  };
}

function warningsOf(entries: readonly LabelEntry[], listDate: UnixSeconds | null): string[] {
  const lost = entries.filter(({ caseLost }) => caseLost).length;
  const said = `${lost} of ${entries.length} entries have lost the case of their address: import a list that kept it beside them`;
  return [...(listDate === null ? [UNDATED] : []), ...(lost > 0 ? [said] : [])];
}

function entriesOf(
  address: string,
  value: unknown,
  refused: RefusedLabel[],
  ignored: Record<string, number>,
): LabelEntry[] {
  const refuse = (reason: string, field: string): LabelEntry[] => {
    refused.push({ reason, line: null, field, value: address.slice(0, 100) });
    return [];
  };
  const holder = ADDRESS.safeParse(value);
  if (!holder.success) return refuse('entries-missing', 'entries');
  return holder.data.entries.flatMap((item) => {
    const entry = PROGRAMME_ENTRY.safeParse(item);
    if (!entry.success) return refuse('entity-missing', 'entity');
    for (const field of Object.keys(item as object)) {
      if (!KNOWN_FIELDS.has(field)) ignored[field] = (ignored[field] ?? 0) + 1;
    }
    const asset = ASSET.exec(entry.data.type || holder.data.type)?.[1] ?? null;
    const lost = caseIsLost(asset, address);
    const placed = lost
      ? { address, chain: chainOfLostCase(asset, address), moved: false }
      : placeAddress(asset, address);
    if ('fault' in placed) return refuse(placed.fault, 'address');
    return [toEntry(placed, asset, lost, entry.data)];
  });
}

function toEntry(
  placed: PlacedAddress,
  currency: string | null,
  caseLost: boolean,
  { entity, program, uid }: z.infer<typeof PROGRAMME_ENTRY>,
): LabelEntry {
  const programmes = program.split(',').flatMap((word) => (word.trim() === '' ? [] : [cleanText(word, 60)]));
  const url =
    uid === undefined ? null : `https://sanctionssearch.ofac.treas.gov/Details.aspx?id=${encodeURIComponent(uid)}`;
  const name = cleanText(entity);
  const said = { currency, actor: name, programmes, confidence: 'authority_data', url, caseLost };
  return labelEntry(placed, name, 'sanctioned', said);
}

/** OFAC writes 08/20/2026: month, day, year. */
function usDate(text: string | undefined): UnixSeconds | null {
  const match = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(text?.trim() ?? '');
  if (match === null) return text === undefined ? null : parseTime(text);
  return parseTime(`${match[3]}-${match[1]}-${match[2]}`);
}

function notTheFormat(file: string, error: z.ZodError): HaetaeError {
  const issue = error.issues[0];
  return new HaetaeError('E_LABEL_FILE', 'not a list of OFAC programmes', {
    context: { file, field: issue?.path.join('.') ?? '', fault: issue?.message ?? '' },
    remedy: 'the file is one object with "metadata" and "addresses"; fetch it again from its source',
  });
}
