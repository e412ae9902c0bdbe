import type { RawBlock } from './raw.ts';
import {
  type At,
  address,
  answerFault,
  asList,
  asObject,
  data,
  hash,
  type Json,
  numberOf,
  optionalAddress,
  optionalQuantity,
  quantity,
} from './raw-field.ts';

/** `parity`: trace_block, a flat list. `geth`: debug_traceBlockByNumber with the callTracer, a tree for each transaction. */
export type TraceForm = 'parity' | 'geth';

export type FrameKind = 'call' | 'callcode' | 'delegatecall' | 'staticcall' | 'create' | 'selfdestruct';

/** One call, creation or self-destruct, the same for both forms. */
export interface RawFrame {
  readonly kind: FrameKind;
  /** Position of the frame that made it, in the list of its transaction; -1 for the first. */
  readonly parent: number;
  /** Positions among siblings from the root down, as `trace_block` writes them: `0_2`. */
  readonly path: string;
  /** The account that acts: for a delegatecall the one whose storage and money are used. */
  readonly from: string;
  /** Receiver, code used, created contract or beneficiary; null where a creation failed and the node names none. */
  readonly to: string | null;
  /** What the frame says of value; a delegatecall may repeat its parent's, which moves nothing. */
  readonly value: string;
  readonly input: string;
  /** It failed itself. */
  readonly failed: boolean;
  /** It, or a frame above it, failed: it left nothing behind. */
  readonly undone: boolean;
  /**
   * Number among the frames of its transaction that every tracer shows, in the order they began: calls of precompiled
   * contracts from within that carry no value are left out, because `trace_block` leaves them out.
   */
  readonly place: number;
}

/** What the chain itself gives to the maker of a block (parity form only). */
export interface RawReward {
  readonly kind: string;
  readonly author: string;
  readonly value: string;
}

export interface RawTraces {
  readonly form: TraceForm;
  /** Frames of each transaction of the block, in its order; the first is the transaction itself. */
  readonly transactions: readonly (readonly RawFrame[])[];
  readonly rewards: readonly RawReward[];
  /** The first field by which a trace names another block or transaction than the one it stands in; null where none does. */
  readonly strange: { readonly field: string; readonly tx: string | null } | null;
}

interface Draft extends Omit<RawFrame, 'undone' | 'place'> {}

const MAX_FRAMES = 5_000_000;

/** Throws E_SOURCE_ANSWER. That the traces are those of the block is for verify.ts to say. */
export function parseTraces(value: unknown, block: RawBlock, form: TraceForm): RawTraces {
  return form === 'parity' ? parseParity(value, block) : parseGeth(value, block);
}

function finish(drafts: readonly Draft[], form: TraceForm): RawFrame[] {
  const frames: RawFrame[] = [];
  let place = 0;
  for (const draft of drafts) {
    const above = draft.parent < 0 ? null : frames[draft.parent]!;
    const hidden = form === 'geth' && above !== null && isQuietPrecompile(draft);
    frames.push({ ...draft, undone: draft.failed || (above?.undone ?? false), place: hidden ? -1 : place });
    if (!hidden) place += 1;
  }
  return frames;
}

/** 0x01 to 0x11 (Frontier to Prague) and 0x100 (RIP-7212, Osaka). */
const PRECOMPILE = /^0x0{38}(?:0[1-9a-f]|1[01])$|^0x0{37}100$/;

function isQuietPrecompile({ kind, to, value }: Draft): boolean {
  const called = kind !== 'create' && kind !== 'selfdestruct';
  return called && to !== null && PRECOMPILE.test(to) && (kind === 'delegatecall' || value === '0x0');
}

/** --- geth form: [{ txHash, result: { type, from, to, value, input, gasUsed, error, calls } }] */
function parseGeth(value: unknown, block: RawBlock): RawTraces {
  const at: At = { block: block.number.toString() };
  const list = asList(value, at, 'traces');
  if (list.length !== block.transactions.length)
    throw answerFault(at, 'traces', `has ${list.length} entries for ${block.transactions.length} transactions`);
  let strange: RawTraces['strange'] = null;
  const transactions = list.map((each, i) => {
    const tx = block.transactions[i]!.hash;
    const inside: At = { block: at.block, tx };
    const source = asObject(each, inside, 'trace');
    if (source.txHash !== undefined && hash(source.txHash, 'txHash', inside) !== tx)
      strange ??= { field: 'trace.txHash', tx };
    return finish(walkGeth(asObject(source.result, inside, 'trace.result'), inside), 'geth');
  });
  return { form: 'geth', transactions, rewards: [], strange };
}

const GETH_KINDS = new Map<unknown, FrameKind>([
  ['CALL', 'call'],
  ['CALLCODE', 'callcode'],
  ['DELEGATECALL', 'delegatecall'],
  ['STATICCALL', 'staticcall'],
  ['CREATE', 'create'],
  ['CREATE2', 'create'],
  ['SELFDESTRUCT', 'selfdestruct'],
  ['SUICIDE', 'selfdestruct'],
]);

/** Depth first with a stack of its own: a tree may be 1,024 deep. */
function walkGeth(root: Json, at: At): Draft[] {
  const drafts: Draft[] = [];
  const stack: { source: Json; parent: number; path: string }[] = [{ source: root, parent: -1, path: '' }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { source, parent, path } = next;
    const inside: At = { ...at, path: `trace.${path === '' ? '' : `${path}.`}` };
    const position = drafts.length;
    drafts.push(gethFrame(source, parent, path, inside));
    if (position > MAX_FRAMES) throw answerFault(inside, 'calls', 'has too many entries');
    if (source.calls === undefined || source.calls === null) continue;
    const calls = asList(source.calls, inside, 'calls');
    for (let i = calls.length - 1; i >= 0; i -= 1) {
      const child = asObject(calls[i], inside, `calls.${i}`);
      stack.push({ source: child, parent: position, path: path === '' ? String(i) : `${path}_${i}` });
    }
  }
  return drafts;
}

function gethFrame(source: Json, parent: number, path: string, at: At): Draft {
  const kind = GETH_KINDS.get(source.type);
  if (kind === undefined) throw answerFault(at, 'type', 'is no kind of call');
  const failed = hasError(source, at);
  const to = kind === 'create' ? optionalAddress(source.to, 'to', at) : address(source.to, 'to', at);
  if (to === null && !failed) throw answerFault(at, 'to', 'is missing');
  return {
    kind,
    parent,
    path,
    from: address(source.from, 'from', at),
    to,
    value: optionalQuantity(source.value, 'value', at) ?? '0x0',
    input: kind === 'selfdestruct' ? '0x' : data(source.input, 'input', at),
    failed,
  };
}

function hasError(source: Json, at: At): boolean {
  if (source.error === undefined || source.error === null) return false;
  if (typeof source.error === 'string' && source.error !== '') return true;
  throw answerFault(at, 'error', 'is not a text');
}

/** --- parity form: [{ type, action, result, error, subtraces, traceAddress, transactionHash, transactionPosition }] */
function parseParity(value: unknown, block: RawBlock): RawTraces {
  const at: At = { block: block.number.toString() };
  const list = asList(value, at, 'traces');
  if (list.length > MAX_FRAMES) throw answerFault(at, 'traces', 'has too many entries');
  const grouped: Json[][] = block.transactions.map(() => []);
  const rewards: RawReward[] = [];
  let strange: RawTraces['strange'] = null;
  for (const [i, each] of list.entries()) {
    const inside: At = { block: at.block, path: `traces.${i}.` };
    const source = asObject(each, at, `traces.${i}`);
    const reward = source.type === 'reward';
    const position = reward ? -1 : positionOf(source, block, inside);
    const field = strangeField(source, block, position, inside);
    if (field !== null)
      strange ??= { field: `traces.${i}.${field}`, tx: reward ? null : block.transactions[position]!.hash };
    if (reward) rewards.push(readReward(source, inside));
    else grouped[position]!.push(source);
  }
  const transactions = grouped.map((sources, i) =>
    finish(walkParity(sources, { block: at.block, tx: block.transactions[i]!.hash }), 'parity'),
  );
  return { form: 'parity', transactions, rewards, strange };
}

function strangeField(source: Json, block: RawBlock, position: number, at: At): string | null {
  if (hash(source.blockHash, 'blockHash', at, block.hash) !== block.hash) return 'blockHash';
  if (BigInt(quantity(source.blockNumber, 'blockNumber', at)) !== block.number) return 'blockNumber';
  if (position < 0 || hash(source.transactionHash, 'transactionHash', at) === block.transactions[position]!.hash)
    return null;
  return 'transactionHash';
}

function positionOf(source: Json, block: RawBlock, at: At): number {
  const position = numberOf(quantity(source.transactionPosition, 'transactionPosition', at));
  if (position < block.transactions.length) return position;
  throw answerFault(at, 'transactionPosition', 'is beyond the block’s transactions');
}

function readReward(source: Json, at: At): RawReward {
  const inside = { ...at, path: `${at.path}action.` };
  const action = asObject(source.action, at, 'action');
  return {
    kind: typeof action.rewardType === 'string' ? action.rewardType : '',
    author: address(action.author, 'author', inside),
    value: quantity(action.value, 'value', inside),
  };
}

/** Each frame must be the next child of an open one, and have as many children as it says. */
function walkParity(sources: readonly Json[], at: At): Draft[] {
  const drafts: Draft[] = [];
  const open: { position: number; children: number; said: number; path: string }[] = [];
  const close = (depth: number): void => {
    while (open.length > depth) {
      const done = open.pop()!;
      if (done.children !== done.said)
        throw answerFault({ ...at, path: tracePath(done.path) }, 'subtraces', 'is not the number of calls that follow');
    }
  };
  for (const [position, source] of sources.entries()) {
    const address = readTraceAddress(source, at);
    const path = address.join('_');
    const inside: At = { ...at, path: tracePath(path) };
    close(address.length);
    const parent = open.at(-1);
    if (path !== nextPath(parent, position) || open.length !== address.length)
      throw answerFault(inside, 'traceAddress', 'does not follow from the one before');
    if (parent !== undefined) parent.children += 1;
    drafts.push(parityFrame(source, parent?.position ?? -1, path, inside));
    open.push({ position, children: 0, said: numberOf(quantity(source.subtraces, 'subtraces', inside)), path });
  }
  close(0);
  return drafts;
}

/** The one path that may follow: the first frame, or the next child of the frame that is open. */
function nextPath(parent: { readonly path: string; readonly children: number } | undefined, position: number): string {
  if (parent === undefined) return position === 0 ? '' : 'none';
  return parent.path === '' ? String(parent.children) : `${parent.path}_${parent.children}`;
}

function tracePath(path: string): string {
  return `trace.${path === '' ? '' : `${path}.`}`;
}

function readTraceAddress(source: Json, at: At): readonly number[] {
  const list = asList(source.traceAddress, at, 'trace.traceAddress');
  if (list.length <= 1100 && list.every((each) => Number.isSafeInteger(each) && (each as number) >= 0))
    return list as readonly number[];
  throw answerFault(at, 'trace.traceAddress', 'is not a list of positions');
}

const CALL_TYPES = new Map<unknown, FrameKind>([
  ['call', 'call'],
  ['callcode', 'callcode'],
  ['delegatecall', 'delegatecall'],
  ['staticcall', 'staticcall'],
]);

function parityFrame(source: Json, parent: number, path: string, at: At): Draft {
  const action = asObject(source.action, at, 'action');
  const failed = hasError(source, at);
  const result = source.result === undefined || source.result === null ? null : asObject(source.result, at, 'result');
  const shared = { parent, path, failed };
  const inAction: At = { ...at, path: `${at.path}action.` };
  const inResult: At = { ...at, path: `${at.path}result.` };
  if (source.type === 'suicide' || source.type === 'selfdestruct') {
    return {
      ...shared,
      kind: 'selfdestruct',
      from: address(action.address, 'address', inAction),
      to: address(action.refundAddress, 'refundAddress', inAction),
      value: quantity(action.balance, 'balance', inAction),
      input: '0x',
    };
  }
  if (result === null && !failed) throw answerFault(at, 'result', 'is missing');
  const from = address(action.from, 'from', inAction);
  const value = quantity(action.value, 'value', inAction);
  if (source.type === 'create') {
    const to = result === null ? null : address(result.address, 'address', inResult);
    return { ...shared, kind: 'create', from, to, value, input: data(action.init, 'init', inAction) };
  }
  const kind = source.type === 'call' ? CALL_TYPES.get(action.callType) : undefined;
  if (kind === undefined)
    throw answerFault(at, source.type === 'call' ? 'action.callType' : 'type', 'is no kind of call');
  const to = address(action.to, 'to', inAction);
  return { ...shared, kind, from, to, value, input: data(action.input, 'input', inAction) };
}
