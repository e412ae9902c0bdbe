import { createHmac, timingSafeEqual } from 'node:crypto';

/** A receiver refuses what was signed longer ago, so that what somebody recorded cannot be sent again later. */
export const REPLAY_WINDOW_SECONDS = 300;
const MOST_SIGNATURES = 8;

/** Value of Haetae-Signature: `t=UNIX,v1=HEX`, HMAC-SHA-256 over `t.body`; one v1 for each secret that is good now. */
export function signWebhook(secrets: readonly string[], body: string | Uint8Array, nowSeconds: number): string {
  const signatures = secrets.map((secret) => `v1=${digest(secret, nowSeconds, body).toString('hex')}`);
  return [`t=${nowSeconds}`, ...signatures].join(',');
}

export type WebhookCheck = 'valid' | 'malformed' | 'wrong-signature' | 'outside-window';

/**
 * The receiver's side. `header`: value of Haetae-Signature; `body`: the bytes as received, before any parsing; `now`: Unix seconds. Anything but 'valid' is
 * to be refused. A receiver that must do each thing once also keeps the ids of Haetae-Delivery of the last `windowSeconds`.
 */
export function verifyWebhook(
  secret: string,
  header: string,
  body: string | Uint8Array,
  now: number,
  windowSeconds: number = REPLAY_WINDOW_SECONDS,
): WebhookCheck {
  const parts = header.length > 1000 ? [] : header.split(',').map((part) => part.trim());
  const times = parts.filter((part) => /^t=\d{1,12}$/.test(part));
  const signatures = parts.filter((part) => /^v1=[0-9a-f]{64}$/.test(part));
  if (times.length !== 1 || signatures.length === 0 || signatures.length > MOST_SIGNATURES) return 'malformed';
  const signedAt = Number(times[0]!.slice(2));
  const expected = digest(secret, signedAt, body);
  let same = false;
  for (const signature of signatures) {
    if (timingSafeEqual(Buffer.from(signature.slice(3), 'hex'), expected)) same = true;
  }
  if (!same) return 'wrong-signature';
  return Math.abs(now - signedAt) <= windowSeconds ? 'valid' : 'outside-window';
}

function digest(secret: string, seconds: number, body: string | Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();
}
