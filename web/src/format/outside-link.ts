/** A link that text from outside may become: http and https only, without a name or password in it; else null. */
export function safeLink(text: string): string | null {
  try {
    const url = new URL(text);
    const web = url.protocol === 'https:' || url.protocol === 'http:';
    return web && url.username === '' && url.password === '' ? url.href : null;
  } catch {
    return null;
  }
}
