import { readFile } from 'node:fs/promises';
import { HaetaeError } from '../base/errors.ts';
import { createKernels, type Kernels } from '../kernel/kernel.ts';

const WASM = new URL('../kernel/kernel.wasm', import.meta.url);

/** The kernels of this build. Throws E_NOT_FOUND where the build is not whole. */
export async function loadKernels(): Promise<Kernels> {
  return createKernels(await readKernel());
}

/** The bytes of kernel.wasm: for threads, which compile them anew. */
export async function readKernel(): Promise<Uint8Array> {
  try {
    return await readFile(WASM);
  } catch (cause) {
    throw new HaetaeError('E_NOT_FOUND', 'kernel.wasm is not beside the compiled kernels', {
      remedy: 'build Haetae anew with npm run build',
      cause,
    });
  }
}
