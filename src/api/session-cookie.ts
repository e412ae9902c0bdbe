const NAME = 'haetae_session';

/** Set-Cookie header of a session; null: one that removes it. `secure`: where browsers reach the server over TLS. */
export function sessionCookie(secret: string | null, secure = false): string {
  const end = `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  return secret === null ? `${NAME}=; ${end}; Max-Age=0` : `${NAME}=${secret}; ${end}`;
}

/** Secret of the session in a Cookie header; null where there is none. */
export function sessionOf(cookies: string | undefined): string | null {
  if (cookies === undefined) return null;
  for (const pair of cookies.split(';')) {
    const text = pair.trimStart();
    if (text.startsWith(`${NAME}=`)) return text.slice(NAME.length + 1);
  }
  return null;
}
