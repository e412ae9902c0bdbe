import type { Endpoint } from '../endpoint.ts';
import { tooLong } from './fault.ts';
import type { Guard } from './guard.ts';

/** The whole body. Throws E_SOURCE_ANSWER (see isTooLong) as soon as it is longer than the endpoint's limit, unpacked. */
export async function readBody(response: Response, endpoint: Endpoint, guard: Guard): Promise<Buffer> {
  const declared = Number(response.headers.get('content-length') ?? 0);
  const reader = response.body?.getReader();
  if (reader === undefined) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    if (bytes > endpoint.maxAnswerBytes || declared > endpoint.maxAnswerBytes) {
      await reader.cancel();
      throw tooLong(endpoint, endpoint.maxAnswerBytes);
    }
    const { done, value } = await reader.read();
    if (done) break;
    guard.alive();
    bytes += value.length;
    chunks.push(value);
  }
  return chunks.length === 1
    ? Buffer.from(chunks[0]!.buffer, chunks[0]!.byteOffset, bytes)
    : Buffer.concat(chunks, bytes);
}
