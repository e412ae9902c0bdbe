const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** "12.3 kB", in thousands. */
export function bytesText(bytes: number, language: string): string {
  let step = 0;
  let value = bytes;
  while (value >= 1000 && step < UNITS.length - 1) {
    value /= 1000;
    step += 1;
  }
  return `${value.toLocaleString(language, { maximumFractionDigits: step === 0 ? 0 : 1 })} ${UNITS[step]}`;
}
