import { hash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What a token's first letters say it is, so that a scanner of leaked secrets finds it: API key, session cookie, sign-in link. */
export type TokenPrefix = 'hk_' | 'hs_' | 'hl_';

const ID_BYTES = 6;
const SECRET_BYTES = 32;
const ID_LENGTH = 12;
const SECRET_LENGTH = 43;
const SECRET_AT = 3 + ID_LENGTH + 1;
const TOKEN_LENGTH = SECRET_AT + SECRET_LENGTH;
const DIGEST_LENGTH = 64;
const FORM = /^h[ksl]_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/;

export interface NewToken {
  /** Twelve hex digits; not secret. */
  readonly id: string;
  /** The whole token, for whom it is made and nobody else. */
  readonly text: string;
  /** SHA-256 of the secret part, lower-case hex: what is kept. The secret has 256 random bits, so that a slow hash adds nothing. */
  readonly sha256: string;
}

/** PREFIX ID _ SECRET. */
export function newToken(prefix: TokenPrefix): NewToken {
  const id = randomBytes(ID_BYTES).toString('hex');
  return tokenOf(prefix, id);
}

/** A new secret under an id that is known already. */
export function tokenOf(prefix: TokenPrefix, id: string): NewToken {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { id, text: `${prefix}${id}_${secret}`, sha256: hash('sha256', secret, 'hex') };
}

/** null where the text cannot be such a token; that takes a time which tells nothing but its form. */
export function splitToken(prefix: TokenPrefix, text: string): { readonly id: string; readonly sha256: string } | null {
  if (text.length !== TOKEN_LENGTH || !text.startsWith(prefix) || !FORM.test(text)) return null;
  return { id: text.slice(3, 3 + ID_LENGTH), sha256: hash('sha256', text.slice(SECRET_AT), 'hex') };
}

/** As a kept digest, where there is none to compare with: the same work, and no secret has it (a preimage of zeros is not known). */
export const NO_DIGEST = '0'.repeat(DIGEST_LENGTH);

const left = Buffer.alloc(DIGEST_LENGTH);
const right = Buffer.alloc(DIGEST_LENGTH);

/** Two digests of 64 hex digits, in constant time. */
export function sameDigest(one: string, other: string): boolean {
  const written = left.write(one, 'latin1') + right.write(other, 'latin1');
  return timingSafeEqual(left, right) && written === 2 * DIGEST_LENGTH;
}

/** Two secrets of any length, in a time that tells nothing of either. */
export function sameSecret(one: string, other: string): boolean {
  return sameDigest(hash('sha256', one, 'hex'), hash('sha256', other, 'hex'));
}
