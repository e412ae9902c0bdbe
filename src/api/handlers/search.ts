import { HaetaeError } from '../../base/errors.ts';
import { labelsOfMany } from '../../label/resolve.ts';
import type { Label } from '../../model/label.ts';
import { foldName, type LabelName, type LabelNames } from '../../screen/label-names.ts';
import type { Store } from '../../store/port.ts';
import { addressPage, labelView, type PageParts, transactionPage } from '../address-page.ts';
import { cursorOf, placeOf } from '../cursor.ts';
import type { EntityDesk } from '../entity-desk.ts';
import type { Handlers } from '../route.ts';
import type { searchRoutes } from '../routes/search.ts';
import type { SearchBook } from '../search-book.ts';

export interface SearchHandlerParts extends PageParts {
  readonly search: SearchBook;
  readonly names: LabelNames;
  readonly entities: EntityDesk;
}

/** How many addresses a name has, and its number. */
const PLACE = /^\d{1,9}\.\d{1,9}$/;

export function searchHandlers(parts: SearchHandlerParts): Handlers<typeof searchRoutes> {
  const { search, names, entities, store } = parts;
  return {
    search: ({ query }) => search.find(query.q, query.limit),
    getAddress: ({ params }) => addressPage(parts, params.chain, params.address),
    getTransaction: ({ params }) => transactionPage(parts, params.chain, params.tx),
    listEntities: async ({ query }) => {
      const { cursor, limit, category } = query;
      const wanted = foldName(query.q ?? '');
      const place = placeOf(cursor, PLACE)?.split('.').map(Number);
      const after = place === undefined ? null : { addresses: place[0]!, number: place[1]! };
      const isWanted = ({ folded, categories }: LabelName): boolean =>
        folded.includes(wanted) && (category === undefined || [...categories].some((each) => each === category));
      const found = await names.owners(isWanted, after, limit + 1);
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const more = found.length > limit && last !== undefined;
      return {
        items: page.map(entityView),
        next: more ? cursorOf(`${last.addresses.length}.${last.number}`) : null,
      };
    },
    getNamedEntity: async ({ params, query }) => {
      const name = await names.find(params.name);
      if (name === null) throw unknownName(params.name);
      const labels = await labelsOfName(names, store, name, query.limit);
      return { name: name.text, addresses: name.addresses.length, labels: labels.map(labelView) };
    },
    getEntity: ({ params }) => entities.entityOf(params.chain, params.address),
  };
}

function entityView(name: LabelName) {
  return {
    name: name.text,
    categories: [...name.categories].sort(),
    addresses: name.addresses.length,
    chains: [...name.chains].sort(),
    sources: [...name.sources].sort(),
  };
}

/** The labels that bear the name, those in force first: of so many addresses. */
async function labelsOfName(names: LabelNames, store: Store, name: LabelName, limit: number): Promise<Label[]> {
  const addresses = await names.addressesOf(name, limit);
  // A label of no chain speaks for any.
  const owners = addresses.flatMap(({ address, chain }) =>
    [...new Set([...name.chains, chain ?? ''])].map((each) => ({ chain: each, address })),
  );
  const found = [...new Set([...(await labelsOfMany(store, owners)).values()].flat())].filter(
    ({ actor, label }) => foldName(name.owner ? (actor ?? label) : label) === name.folded,
  );
  return found.sort((a, b) => Number(b.status === 'current') - Number(a.status === 'current')).slice(0, limit);
}

function unknownName(name: string): HaetaeError {
  return new HaetaeError('E_NOT_FOUND', 'no label names this owner', {
    context: { name: name.slice(0, 120) },
    remedy: 'see /v1/entities?q= for names that hold a part of it',
  });
}
