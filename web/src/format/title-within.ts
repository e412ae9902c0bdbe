/** The title of a theft beside that of its case: what both begin with is left out, so that thefts can be told apart where there is little room. */
export function titleWithin(caseTitle: string, title: string): string {
  if (!title.startsWith(caseTitle)) return title;
  const rest = title.slice(caseTitle.length);
  // Of one word only a part would be left.
  if (caseTitle === '' || !/^[\s,:;–—-]/u.test(rest)) return title;
  return rest.replace(/^[\s,:;–—-]+/u, '') || title;
}
