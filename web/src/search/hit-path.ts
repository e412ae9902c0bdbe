import { paths } from '../format/paths.ts';
import type { api } from '../server/api.ts';

export type Hit = Awaited<ReturnType<typeof api.search>>['items'][number];

/** Where a hit leads; a name without an address leads to the addresses that bear it. */
export function hitPath({ kind, id, chain }: Hit): string {
  if (kind === 'case') return paths.case(id);
  if (kind === 'desk-case') return paths.deskCase(id);
  if (kind === 'alert') return paths.alert(id);
  if (kind === 'verdict') return paths.verdict(id);
  if (kind === 'hold') return paths.hold(id);
  if (kind === 'address' && chain !== null) return paths.address(chain, id);
  if (kind === 'transaction' && chain !== null) return paths.transaction(chain, id);
  if (kind === 'entity' || kind === 'label') return paths.namedEntity(id);
  return paths.search(id);
}

export const KIND_SIGNS: Readonly<Record<Hit['kind'], string>> = {
  case: '⚑',
  'desk-case': '▤',
  address: '◉',
  transaction: '⇄',
  entity: '▣',
  label: '✎',
  alert: '▲',
  verdict: '⚖',
  hold: '‖',
};

/** Hits by kind, the kind of the best hit first; within a kind as they came. */
export function hitsByKind(hits: readonly Hit[]): readonly (readonly [Hit['kind'], readonly Hit[]])[] {
  const groups = new Map<Hit['kind'], Hit[]>();
  for (const hit of hits) groups.set(hit.kind, [...(groups.get(hit.kind) ?? []), hit]);
  return [...groups];
}
