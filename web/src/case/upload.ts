import { HaetaeError } from '../../../src/base/errors.ts';
import { base64Of } from '../format/new-case.ts';
import { api } from '../server/api.ts';

const PIECE = 3 * 2 ** 20;

/**
 * Sends a file in pieces and lets `use` start a job with its id. Where the job does not come about, or the page goes, the upload is given up, so that it holds
 * no place. `told`: bytes received so far.
 */
export async function withUpload<Made>(
  file: File,
  told: (received: number) => void,
  signal: AbortSignal,
  use: (id: string) => Promise<Made>,
): Promise<Made> {
  signal.throwIfAborted();
  // Without the signal: broken off, it might leave an upload of which only the server knows.
  const { id } = await api.beginUpload({ body: { name: file.name.slice(0, 200), bytes: file.size } });
  const giveUp = (): void => {
    // A job that has taken it keeps it, and says so; a server that is away forgets it by itself.
    api.cancelUpload({ params: { id } }, { keepalive: true }).catch(() => {});
  };
  window.addEventListener('pagehide', giveUp);
  try {
    await send(id, file, told, signal);
    return await use(id);
  } catch (error) {
    giveUp();
    throw error;
  } finally {
    window.removeEventListener('pagehide', giveUp);
  }
}

async function send(id: string, file: File, told: (received: number) => void, signal: AbortSignal): Promise<void> {
  let offset = 0;
  while (offset < file.size) {
    signal.throwIfAborted();
    const piece = new Uint8Array(await file.slice(offset, offset + PIECE).arrayBuffer());
    const after = await api.sendUploadPiece(
      { params: { id }, query: { offset }, body: { base64: base64Of(piece) } },
      { signal },
    );
    if (after.received <= offset)
      throw new HaetaeError('E_SERVER', 'the server did not take the next piece of the file', {
        context: { file: file.name, received: after.received },
      });
    offset = after.received;
    told(offset);
  }
}

/** Its first bytes as text. */
export async function headOf(file: File): Promise<string> {
  return new TextDecoder().decode(await file.slice(0, 20_000).arrayBuffer());
}
