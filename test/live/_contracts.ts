import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The contracts beside this file, compiled once a process when the first is asked for (it takes seconds). */

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '../../../test/live/contracts');

interface Solc {
  compile(input: string): string;
}

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, { evm: { bytecode: { object: string } } }>>>>;
}

let compiled: ReadonlyMap<string, string> | null = null;

/** Creation code of a contract by its name, 0x…; constructor arguments are appended by `Anvil.deploy`. */
export function bytecode(name: string): string {
  compiled ??= compileAll();
  return compiled.get(name) ?? assert.fail(`no contract ${name}`);
}

function compileAll(): Map<string, string> {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.sol'));
  const sources = Object.fromEntries(
    files.map((name) => [name, { content: readFileSync(join(FOLDER, name), 'utf8') }]),
  );
  const settings = {
    optimizer: { enabled: true, runs: 200 },
    evmVersion: 'paris',
    outputSelection: { '*': { '*': ['evm.bytecode.object'] } },
  };
  const output = JSON.parse(withSolc(JSON.stringify({ language: 'Solidity', sources, settings }))) as Output;
  const faults = (output.errors ?? []).filter((error) => error.severity === 'error');
  assert.deepEqual(
    faults.map((fault) => fault.formattedMessage),
    [],
  );
  const found = new Map<string, string>();
  for (const contracts of Object.values(output.contracts ?? {})) {
    for (const [name, { evm }] of Object.entries(contracts)) found.set(name, `0x${evm.bytecode.object}`);
  }
  return found;
}

/** The compiler takes over how the process ends on an unhandled rejection; that is not wanted of a test. */
function withSolc(input: string): string {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.rawListeners(event));
  const solc = createRequire(import.meta.url)('solc') as Solc;
  events.forEach((event, index) => {
    for (const listener of process.rawListeners(event)) {
      if (!before[index]!.includes(listener)) process.removeListener(event, listener as () => void);
    }
  });
  return solc.compile(input);
}
