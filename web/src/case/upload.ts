import { HaetaeError } from '../../../src/base/errors.ts';
import { base64Of } from '../format/new-case.ts';
import { api } from '../server/api.ts';

const PIECE = 3 * 2 ** 20;

/** Sends a file in pieces; gives its id for a job. `told`: bytes received so far. */
export async function uploadFile(file: File, told: (received: number) => void, signal: AbortSignal): Promise<string> {
  const begun = await api.beginUpload({ body: { name: file.name.slice(0, 200), bytes: file.size } }, { signal });
  let offset = 0;
  while (offset < file.size) {
    const piece = new Uint8Array(await file.slice(offset, offset + PIECE).arrayBuffer());
    const after = await api.sendUploadPiece(
      { params: { id: begun.id }, query: { offset }, body: { base64: base64Of(piece) } },
      { signal },
    );
    if (after.received <= offset)
      throw new HaetaeError('E_SERVER', 'the server did not take the next piece of the file', {
        context: { file: file.name, received: after.received },
      });
    offset = after.received;
    told(offset);
  }
  return begun.id;
}

/** Its first bytes as text. */
export async function headOf(file: File): Promise<string> {
  return new TextDecoder().decode(await file.slice(0, 20_000).arrayBuffer());
}
