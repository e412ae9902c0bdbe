import { useSearch } from 'wouter';

/** What stands behind the question mark. Read from the window: the router decodes a value twice. */
export function useLinkValues(): URLSearchParams {
  useSearch();
  return new URLSearchParams(window.location.search);
}
