import type { ChainId } from '../../model/chain.ts';
import { ADDRESS_PAD, dataWord, erc20, wordAddress, wordAmount, wordCount } from './decode-word.ts';
import { selectorOf } from './keccak.ts';
import type { RawTransaction } from './raw.ts';
import type { RawFrame } from './raw-trace.ts';
import type { SignalFacts } from './signals-facts.ts';
import { actorOf } from './verify-traces.ts';

/** Calls by which a Safe does what its owners or a module want; word 0 is the target, word 3 the operation (1: delegatecall). */
const SAFE_RUNS: ReadonlySet<string> = new Set([
  selectorOf('execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)'),
  selectorOf('execTransactionFromModule(address,uint256,bytes,uint8)'),
  selectorOf('execTransactionFromModuleReturnData(address,uint256,bytes,uint8)'),
]);
/** Runs code of another contract as the Safe once, when it is made: word 2 is the target. */
const SAFE_SETUP = selectorOf('setup(address[],uint256,address,bytes,address,address,uint256,address)');
const PERMIT = selectorOf('permit(address,address,uint256,uint256,uint8,bytes32,bytes32)');
/** DAI's own: all or nothing. */
const PERMIT_ALL = selectorOf('permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)');
/** The shortest of them has four words; a transfer of a token has two. */
const MIN_INPUT = 10 + 4 * 64;
const NONE: SignalFacts[] = [];
const MAX_ALLOWANCE = 2n ** 256n - 1n;

/**
 * Signals of a transaction's calls: of every frame where there are traces, else of the transaction's own input. A delegatecall is
 * given once for each Safe and target, whether its input asks for it or a frame shows it.
 */
export function callSignals(tx: RawTransaction, frames: readonly RawFrame[] | null, chain: ChainId): SignalFacts[] {
  if (frames === null) return tx.to === null ? [] : fromInput(tx.to, tx.input, chain);
  const found: SignalFacts[] = [];
  for (const frame of frames) {
    if (frame.undone) continue;
    if (frame.kind === 'call') found.push(...fromInput(frame.to!, frame.input, chain));
    else if (frame.kind === 'delegatecall') found.push(...fromFrame(frame, frames));
  }
  const seen = new Set<string>();
  return found.filter(({ kind, account, grantee }) => {
    const key = `${kind}|${account}|${grantee}`;
    const fresh = kind !== 'delegatecall' || !seen.has(key);
    seen.add(key);
    return fresh;
  });
}

function fromInput(to: string, input: string, chain: ChainId): SignalFacts[] {
  if (input.length < MIN_INPUT) return NONE;
  const selector = input.slice(0, 10);
  if (SAFE_RUNS.has(selector)) return asked(to, input, 0, true);
  if (selector === SAFE_SETUP) return asked(to, input, 2, false);
  if (selector === PERMIT || selector === PERMIT_ALL) return permitted(to, input, selector, chain);
  return NONE;
}

/** Arguments after the selector, as words. */
function argument(input: string, position: number): string | null {
  const data = `0x${input.slice(10)}`;
  return position < wordCount(data) ? dataWord(data, position) : null;
}

function asked(safe: string, input: string, position: number, operation: boolean): SignalFacts[] {
  const target = argument(input, position);
  const kind = operation ? argument(input, 3) : null;
  if (target === null || !target.startsWith(ADDRESS_PAD)) return [];
  if (operation ? kind === null || wordAmount(kind) !== 1n : wordAmount(target) === 0n) return [];
  return [{ kind: 'delegatecall', account: safe, grantee: wordAddress(target) }];
}

function permitted(token: string, input: string, selector: string, chain: ChainId): SignalFacts[] {
  const [owner, spender, amount, allowed] = [0, 1, 2, 4].map((position) => argument(input, position));
  if (!owner?.startsWith(ADDRESS_PAD) || !spender?.startsWith(ADDRESS_PAD) || !amount || !allowed) return [];
  const all = wordAmount(allowed) === 0n ? 0n : MAX_ALLOWANCE;
  return [
    {
      kind: 'permit',
      account: wordAddress(owner),
      grantee: wordAddress(spender),
      asset: erc20(chain, token),
      amount: selector === PERMIT ? wordAmount(amount) : all,
    },
  ];
}

/**
 * A delegatecall made as a Safe while it runs one of the calls above: not the one by which its proxy runs its own code, which
 * passes on the very input it got.
 */
function fromFrame(frame: RawFrame, frames: readonly RawFrame[]): SignalFacts[] {
  const run = runOf(frame, frames);
  if (run === null || frame.input === run.input) return [];
  return [{ kind: 'delegatecall', account: frame.from, grantee: frame.to }];
}

/** The nearest call above by which the same account was asked to run something; null where there is none. */
function runOf(frame: RawFrame, frames: readonly RawFrame[]): RawFrame | null {
  for (let at = frame.parent; at >= 0; at = frames[at]!.parent) {
    const above = frames[at]!;
    if (actorOf(above) !== frame.from) return null;
    if (above.kind === 'call') {
      const selector = above.input.slice(0, 10);
      return SAFE_RUNS.has(selector) || selector === SAFE_SETUP ? above : null;
    }
  }
  return null;
}
