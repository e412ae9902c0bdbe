import { CHAINS, type ChainId } from '../model/chain.ts';
import type { LabelEntry, LabelList } from '../model/label.ts';

/**
 * Addresses whose key nobody can have, known without any list. On every EVM chain the zero address and the "dead" ones; the
 * precompiles 1 to 9 on Ethereum only (other chains put live system contracts at low addresses).
 */
const EVM_BURNS: readonly (readonly [address: string, name: string])[] = [
  ['0x0000000000000000000000000000000000000000', 'Zero address'],
  ['0x000000000000000000000000000000000000dead', 'Burn address 0x…dEaD'],
  ['0xdead000000000000000042069420694206942069', 'Burn address 0xdEAD…2069'],
  ['0xdeaddeaddeaddeaddeaddeaddeaddeaddeaddead', 'Burn address 0xdEaD…dEaD'],
];

const OTHER_BURNS: readonly (readonly [chain: string, address: string, name: string])[] = [
  ['bitcoin', '1111111111111111111114oLvT2', 'Hash of all zeros'],
  ['bitcoin', '1BitcoinEaterAddressDontSendf59kuE', 'Bitcoin eater'],
  ['bitcoin', '1CounterpartyXXXXXXXXXXXXXXXUWLpVr', 'Counterparty proof of burn'],
  ['tron', 'T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb', 'TRON zero address'],
];

export const BURN_LIST: LabelList = {
  source: 'haetae:burn',
  listDate: null,
  title: 'Burn addresses known to Haetae',
  url: null,
  licence: null,
  sha256: '',
  fileName: '',
};

function burn(chain: ChainId, address: string, label: string): LabelEntry {
  return {
    address,
    chain,
    currency: null,
    label,
    category: 'burn',
    actor: null,
    abuse: null,
    programmes: [],
    confidence: 'ledger_immanent',
    url: null,
    caseLost: false,
    validFrom: null,
    validTo: null,
  };
}

export const BURN_ENTRIES: readonly LabelEntry[] = [
  ...CHAINS.filter(({ addressFormat }) => addressFormat === 'evm').flatMap(({ id }) =>
    EVM_BURNS.map(([address, name]) => burn(id, address, name)),
  ),
  ...Array.from({ length: 9 }, (_, i) =>
    burn('eip155:1', `0x${String(i + 1).padStart(40, '0')}`, `Precompile ${i + 1}`),
  ),
  ...OTHER_BURNS.map(([chain, address, name]) => burn(CHAINS.find((known) => known.name === chain)!.id, address, name)),
];

/** Built-in entries of an address. */
export function burnEntries(address: string): readonly LabelEntry[] {
  return BY_ADDRESS.get(address) ?? [];
}

const BY_ADDRESS = group(BURN_ENTRIES);

function group(entries: readonly LabelEntry[]): Map<string, LabelEntry[]> {
  const grouped = new Map<string, LabelEntry[]>();
  for (const entry of entries) grouped.set(entry.address, [...(grouped.get(entry.address) ?? []), entry]);
  return grouped;
}
