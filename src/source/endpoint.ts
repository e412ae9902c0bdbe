import { HaetaeError } from '../base/errors.ts';
import { type Chain, requireChain } from '../model/chain.ts';

export const SOURCE_KINDS = [
  'evm',
  'blockscout',
  'etherscan',
  'bitcoin-rpc',
  'bitcoin-rest',
  'esplora',
  'tron',
] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** One endpoint of a living chain as configured. Only `name` may be shown: the rest can hold keys. */
export interface Endpoint {
  readonly chain: Chain;
  readonly kind: SourceKind;
  /** Kind and host (with the port where it is not the usual one), such as `evm node.example.org`. */
  readonly name: string;
  /** http, https, ws or wss; user and password taken out into `headers`, path and query kept. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A JSON-RPC batch counts as its calls. null: as fast as it answers. */
  readonly requestsPerSecond: number | null;
  /** Requests in flight. */
  readonly concurrency: number;
  /** Calls put into one JSON-RPC batch. */
  readonly batch: number;
  readonly timeoutMs: number;
  /** A longer answer is refused (E_SOURCE_ANSWER). */
  readonly maxAnswerBytes: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

type Limits = Pick<Endpoint, 'requestsPerSecond' | 'concurrency' | 'batch'>;

/** What an endpoint is asked where the user says nothing; public ones by their published free limits, at or under them. */
const LIMITS: Readonly<Record<SourceKind, Limits>> = {
  evm: { requestsPerSecond: null, concurrency: 8, batch: 50 },
  blockscout: { requestsPerSecond: 5, concurrency: 2, batch: 1 },
  etherscan: { requestsPerSecond: 3, concurrency: 2, batch: 1 },
  // bitcoind answers with 4 threads and queues 16 requests (-rpcthreads, -rpcworkqueue).
  'bitcoin-rpc': { requestsPerSecond: null, concurrency: 4, batch: 50 },
  'bitcoin-rest': { requestsPerSecond: null, concurrency: 4, batch: 1 },
  esplora: { requestsPerSecond: 5, concurrency: 4, batch: 1 },
  tron: { requestsPerSecond: 5, concurrency: 4, batch: 1 },
};
const TIMEOUT_MS = 30_000;
/** The traces of a full block are tens of megabytes; a Bitcoin block as JSON is about 25. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

const WORD = new RegExp(`^(?:([^=/?#\\s]+)=)?(?:(${SOURCE_KINDS.join('|')}):)?((?:https?|wss?)://\\S+)$`, 'i');
const LOCAL = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * An endpoint from one word: `URL`, `KIND:URL`, `CHAIN=URL` or `CHAIN=KIND:URL`, such as `evm:wss://node.example.org` or
 * `eip155:1=https://…`. `${NAME}` in the URL stands for a variable of the environment. Without a kind: evm on EVM chains, tron on
 * TRON, and on Bitcoin-like chains esplora where the path ends in /api, else bitcoin-rpc. Throws E_SOURCE, E_ASSET (chain), never
 * with the URL in it.
 */
export function parseEndpoint(word: string, chain: Chain | null, env: Environment): Endpoint {
  const [, chainWord, kindWord, urlWord] = WORD.exec(word.trim()) ?? [];
  if (urlWord === undefined) throw notEndpoint(word);
  const named = chainWord === undefined ? null : requireChain(chainWord);
  if (named !== null && chain !== null && named.id !== chain.id) {
    throw new HaetaeError('E_SOURCE', 'the endpoint is for another chain', {
      context: { chain: chain.id, endpoint: named.id },
      remedy: 'name endpoints of the chain that is traced',
    });
  }
  const served = named ?? chain;
  if (served === null) {
    throw new HaetaeError('E_SOURCE', 'the endpoint does not say which chain it serves', {
      remedy: 'write the chain before it: eip155:1=https://…',
    });
  }
  return makeEndpoint(served, (kindWord?.toLowerCase() as SourceKind | undefined) ?? null, urlWord, env);
}

function notEndpoint(word: string): HaetaeError {
  const scheme = /^(?:[^=/?#\s]+=)?([a-z][-a-z]{0,20}):/i.exec(word.trim())?.[1];
  return new HaetaeError('E_SOURCE', 'not an endpoint', {
    context: scheme === undefined ? {} : { begins: scheme },
    remedy: `write KIND:URL with http, https, ws or wss; KIND is one of ${SOURCE_KINDS.join(', ')}`,
  });
}

/** An endpoint with the default limits. `kind` null: by the chain and the path. Throws E_SOURCE. */
export function makeEndpoint(chain: Chain, kind: SourceKind | null, urlText: string, env: Environment): Endpoint {
  const filled = urlText.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => fromEnvironment(env, name));
  if (!/^(?:https?|wss?):\/\//i.test(filled) || !URL.canParse(filled)) throw notEndpoint(urlText);
  const url = new URL(filled);
  const served = kind ?? defaultKind(chain, url);
  checkFit(chain, served, url);
  const headers: Record<string, string> = {};
  if (url.username !== '' || url.password !== '') {
    headers.authorization = basicAuthorization(`${unescaped(url.username)}:${unescaped(url.password)}`);
    url.username = '';
    url.password = '';
  }
  url.hash = '';
  const limits = LIMITS[served];
  return {
    chain,
    kind: served,
    name: `${served} ${url.host}`,
    url: url.href,
    headers,
    ...limits,
    requestsPerSecond: isLocal(url) ? null : limits.requestsPerSecond,
    timeoutMs: TIMEOUT_MS,
    maxAnswerBytes: MAX_ANSWER_BYTES,
  };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `user:password` as an Authorization header. */
export function basicAuthorization(userAndPassword: string): string {
  return `Basic ${Buffer.from(userAndPassword, 'utf8').toString('base64')}`;
}

/** This machine: no courtesy is due. */
export function isLocal(url: URL): boolean {
  return LOCAL.test(url.hostname);
}

/** A variable of the environment. Throws E_SOURCE, with its name, where it is not set. */
export function fromEnvironment(env: Environment, name: string): string {
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  throw new HaetaeError('E_SOURCE', 'a variable of the environment that an endpoint needs is not set', {
    context: { variable: name },
    remedy: `set ${name} to the key of the endpoint`,
  });
}

function defaultKind(chain: Chain, url: URL): SourceKind {
  if (chain.addressFormat === 'evm') return 'evm';
  if (chain.addressFormat === 'tron') return 'tron';
  return /\/api\/?$/.test(url.pathname) ? 'esplora' : 'bitcoin-rpc';
}

function checkFit(chain: Chain, kind: SourceKind, url: URL): void {
  const family = kind === 'tron' ? 'tron' : ['evm', 'blockscout', 'etherscan'].includes(kind) ? 'evm' : 'utxo';
  const wanted = chain.model === 'utxo' ? 'utxo' : chain.addressFormat;
  if (family !== wanted) {
    throw new HaetaeError('E_SOURCE', `an endpoint of kind ${kind} does not serve ${chain.name}`, {
      context: { chain: chain.id, host: url.host },
      remedy: 'name another kind, or another chain',
    });
  }
  if (url.protocol.startsWith('ws') && kind !== 'evm') {
    throw new HaetaeError('E_SOURCE', `an endpoint of kind ${kind} is not asked over WebSocket`, {
      context: { host: url.host },
      remedy: 'write its http or https address',
    });
  }
}
