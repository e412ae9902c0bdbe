/** 32 random hex digits. Pages that came over plain HTTP have no crypto.randomUUID. */
export function freshId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Into the clipboard. Rejects where the browser does not allow it, as on pages that came over plain HTTP. */
export async function copyText(text: string): Promise<void> {
  const { clipboard } = navigator as { readonly clipboard?: Clipboard };
  if (clipboard === undefined) throw new Error('no clipboard');
  await clipboard.writeText(text);
}
