import { createClient } from '../../../src/api/client.ts';
import { HaetaeError } from '../../../src/base/errors.ts';

/** Every route of the server as a method; the browser's session says who asks. Methods throw HaetaeError with the code of the problem document. */
export const api = createClient({ url: window.location.origin });

export function codeOf(error: unknown): string {
  return error instanceof HaetaeError ? error.code : 'E_INTERNAL';
}

/** The server is away or has too much to do: asking again later can help. */
export function passes(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'E_SERVER' || code === 'E_BUSY' || code === 'E_RATE';
}

/** No session, or one that ended. */
export function needsSignIn(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'E_KEY' || code === 'E_KEY_EXPIRED';
}
