export const en = {
  baseUnits: ' base units (decimals not known)',
  clickToCopy: 'Click to copy',
  copied: (value: string) => `Copied: ${value}`,
  notCopied: 'The browser did not let this be copied.',
  copy: 'Copy',
  noTransaction: 'no transaction',
  notKnown: 'not known',
  decisions: { allow: 'Allow', review: 'Review', block: 'Block' } as Readonly<Record<string, string>>,
  simulated: 'Simulated',
  simulatedWhy: 'A drill: no real address, no real money.',
  remedy: 'Remedy',
  loading: 'Loading …',
  close: 'Close',
  partMissing: 'This part of the console could not be fetched.',
  partMissingRemedy:
    'load the page anew: the server may have been updated since it was opened, or is away for the moment.',
  reload: 'Load anew',
};
