import WebSocket from 'ws';
import { HaetaeError } from '../base/errors.ts';
import { MAX_FRAME_BYTES, REMOTE_PATH, REMOTE_PROTOCOL } from './remote-message.ts';
import { Peer } from './remote-peer.ts';
import { isAlive, readTokenFile, type ServerAddress } from './token-file.ts';

export interface Connection {
  readonly server: ServerAddress;
  /** What the server offers under a name: each method called on it is called there. */
  target<T>(name: string): T;
  close(): Promise<void>;
}

/** A server that is only slow must not be taken for one that is gone. */
const ANSWER_MS = 10_000;
const CLOSE_MS = 1000;

/** Throws E_SERVER where no server of Haetae answers at the address, or not to this token. */
export async function connectRemote(
  server: ServerAddress,
  { maxFrameBytes = MAX_FRAME_BYTES }: { readonly maxFrameBytes?: number } = {},
): Promise<Connection> {
  const socket = new WebSocket(`${server.url.replace(/^http/, 'ws')}${REMOTE_PATH}`, REMOTE_PROTOCOL, {
    headers: { authorization: `Bearer ${server.token}` },
    perMessageDeflate: false,
    maxPayload: maxFrameBytes,
    handshakeTimeout: ANSWER_MS,
    followRedirects: false,
  });
  const peer = new Peer(socket, { targets: {}, gone: () => serverGone(server), maxFrameBytes });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', (cause) => reject(noAnswer(server, cause)));
  });
  return {
    server,
    target: (name) => peer.target(name),
    close: () => closeSocket(socket),
  };
}

/**
 * The connection to the server that holds a database, or null where none answers: a token file that a server left behind when it was killed, or one
 * whose address now answers to somebody else, counts for nothing. Throws E_SERVER where the server is of another version than `version`.
 */
export async function liveServer(database: string, version?: string): Promise<Connection | null> {
  const server = database === ':memory:' ? null : readTokenFile(database);
  if (server === null || !isAlive(server)) return null;
  const connection = await connectRemote(server).catch((error: unknown) => {
    if (error instanceof HaetaeError && error.code === 'E_SERVER') return null;
    throw error;
  });
  if (connection === null || version === undefined || server.version === version) return connection;
  await connection.close();
  throw new HaetaeError('E_SERVER', 'the server that holds the store is of another version than this command', {
    context: { url: server.url, server: server.version, command: version },
    remedy: 'end haetae serve and start it again with this version',
  });
}

function closeSocket(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === WebSocket.CLOSED) return resolve();
    const timer = setTimeout(() => socket.terminate(), CLOSE_MS);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.close(1000);
  });
}

function noAnswer({ url, pid }: ServerAddress, cause: Error): HaetaeError {
  return new HaetaeError('E_SERVER', 'the server of this store does not answer', {
    context: { url, pid, reason: cause.message.slice(0, 100) },
    remedy: 'see whether haetae serve runs; if it hangs, end it and start it again',
    cause,
  });
}

function serverGone({ url }: ServerAddress): HaetaeError {
  return new HaetaeError('E_SERVER', 'the connection to the server broke off', {
    context: { url },
    remedy: 'the server has ended or was ended: run the command again; a write is wholly there or not at all',
    retry: true,
  });
}
