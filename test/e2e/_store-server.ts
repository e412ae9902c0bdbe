/**
 * A process that holds a store and offers it to commands as a server does, and nothing else: `node _store-server.js DATABASE`. Prints `ready`; ends in order
 * on SIGTERM.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { attachRemote } from '../../src/api/remote-server.ts';
import { storeTarget } from '../../src/api/remote-store.ts';
import { writeTokenFile } from '../../src/api/token-file.ts';
import { VERSION } from '../../src/cli/version.ts';
import { openStore } from '../../src/store/open.ts';

const database = process.argv[2]!;
const store = await openStore({ path: database });
const http = createServer();
const token = randomBytes(32).toString('base64url');
const remote = attachRemote(http, { token, targets: { store: storeTarget(store) } });
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
const startedAt = Math.floor(Date.now() / 1000);
const file = writeTokenFile(database, { pid: process.pid, url, token, startedAt, version: VERSION });
process.once('SIGTERM', async () => {
  file.remove();
  await remote.close();
  http.close();
  await store.close();
});
console.log('ready');
