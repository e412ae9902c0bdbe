import { resolve } from 'node:path';
import { type JobSources, NO_SOURCES } from '../api/jobs/job-sources.ts';
import { parseEndpoint } from '../source/endpoint.ts';
import { readEndpoints } from './_sources.ts';
import type { Arguments, Terminal } from './command.ts';

/**
 * What the options --source and --sources name, and nothing else: no default file, as others than who started the server may use it. Throws E_SOURCE,
 * E_ASSET, E_FILE_READ.
 */
export async function jobSources(args: Arguments, terminal: Terminal): Promise<JobSources> {
  const file = args.text('sources');
  const words = args.texts('source');
  if (file === undefined && words.length === 0) return NO_SOURCES;
  const variables: Record<string, string> = {};
  const env = new Proxy(terminal.env, {
    get: (all, name) => {
      const value = typeof name === 'string' ? all[name] : undefined;
      if (value !== undefined) variables[String(name)] = value;
      return value;
    },
  });
  const named = words.map((word) => ({ word, chain: parseEndpoint(word, null, env).chain.id }));
  const endpoints = await readEndpoints(args, { ...terminal, env }, null);
  delete variables.HAETAE_SOURCES;
  return {
    words: named.map(({ word, chain }) => ({ chain, word: `${chain}${word.slice(word.indexOf('='))}` })),
    file: file === undefined ? null : resolve(file),
    variables,
    endpoints: endpoints.map(({ chain, name }) => ({ chain: chain.id, name })),
  };
}
