/** Compiles the kernels to dist/src/kernel/kernel.wasm, where that is older than a source of theirs. Part of `npm run build`. */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const root = resolve(folder, '../../..');
const target = join(root, 'dist/src/kernel/kernel.wasm');
const written = statSync(target, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const changed = Math.max(...readdirSync(folder).map((name) => statSync(join(folder, name)).mtimeMs));

if (changed >= written) {
  const { default: asc } = await import('assemblyscript/asc');
  mkdirSync(dirname(target), { recursive: true });
  const files = [join(folder, 'kernel.ts'), '--outFile', target].map((word, at) => (at === 1 ? word : relative(root, word)));
  // No runtime: the kernels allocate nothing, their caller lays out the memory it gives them.
  const options = ['--runtime', 'stub', '--importMemory', '--noExportMemory', '--enable', 'simd', '--noAssert', '-O3'];
  const { error, stderr } = await asc.main([...files, ...options, '--baseDir', root]);
  process.stderr.write(stderr.toString());
  if (error) process.exitCode = 1;
}
