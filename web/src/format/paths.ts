/** A value as a part of a path. The router decodes a path once, but for what separates; a page decodes its part again: so a per cent sign is coded twice. */
export function pathPart(value: string): string {
  return encodeURIComponent(value).replaceAll('%25', '%2525');
}

/** What `pathPart` was given. */
export function partOfPath(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const paths = {
  case: (id: string): string => `/cases/${pathPart(id)}`,
  alert: (id: string): string => `/alerts/${pathPart(id)}`,
  verdict: (id: string): string => `/verdicts/${pathPart(id)}`,
  hold: (id: string): string => `/holds/${pathPart(id)}`,
  deskCase: (id: string): string => `/desk-cases/${pathPart(id)}`,
  address: (chain: string, address: string): string => `/addresses/${pathPart(chain)}/${pathPart(address)}`,
  transaction: (chain: string, tx: string): string => `/transactions/${pathPart(chain)}/${pathPart(tx)}`,
  entity: (chain: string, address: string): string => `/entities/of/${pathPart(chain)}/${pathPart(address)}`,
  namedEntity: (name: string): string => `/entities/named/${pathPart(name)}`,
  search: (words: string): string => `/search?q=${encodeURIComponent(words)}`,
};

/** Where a trace from an address or a transaction begins. */
export function newTracePath(chain: string, target: string): string {
  return `/cases?new=${encodeURIComponent(target)}&chain=${encodeURIComponent(chain)}`;
}
