/** What a person points at in a case. Places are named by chain and address; the theft itself and the documented links have no address. */
export interface PlaceRef {
  readonly chain: string;
  readonly address: string;
}

export type Selection =
  | { readonly kind: 'place'; readonly place: PlaceRef }
  | { readonly kind: 'edge'; readonly from: PlaceRef; readonly to: PlaceRef }
  | { readonly kind: 'group'; readonly title: string; readonly places: readonly PlaceRef[] };

/** As the board keeps it. */
export function placeKey({ chain, address }: PlaceRef): string {
  return `${chain}|${address}`;
}
