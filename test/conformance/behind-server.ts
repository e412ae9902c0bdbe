import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connectRemote } from '../../src/api/remote-client.ts';
import { attachRemote } from '../../src/api/remote-server.ts';
import { storeOver, storeTarget } from '../../src/api/remote-store.ts';
import type { Store } from '../../src/store/port.ts';

/** A store as a command sees it that reaches it through a server. Closing it closes all of it. */
export async function behindServer(store: Store): Promise<Store> {
  const http = createServer();
  const token = randomBytes(32).toString('base64url');
  const remote = attachRemote(http, { token, targets: { store: storeTarget(store) } });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const over = storeOver(await connectRemote({ pid: process.pid, url, token, startedAt: 1, version: 'test' }));
  const close = async (): Promise<void> => {
    await over.close();
    await remote.close();
    await new Promise((resolve) => http.close(resolve));
    await store.close();
  };
  return new Proxy(over, { get: (target, name: keyof Store) => (name === 'close' ? close : target[name]) });
}
