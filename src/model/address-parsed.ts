export type AddressFault =
  /** Too short or too long for every form the chain has. */
  | 'length'
  /** A character the form does not have, or capitals mixed into a form that forbids it. */
  | 'characters'
  /** All there, but the check digits say that it was mistyped. */
  | 'checksum'
  /** A sound text of a kind that no known chain uses. */
  | 'version'
  /** A real kind of address of this chain that never shows on its ledger (shielded). */
  | 'unsupported'
  /** Sound, and of another chain. */
  | 'other-chain';

export type ParsedAddress =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly fault: AddressFault };
