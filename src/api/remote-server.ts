import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import { isIPv4 } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { HaetaeError } from '../base/errors.ts';
import { MAX_FRAME_BYTES, REMOTE_PATH, REMOTE_PROTOCOL } from './remote-message.ts';
import { Peer, type Targets } from './remote-peer.ts';

export interface RemoteOptions {
  /** What a command must show; from the token file. */
  readonly token: string;
  readonly targets: Targets;
  /** Largest message, in bytes. */
  readonly maxFrameBytes?: number;
  /** How long calls that run when it closes may go on. Default 10 s. */
  readonly graceMs?: number;
}

export interface Remote {
  /** Takes no new connections and calls, lets those that run end within the grace, then cuts off what is left. */
  close(): Promise<void>;
}

/**
 * Lets commands of this machine call objects of this process over WebSocket, at `/v1/local` of a server that listens on a loopback address.
 * The token is checked before anything of a message is read; a browser is never let in, whatever it knows.
 */
export function attachRemote(server: Server, options: RemoteOptions): Remote {
  const maxPayload = options.maxFrameBytes ?? MAX_FRAME_BYTES;
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload,
    handleProtocols: (offered) => (offered.has(REMOTE_PROTOCOL) ? REMOTE_PROTOCOL : false),
  });
  const expected = digest(options.token);
  const peers = new Set<Peer>();
  let closing = false;
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if ((request.url ?? '').split('?', 1)[0] !== REMOTE_PATH) {
      if (server.listenerCount('upgrade') === 1) refuse(socket, '404 Not Found');
      return;
    }
    const refusal = closing ? '503 Service Unavailable' : refusalOf(request, expected);
    if (refusal !== null) {
      refuse(socket, refusal);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (connection) => {
      const peer = new Peer(connection, { targets: options.targets, gone: clientGone, maxFrameBytes: maxPayload });
      peers.add(peer);
      connection.on('close', () => peers.delete(peer));
    });
  };
  server.on('upgrade', onUpgrade);
  return {
    close: async () => {
      closing = true;
      await within(Promise.all([...peers].map((peer) => peer.drain())), options.graceMs ?? 10_000);
      const closed = [...sockets.clients].map((socket) => {
        return new Promise<void>((resolve) => {
          socket.on('close', () => resolve());
          socket.close(1001);
        });
      });
      await within(Promise.all(closed), 1000);
      for (const socket of sockets.clients) socket.terminate();
      server.off('upgrade', onUpgrade);
    },
  };
}

function clientGone(): HaetaeError {
  return new HaetaeError('E_INTERRUPTED', 'the command that asked for this went away', {
    remedy: 'run it again: nothing of what it had begun to write was kept',
  });
}

async function within(work: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

function refusalOf(request: IncomingMessage, expected: Buffer): string | null {
  if (!isLocal(request)) return '403 Forbidden';
  return timingSafeEqual(digest(tokenOf(request)), expected) ? null : '401 Unauthorized';
}

const LOCAL_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

/** From this machine, by its own name, and from no page and through no proxy. */
function isLocal({ headers, socket }: IncomingMessage): boolean {
  const from = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const loopback = from === '::1' || (isIPv4(from) && from.startsWith('127.'));
  const passedOn = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => headers[name] !== undefined);
  return loopback && !passedOn && headers.origin === undefined && LOCAL_HOST.test(headers.host ?? '');
}

function tokenOf({ headers }: IncomingMessage): string {
  return /^Bearer (\S{1,200})$/.exec(headers.authorization ?? '')?.[1] ?? '';
}

/** Of equal length whatever comes, so that comparing tells nothing. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refuse(socket: Duplex, status: string): void {
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
