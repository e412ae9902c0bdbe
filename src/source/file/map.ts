import { parse } from 'yaml';
import { z } from 'zod';
import { HaetaeError } from '../../base/errors.ts';
import { requireChain } from '../../model/chain.ts';
import { type Field, type FieldName, field, type Layout } from './layout.ts';

const column = z.string().min(1).max(200);

/** The form of a map file; docs/import.md explains each entry. */
export const MAP_SCHEMA = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'lower-case letters, digits and dashes')
    .default('map'),
  description: z.string().max(300).default('column map'),
  chain: z.string().min(1).max(60).default('eip155:1'),
  columns: z.strictObject({
    time: column,
    from: column,
    to: column,
    amount: column,
    block: column.optional(),
    txIndex: column.optional(),
    leg: column.optional(),
    tx: column.optional(),
    asset: column.optional(),
  }),
  /** Symbol, CAIP-19 id or `native`; left out where a column names it. */
  asset: z.string().min(1).max(160).optional(),
  unit: z.enum(['base', 'decimal']),
  decimals: z.int().min(0).max(77).optional(),
  time: z.enum(['auto', 'unix-ms']).default('auto'),
  /** A row without receiver, or without sender, is kept: destroyed, or from outside. */
  emptyFrom: z.boolean().default(false),
  emptyTo: z.boolean().default(false),
  order: z.enum(['index', 'row', 'inferred']).optional(),
  duplicates: z.enum(['keep', 'drop']).optional(),
});
export type ColumnMap = z.infer<typeof MAP_SCHEMA>;

/** YAML text to a layout. Throws E_MAP with the first fault and where it is. */
export function parseMap(text: string, fileName: string): Layout {
  const parsed = MAP_SCHEMA.safeParse(readYaml(text, fileName));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw mapError(issue?.message ?? 'not a column map', fileName, issue?.path.join('.') ?? '');
  }
  return mapLayout(parsed.data, fileName);
}

function readYaml(text: string, fileName: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch (cause) {
    throw mapError(cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : 'not YAML', fileName, '', cause);
  }
}

function mapLayout(map: ColumnMap, fileName: string): Layout {
  const { columns } = map;
  if (map.asset !== undefined && columns.asset !== undefined) {
    throw mapError('asset is given twice, fixed and as a column', fileName, 'asset');
  }
  const indexed = columns.leg !== undefined || columns.txIndex !== undefined;
  const order = map.order ?? (indexed ? 'index' : 'row');
  if (order === 'index' && columns.leg === undefined) {
    throw mapError('order index needs the column of the leg (log index) as well', fileName, 'columns.leg');
  }
  return {
    name: map.name,
    description: map.description,
    shape: 'transfer',
    chain: requireChain(map.chain).id,
    asset:
      columns.asset !== undefined
        ? { kind: 'column' }
        : map.asset === undefined || map.asset === 'native'
          ? { kind: 'native' }
          : { kind: 'fixed', asset: map.asset },
    unit: map.unit,
    decimals: map.decimals ?? null,
    time: map.time,
    fields: mapFields(map),
    order,
    duplicates: map.duplicates ?? (order === 'index' ? 'drop' : 'keep'),
    companions: false,
  };
}

function mapFields(map: ColumnMap): Field[] {
  const rules: Partial<Record<FieldName, 'need' | 'may'>> = {
    from: map.emptyFrom ? 'may' : 'need',
    to: map.emptyTo ? 'may' : 'need',
    tx: 'may',
    block: 'may',
    asset: 'may',
  };
  return Object.entries(map.columns)
    .filter((entry): entry is [FieldName, string] => entry[1] !== undefined)
    .map(([name, source]) => field(name, rules[name] ?? 'need', source));
}

function mapError(message: string, file: string, at: string, cause?: unknown): HaetaeError {
  return new HaetaeError('E_MAP', `the column map is not valid: ${message}`, {
    context: at === '' ? { file } : { file, field: at },
    remedy: 'see docs/import.md for the form of a map',
    cause,
  });
}
