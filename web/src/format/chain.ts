import { CHAINS } from '../../../src/model/chain.ts';

const BY_ID = new Map(CHAINS.map((chain) => [chain.id, chain]));

/** "ethereum" of eip155:1; an id that is not known stays as it is. */
export function chainName(id: string): string {
  return BY_ID.get(id)?.name ?? id;
}

/** A test network or a drill. */
export function isSimulatedChain(id: string): boolean {
  return BY_ID.get(id)?.simulated ?? false;
}

/** Of a list to choose from: the real ones first. */
export const CHAIN_CHOICES: readonly { readonly id: string; readonly name: string }[] = [
  ...CHAINS.filter(({ simulated }) => !simulated),
  ...CHAINS.filter(({ simulated }) => simulated),
];
