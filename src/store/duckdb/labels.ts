import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { Category, LabelEntry, LabelList } from '../../model/label.ts';
import type { LabelRow, StoredLabelList } from '../port.ts';
import { RowAppender, tempTable } from './appender.ts';
import type { DuckdbApi, Engine } from './engine.ts';

const ENTRY_COLUMNS = `list_id, address, chain, currency, label, category, actor, abuse, programmes, confidence, url, case_lost,
  valid_from::DOUBLE, valid_to::DOUBLE`;

export function writeLabels(
  engine: Engine,
  list: LabelList,
  entries: readonly LabelEntry[],
): Promise<{ added: boolean }> {
  return engine.write(async (connection) => {
    const known = await connection.runAndReadAll('SELECT 1 FROM label_list WHERE sha256 = $1 AND source = $2', [
      list.sha256,
      list.source,
    ]);
    if (known.currentRowCount > 0) return { added: false };
    const ids = await connection.runAndReadAll('SELECT coalesce(max(id), 0) + 1 FROM label_list');
    const id = Number(ids.getRows()[0]?.[0]);
    await connection.run('INSERT INTO label_list VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
      id,
      list.source,
      big(list.listDate),
      list.title,
      list.url,
      list.licence,
      list.sha256,
      list.fileName,
      entries.length,
    ]);
    await writeEntries(connection, engine.api, id, entries);
    return { added: true };
  });
}

async function writeEntries(
  connection: DuckDBConnection,
  api: DuckdbApi,
  list: number,
  entries: readonly LabelEntry[],
): Promise<void> {
  await connection.run('CREATE OR REPLACE TEMP TABLE fresh_label AS SELECT * FROM label_entry LIMIT 0');
  const appender = await RowAppender.open(connection, api, 'fresh_label');
  entries.forEach((entry, position) => {
    appender.add([
      list,
      position,
      entry.address,
      entry.chain,
      entry.currency,
      entry.label,
      entry.category,
      entry.actor,
      entry.abuse,
      JSON.stringify(entry.programmes),
      entry.confidence,
      entry.url,
      entry.caseLost,
      big(entry.validFrom),
      big(entry.validTo),
    ]);
  });
  appender.close();
  await connection.run('INSERT INTO label_entry SELECT * FROM fresh_label');
  await connection.run('DROP TABLE fresh_label');
}

function big(seconds: number | null): bigint | null {
  return seconds === null ? null : BigInt(seconds);
}

/** Oldest first, undated before dated. */
export async function readLabelLists(engine: Engine): Promise<readonly StoredLabelList[]> {
  const rows = await engine.rows(
    `SELECT id, source, list_date::DOUBLE, title, url, licence, sha256, file_name, entries FROM label_list
     ORDER BY list_date NULLS FIRST, id`,
  );
  return rows.map(([id, source, listDate, title, url, licence, sha256, name, entries]) => ({
    id: Number(id),
    source: String(source),
    listDate: listDate as number | null,
    title: String(title),
    url: url as string | null,
    licence: licence as string | null,
    sha256: String(sha256),
    fileName: String(name),
    entries: Number(entries),
  }));
}

/** Rows of these addresses; a row that lost its case is found by the folded form of what is asked. */
export function readLabelRows(engine: Engine, addresses: readonly string[]): Promise<readonly LabelRow[]> {
  if (addresses.length === 0) return Promise.resolve([]);
  return engine.read(async (connection) => {
    const exact = new Set(addresses);
    const folded = new Set(addresses.map((address) => address.toLowerCase()));
    await tempTable(
      connection,
      engine.api,
      'exact',
      'address VARCHAR',
      Array.from(exact, (address) => [address] as const),
    );
    await tempTable(
      connection,
      engine.api,
      'folded',
      'address VARCHAR',
      Array.from(folded, (address) => [address] as const),
    );
    const result = await connection.runAndReadAll(
      `SELECT ${ENTRY_COLUMNS} FROM label_entry WHERE address IN (SELECT address FROM exact)
         OR (case_lost AND address IN (SELECT address FROM folded)) ORDER BY list_id, position`,
    );
    return result.getRows().map(labelRowOf);
  });
}

export function readLabelRowsByCategory(engine: Engine, categories: readonly string[]): Promise<readonly LabelRow[]> {
  if (categories.length === 0) return Promise.resolve([]);
  const marks = categories.map((_, index) => `$${index + 1}`).join(', ');
  return engine.read(async (connection) => {
    const result = await connection.runAndReadAll(
      `SELECT ${ENTRY_COLUMNS} FROM label_entry WHERE category IN (${marks}) ORDER BY list_id, position`,
      [...categories],
    );
    return result.getRows().map(labelRowOf);
  });
}

export function readLabelRowsOfLists(engine: Engine, ids: readonly number[]): Promise<readonly LabelRow[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return engine.read(async (connection) => {
    const wanted = Array.from(new Set(ids), (id) => [id] as const);
    await tempTable(connection, engine.api, 'wanted_list', 'id INTEGER', wanted);
    const result = await connection.runAndReadAll(
      `SELECT ${ENTRY_COLUMNS} FROM label_entry WHERE list_id IN (SELECT id FROM wanted_list) ORDER BY list_id, position`,
    );
    return result.getRows().map(labelRowOf);
  });
}

/** Addresses that are equal but for case stand together. */
export function readLabelRowsByAddress(engine: Engine): AsyncIterable<readonly LabelRow[]> {
  return engine.stream(async function* (connection) {
    const result = await connection.stream(
      `SELECT ${ENTRY_COLUMNS} FROM label_entry ORDER BY lower(address), list_id, position`,
    );
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk.getRows().map(labelRowOf);
    }
  });
}

function labelRowOf(row: readonly DuckDBValue[]): LabelRow {
  const [listId, address, chain, currency, label, category, actor, abuse, programmes, confidence, url, lost, from, to] =
    row;
  return {
    listId: Number(listId),
    address: String(address),
    chain: chain as string | null,
    currency: currency as string | null,
    label: String(label),
    category: category as Category,
    actor: actor as string | null,
    abuse: abuse as string | null,
    programmes: JSON.parse(String(programmes)) as string[],
    confidence: String(confidence),
    url: url as string | null,
    caseLost: lost === true,
    validFrom: from as number | null,
    validTo: to as number | null,
  };
}
