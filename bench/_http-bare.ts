/** The least that could answer: parses the body, looks the address up, writes bytes of the same length. No key, no storage. A child process. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AddressIndexBuilder } from '../src/screen/address-index.ts';
import { ADDRESSES, addressOf } from './_http-size.ts';

export interface BareStart {
  /** Verdicts as the service answered them: of an address without a label, and of one with. */
  readonly miss: string;
  readonly hit: string;
}

process.once('message', ({ miss, hit }: BareStart) => {
  const builder = new AddressIndexBuilder(ADDRESSES);
  for (let number = 0; number < ADDRESSES; number += 1) builder.add(addressOf(number));
  const index = builder.finish();
  const [missed, found] = [Buffer.from(miss), Buffer.from(hit)];
  const answer = (body: Buffer, response: ServerResponse): void => {
    const { address } = JSON.parse(body.toString('utf8')) as { readonly address: string };
    const bytes = index.find(address) < 0 ? missed : found;
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
    response.end(bytes);
  };
  const server = createServer({ noDelay: true }, (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), response));
  });
  server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }));
});
