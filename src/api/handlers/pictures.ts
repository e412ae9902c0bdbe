import { HaetaeError } from '../../base/errors.ts';
import type { PlaceLabel } from '../../report/case-place.ts';
import type { KnownHold } from '../../report/case-services.ts';
import type { LabelFact } from '../../screen/facts.ts';
import type { LabelBook } from '../../screen/label-book.ts';
import type { Holds } from '../../share/holds.ts';
import type { Store, StoredCase } from '../../store/port.ts';
import { storedAddress } from '../../trace/places.ts';
import { type Handlers, Raw } from '../route.ts';
import type { pictureRoutes } from '../routes/pictures.ts';
import { bundleZip } from './bundle-zip.ts';
import type { CasePictures } from './case-pictures.ts';

export interface PictureParts {
  readonly pictures: CasePictures;
  readonly store: Pick<Store, 'loadCase'>;
  readonly labels: Pick<LabelBook, 'factsOf'>;
  readonly holds: Pick<Holds, 'list'>;
}

export function pictureHandlers({ pictures, store, labels, holds }: PictureParts): Handlers<typeof pictureRoutes> {
  return {
    getCaseView: async ({ params, signal }) => new Raw(await pictures.ask(params.id, { kind: 'view' }, signal)),
    getCaseFlow: async ({ params, query, signal }) =>
      new Raw(await pictures.ask(params.id, { kind: 'flow', ...query }, signal)),
    getCasePlace: async ({ params, query, signal }) => {
      const now = labels.factsOf(query.chain, storedAddress(query.address), { transferAt: null, asOf: null });
      const question = { kind: 'place' as const, ...query, labels: now.map(labelOf) };
      return new Raw(await pictures.ask(params.id, question, signal));
    },
    listCaseTransfers: async ({ params, query: { touched, cursor, ...query }, signal }) => {
      const question = { kind: 'transfers' as const, ...query, touched: touched === 'true', skip: Number(cursor ?? 0) };
      return new Raw(await pictures.ask(params.id, question, signal));
    },
    listCaseServices: async ({ params, query, signal }) => {
      const question = { kind: 'services' as const, ...query, holds: await holdsOf(holds, params.id) };
      return new Raw(await pictures.ask(params.id, question, signal));
    },
    getCaseBundle: async ({ params }) => {
      const stored = await store.loadCase(params.id);
      if (stored !== null) return bundleOf(stored);
      throw new HaetaeError('E_NOT_FOUND', 'no such traced case', { context: { case: params.id } });
    },
  };
}

function bundleOf(stored: StoredCase): Raw {
  return new Raw(bundleZip(stored.id, stored.files), `${stored.id}.zip`);
}

function labelOf({ category, label, actor, source, url, confidence, listed, ended }: LabelFact): PlaceLabel {
  return { category, label, actor, source, url, confidence, from: listed, until: ended };
}

const PAGE = 200;

async function holdsOf(holds: Pick<Holds, 'list'>, id: string): Promise<KnownHold[]> {
  const found: KnownHold[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await holds.list({ limit: PAGE, case: id, cursor });
    for (const hold of page.items) {
      const { what, where, why } = hold.notice;
      // Where the assets are held may be another address of the provider, or written otherwise.
      const address = why.reasons[0]?.address ?? where.address;
      if (hold.case === id) found.push({ id: hold.id, chain: what.chain, address, asset: what.asset });
    }
    if (page.next === null) return found;
    cursor = page.next;
  }
}
