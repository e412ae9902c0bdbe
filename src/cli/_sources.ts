import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { HaetaeError } from '../base/errors.ts';
import type { Chain } from '../model/chain.ts';
import type { ChainSource } from '../source/chain-source.ts';
import { type Endpoint, parseEndpoint } from '../source/endpoint.ts';
import { readSourceFile } from '../source/source-file.ts';
import { readTextFile } from './_text-file.ts';
import type { Arguments, Terminal } from './command.ts';

/** Options of every command that reads living chains. */
export const SOURCE_OPTIONS = {
  source: { type: 'string', multiple: true },
  sources: { type: 'string' },
} as const;

export const SOURCE_HELP = `  --source [KIND:]URL    an endpoint of the chain, repeatable; the next one takes over where one fails. Kinds: evm, blockscout,
                         etherscan, bitcoin-rpc, bitcoin-rest, esplora, tron (docs/live.md). CHAIN=URL names its chain
  --sources FILE.yaml    endpoints with their keys and limits (default HAETAE_SOURCES, else ~/.haetae/sources.yaml)`;

/**
 * The endpoints that the command line names, those of the sources file after them. `chain` is that of a --source without one; one of another chain is
 * refused, but for those of `others`.
 */
export async function readEndpoints(
  args: Arguments,
  terminal: Terminal,
  chain: Chain | null,
  others: readonly string[] = [],
): Promise<Endpoint[]> {
  const named = args.texts('source').map((word) => {
    const own = others.some((id) => word.startsWith(`${id}=`));
    return parseEndpoint(word, own ? null : chain, terminal.env);
  });
  const file = args.text('sources') ?? terminal.env.HAETAE_SOURCES ?? homeFile();
  if (file === null || (named.length > 0 && args.text('sources') === undefined)) return named;
  return [...named, ...readSourceFile(await readTextFile(file), basename(file), terminal.env)];
}

function homeFile(): string | null {
  const path = join(homedir(), '.haetae', 'sources.yaml');
  return existsSync(path) ? path : null;
}

/** Opens a source for each of these chains that has an endpoint. Close them all when done. */
export async function openSources(
  endpoints: readonly Endpoint[],
  chains: readonly string[],
  onNotice: (text: string) => void,
): Promise<ChainSource[]> {
  const { openSource } = await import('../source/open.ts');
  const sources: ChainSource[] = [];
  try {
    for (const id of new Set(chains)) {
      const own = endpoints.filter((endpoint) => endpoint.chain.id === id);
      if (own.length > 0) sources.push(await openSource(own, { onNotice }));
    }
  } catch (error) {
    await closeSources(sources);
    throw error;
  }
  return sources;
}

export async function closeSources(sources: readonly ChainSource[]): Promise<void> {
  for (const source of sources) await source.close();
}

export function noSource(chain: string): HaetaeError {
  return new HaetaeError('E_SOURCE', 'no source of the chain is named', {
    context: { chain },
    remedy:
      'add --source URL (a node or an index of the chain), or a sources file; docs/live.md says which kinds there are',
  });
}
