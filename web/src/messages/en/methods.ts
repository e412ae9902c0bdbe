/** What the accounting methods are called. */
export const en: Readonly<Record<string, string>> = {
  poison: 'Poison',
  haircut: 'Haircut (pro rata)',
  fifo: 'FIFO',
  'lifo-in': 'LIFO (inputs reversed)',
  'lifo-out': 'LIFO (outputs reversed)',
  tiho: 'TIHO',
  'dirty-first': 'Dirty first',
  'clean-first': 'Clean first',
};
