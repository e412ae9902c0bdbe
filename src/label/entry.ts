import type { Category, LabelEntry } from '../model/label.ts';
import type { PlacedAddress } from './currency.ts';

type Said = Partial<Omit<LabelEntry, 'address' | 'chain' | 'label' | 'category'>>;

/** An entry with everything that its source left out set to nothing. */
export function labelEntry(placed: PlacedAddress, label: string, category: Category, said: Said = {}): LabelEntry {
  return {
    address: placed.address,
    chain: placed.chain,
    currency: said.currency ?? null,
    label,
    category,
    actor: said.actor ?? null,
    abuse: said.abuse ?? null,
    programmes: said.programmes ?? [],
    confidence: said.confidence ?? 'unknown',
    url: said.url ?? null,
    caseLost: said.caseLost ?? false,
    validFrom: said.validFrom ?? null,
    validTo: said.validTo ?? null,
  };
}

/** Control characters out (a list may not write to a terminal), length bounded, blanks trimmed. */
export function cleanText(text: string, limit = 300): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
      .replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, ' ')
      .trim()
      .slice(0, limit)
  );
}
