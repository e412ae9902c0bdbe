import { HaetaeError } from '../../base/errors.ts';
import { formatTime, requireTime, type UnixSeconds } from '../../base/time.ts';
import type { OwnLabel } from '../../label/own-label.ts';
import { labelsOf } from '../../label/resolve.ts';
import { addressForms, requireAddress } from '../../model/address.ts';
import { type Chain, requireChain } from '../../model/chain.ts';
import type { OwnLabels } from '../../screen/label-own.ts';
import type { Store } from '../../store/port.ts';
import { type Handlers, Raw } from '../route.ts';
import type { labelRoutes } from '../routes/labels.ts';

export interface LabelParts {
  readonly store: Store;
  readonly own: OwnLabels;
}

export function labelHandlers({ store, own }: LabelParts): Handlers<typeof labelRoutes> {
  return {
    listLabels: async ({ query }) => {
      const chain = query.chain === undefined ? undefined : requireChain(query.chain);
      const asOf = query.asOf === undefined ? undefined : requireTime(query.asOf, 'asOf');
      const labels = await labelsOf(store, query.address, {
        ...(asOf === undefined ? {} : { asOf }),
        ...(chain === undefined ? {} : { chain: chain.id }),
      });
      // A text that is no sound address may stand in a list as it is: one that lost its case.
      if (labels.length === 0) requireSound(chain, query.address);
      return {
        items: labels.map(({ list, ...label }) => ({
          address: label.address,
          chain: label.chain,
          category: label.category,
          label: label.label,
          actor: label.actor,
          programmes: label.programmes,
          confidence: label.confidence,
          url: label.url ?? list.url,
          source: list.source,
          file: list.fileName,
          firstListed: shown(label.firstListed),
          lastListed: shown(label.lastListed),
          endedBy: shown(label.endedBy),
          validFrom: shown(label.validFrom),
          validTo: shown(label.validTo),
          status: label.status,
          caseLost: label.caseLost,
        })),
      };
    },
    addLabel: async ({ body, principal }) => {
      const { validFrom, validTo, ...said } = body;
      const dates = { validFrom: timeOf(validFrom, 'validFrom'), validTo: timeOf(validTo, 'validTo') };
      return viewOf(await own.add({ ...said, ...dates }, principal.id));
    },
    listOwnLabels: ({ query }) => {
      const { cursor, limit, state } = query;
      const page = own.list({ state, limit, ...(cursor === undefined ? {} : { cursor }) });
      return { items: page.items.map(viewOf), next: page.next };
    },
    exportLabels: ({ query }) => new Raw(textOf(own.export(query.state)), 'own-labels.csv'),
    expireLabel: async ({ params, body, principal }) => viewOf(await own.expire(params.id, body.reason, principal.id)),
  };
}

/** One wrong letter hides every label that an address has. */
function requireSound(chain: Chain | undefined, text: string): void {
  if (chain !== undefined) {
    requireAddress(chain, text, 'address');
    return;
  }
  if (addressForms(text.trim()).length > 0) return;
  throw new HaetaeError('E_ADDRESS', 'address is not a sound address of any chain known here', {
    context: { field: 'address', value: text.slice(0, 120) },
    remedy: 'copy it again from its source',
  });
}

function timeOf(text: string | null | undefined, field: string): UnixSeconds | null {
  return text === undefined || text === null ? null : requireTime(text, field);
}

function shown(time: UnixSeconds | null): string | null {
  return time === null ? null : formatTime(time);
}

type View = Omit<OwnLabel, 'validFrom' | 'validTo' | 'addedAt' | 'expiredAt'> &
  Readonly<Record<'validFrom' | 'validTo' | 'addedAt' | 'expiredAt', string | null>>;

function viewOf(label: OwnLabel): View {
  const { validFrom, validTo, addedAt, expiredAt } = label;
  return {
    ...label,
    validFrom: shown(validFrom),
    validTo: shown(validTo),
    addedAt: shown(addedAt),
    expiredAt: shown(expiredAt),
  };
}

async function* textOf(lines: Iterable<string>): AsyncGenerator<string> {
  yield* lines;
}
