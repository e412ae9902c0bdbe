import { HaetaeError } from '../../base/errors.ts';

/** Living chains that jobs may ask: those that the server was started with, and no others. */
export interface JobSources {
  /** As --source words, each with its chain written before it. May hold keys. */
  readonly words: readonly { readonly chain: string; readonly word: string }[];
  /** A file of sources, whole path; null: none. */
  readonly file: string | null;
  /** Variables of the environment that they name. */
  readonly variables: Readonly<Record<string, string>>;
  /** What may be shown of them. */
  readonly endpoints: readonly { readonly chain: string; readonly name: string }[];
}

export const NO_SOURCES: JobSources = { words: [], file: null, variables: {}, endpoints: [] };

/** The options of a trace that fetches from these chains. Throws E_STATE where none of them has a source. */
export function sourceWords(sources: JobSources, chains: readonly string[]): string[] {
  if (!sources.endpoints.some(({ chain }) => chains.includes(chain))) {
    throw new HaetaeError('E_STATE', 'the server was started without a source of this chain', {
      context: { chain: chains.join(', ').slice(0, 200) },
      remedy: `start it with haetae serve --source ${chains[0] ?? 'CHAIN'}=URL (docs/live.md), or trace what the store holds`,
    });
  }
  const own = sources.words.filter(({ chain }) => chains.includes(chain));
  return [
    ...own.map(({ word }) => `--source=${word}`),
    ...(sources.file === null ? [] : [`--sources=${sources.file}`]),
  ];
}
