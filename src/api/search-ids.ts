import { requireChain } from '../model/chain.ts';
import type { Alert } from '../screen/alert.ts';
import type { Verdict } from '../screen/verdict.ts';
import type { Hold } from '../share/holds.ts';
import { orderKey, type Records, type RecordTable, readJson } from '../store/records.ts';
import type { Hit, Ranked } from './search-book.ts';

/** v-17-9c3e whole, or any beginning of it from the number's first digit on. */
const ID = /^(v|al|hn)-([1-9]\d{0,14})(-[0-9a-f]{0,4})?$/;

interface Shelf {
  readonly table: RecordTable;
  readonly read: (value: Uint8Array) => Hit;
}

const SHELVES: Readonly<Record<string, Shelf>> = {
  v: { table: 'verdict', read: verdictHit },
  al: { table: 'alert', read: alertHit },
  hn: { table: 'hold', read: holdHit },
};

/** Verdicts, alerts and holds whose id is this text or begins with it. */
export async function recordsBeginning(
  records: Pick<Records, 'list'>,
  text: string,
  most: number,
): Promise<readonly Ranked[]> {
  const [, prefix, digits, tail] = ID.exec(text.toLowerCase()) ?? [];
  const shelf = prefix === undefined ? undefined : SHELVES[prefix];
  if (shelf === undefined || digits === undefined) return [];
  const found: Ranked[] = [];
  const longest = tail === undefined ? 15 - digits.length : 0;
  for (let more = 0; more <= longest && found.length < most; more += 1) {
    const first = Number(digits) * 10 ** more;
    const until = (Number(digits) + 1) * 10 ** more;
    const range = { from: orderKey(first), until: orderKey(until), limit: most - found.length };
    for (const { value } of await records.list(shelf.table, range)) {
      const hit = shelf.read(value);
      if (hit.id.startsWith(text.toLowerCase())) found.push({ hit, rank: hit.id === text.toLowerCase() ? 0 : 1 });
    }
  }
  return found;
}

function verdictHit(value: Uint8Array): Hit {
  const { id, at, decision, score, request } = readJson<Verdict>(value);
  const { chain, address, tx } = request;
  const about = [address ?? tx ?? '', at].filter((text) => text !== '').join(', ');
  const { simulated } = requireChain(chain);
  return { kind: 'verdict', id, chain, title: `${decision}, score ${score}`, detail: about, simulated };
}

function alertHit(value: Uint8Array): Hit {
  const { id, at, chain, address, titles, state, decision } = readJson<Alert>(value);
  const detail = [state, address ?? '', at].filter((text) => text !== '').join(', ');
  const { simulated } = requireChain(chain);
  return { kind: 'alert', id, chain, title: titles.join('; ') || decision, detail, simulated };
}

function holdHit(value: Uint8Array): Hit {
  const { id, state, notice } = readJson<Hold>(value);
  const simulated = notice.why.case?.simulated ?? false;
  const detail = `${state}, ${notice.where.address}`;
  return { kind: 'hold', id, chain: notice.what.chain, title: notice.to.name, detail, simulated };
}
