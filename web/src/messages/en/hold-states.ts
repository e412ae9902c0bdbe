export const en: Readonly<Record<string, string>> = {
  draft: 'Draft',
  sent: 'Sent',
  acknowledged: 'Acknowledged',
  refused: 'Refused',
  expired: 'Expired',
  withdrawn: 'Withdrawn',
};
