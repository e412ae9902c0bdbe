/**
 * The smallest of some addresses, byte by byte: the name of an entity. It depends on who is in it and on nothing else.
 * Addresses are ASCII (model/address.ts), for which the order of JavaScript's strings is that of the bytes.
 */
export function smallestAddress(addresses: Iterable<string>): string | null {
  let smallest: string | null = null;
  for (const address of addresses) if (smallest === null || address < smallest) smallest = address;
  return smallest;
}
