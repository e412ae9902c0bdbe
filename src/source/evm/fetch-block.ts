import { HaetaeError } from '../../base/errors.ts';
import type { Endpoint } from '../endpoint.ts';
import { badAnswer, isFault, sourceFault } from '../net/fault.ts';
import { toQuantity } from './hex.ts';
import { parseRawBlock, parseReceipts, type RawBlock, type RawBundle } from './raw.ts';
import type { RawReceipt } from './raw-receipt.ts';
import { parseTraces, type RawTraces } from './raw-trace.ts';
import type { CallOptions, Rpc } from './rpc.ts';
import { isMethodMissing, isTooWide } from './rpc-fault.ts';

/** Ways to the value that moves inside contracts, in the order tried. */
type TraceWay = 'trace_block' | 'debug_traceBlockByHash' | 'debug_traceBlockByNumber' | 'none';
const TRACE_WAYS: readonly TraceWay[] = ['trace_block', 'debug_traceBlockByHash', 'debug_traceBlockByNumber', 'none'];
const CALL_TRACER = { tracer: 'callTracer' };

export type OnBytes = (bytes: number) => void;

/** Reads one block with its receipts and traces as the node gives them, by the ways that this node has. */
export class BlockFetcher {
  readonly #endpoint: Endpoint;
  readonly #rpc: Rpc;
  readonly #onNotice: ((text: string) => void) | undefined;
  #tracesBy: TraceWay = 'trace_block';
  #tracesTold = false;
  #wholeReceipts = true;

  constructor(endpoint: Endpoint, rpc: Rpc, onNotice?: (text: string) => void) {
    this.#endpoint = endpoint;
    this.#rpc = rpc;
    this.#onNotice = onNotice;
  }

  /** The block's own answer, with whole transactions or their hashes. E_SOURCE_BEHIND, or E_SOURCE_PRUNED, where there is none. */
  async block(number: bigint, whole: boolean, onBytes?: OnBytes): Promise<unknown> {
    const params = [toQuantity(number), whole];
    const answer = await this.#rpc.call('eth_getBlockByNumber', params, this.#options(whole, onBytes));
    if (answer === null) throw await this.absent(number);
    return answer;
  }

  async whole(number: bigint, onBytes?: OnBytes): Promise<RawBlock> {
    return parseRawBlock(await this.block(number, true, onBytes), number);
  }

  async withRest(block: RawBlock, onBytes?: OnBytes): Promise<RawBundle> {
    const [receipts, traces] = await Promise.all([this.#receipts(block, onBytes), this.#traces(block, onBytes)]);
    return { block, receipts, traces };
  }

  /** Why a block is not there. */
  async absent(number: bigint): Promise<HaetaeError> {
    const head = await this.#rpc.call('eth_blockNumber', []);
    const context = { block: number.toString(), head: Number(head) };
    const above = typeof head === 'string' && /^0x[0-9a-f]{1,16}$/i.test(head) && number > BigInt(head);
    return above
      ? sourceFault(
          'E_SOURCE_BEHIND',
          this.#endpoint,
          'the endpoint does not have the block yet',
          'wait until it has caught up, or name a second endpoint of the same chain',
          context,
        )
      : sourceFault(
          'E_SOURCE_PRUNED',
          this.#endpoint,
          'the endpoint does not give a block below its head',
          'name an endpoint that keeps the whole chain',
          context,
        );
  }

  #options(alone: boolean, onBytes: OnBytes | undefined): CallOptions {
    return { alone, ...(onBytes === undefined ? {} : { onBytes }) };
  }

  async #receipts(block: RawBlock, onBytes: OnBytes | undefined): Promise<readonly RawReceipt[]> {
    if (block.transactions.length === 0) return [];
    if (this.#wholeReceipts) {
      try {
        // By hash: a reorganisation between the two answers cannot mix two blocks.
        const answer = await this.#rpc.call('eth_getBlockReceipts', [block.hash], this.#options(true, onBytes));
        if (answer !== null) return parseReceipts(answer, block);
        throw this.#gone(block, 'receipts');
      } catch (error) {
        if (!isMethodMissing(error) && !isTooWide(error) && !isBadParameter(error)) throw error;
        this.#wholeReceipts = isTooWide(error);
      }
    }
    const answers = await Promise.all(
      block.transactions.map(({ hash }) => this.#rpc.call('eth_getTransactionReceipt', [hash])),
    );
    if (answers.includes(null)) throw this.#gone(block, 'receipts');
    return parseReceipts(answers, block);
  }

  async #traces(block: RawBlock, onBytes: OnBytes | undefined): Promise<RawTraces | null> {
    for (;;) {
      const way = this.#tracesBy;
      // Rewards for work, in no transaction, are in trace_block only.
      const rewarded = way === 'trace_block' && block.difficulty !== '0x0';
      if (block.transactions.length === 0 && !rewarded) return parseTraces([], block, 'geth');
      if (way === 'none') return null;
      try {
        const answer = await this.#rpc.call(way, traceParams(way, block), this.#options(true, onBytes));
        if (answer === null) throw this.#gone(block, 'traces');
        return parseTraces(answer, block, way === 'trace_block' ? 'parity' : 'geth');
      } catch (error) {
        if (isFault(error, 'E_SOURCE_PRUNED'))
          return this.#withoutTraces('no longer has the state for traces of old blocks');
        // A block whose traces are longer, or slower to make, than the endpoint allows.
        if (isTooWide(error)) return this.#withoutTraces('does not give the traces of a large block');
        if (!isMethodMissing(error) && !isBadParameter(error)) throw error;
        if (this.#tracesBy === way) this.#tracesBy = TRACE_WAYS[TRACE_WAYS.indexOf(way) + 1]!;
        if (this.#tracesBy === 'none') this.#withoutTraces('gives no traces');
      }
    }
  }

  #withoutTraces(why: string): null {
    if (!this.#tracesTold) {
      this.#onNotice?.(`${this.#endpoint.name} ${why}: value that moves inside contracts is told by balances only`);
    }
    this.#tracesTold = true;
    return null;
  }

  // A block that was just given is no longer known by its hash: reorganised away, or another node behind a balancer.
  #gone(block: RawBlock, what: string): HaetaeError {
    const context = { block: block.number.toString(), hash: block.hash };
    const said = `the endpoint gives a block but not its ${what}`;
    const remedy = 'try again, or name a second endpoint of the same chain';
    return sourceFault('E_SOURCE_BEHIND', this.#endpoint, said, remedy, context);
  }
}

function traceParams(way: TraceWay, block: RawBlock): readonly unknown[] {
  if (way === 'trace_block') return [toQuantity(block.number)];
  return [way === 'debug_traceBlockByHash' ? block.hash : toQuantity(block.number), CALL_TRACER];
}

/** -32602: the method is there, but not in this form (a hash where it wants a number). */
function isBadParameter(error: unknown): boolean {
  return isFault(error, 'E_SOURCE_ANSWER') && error.context.rpcCode === -32602;
}

/** Faults found in answers name the block and the field; this adds which endpoint it was. */
export function withEndpoint(endpoint: Endpoint, error: unknown): unknown {
  if (!isFault(error, 'E_SOURCE_LIES', 'E_SOURCE_ANSWER') || error.context.endpoint !== undefined) return error;
  return new HaetaeError(error.code, error.message, {
    context: { endpoint: endpoint.name, ...error.context },
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
    retry: error.retry,
  });
}

export function notTheChain(endpoint: Endpoint, given: unknown): HaetaeError {
  const id = typeof given === 'string' && /^0x[0-9a-f]{1,16}$/i.test(given) ? `eip155:${BigInt(given)}` : null;
  if (id === null) return badAnswer(endpoint, 'the answer to eth_chainId is not a number');
  return sourceFault(
    'E_SOURCE_CHAIN',
    endpoint,
    `the endpoint serves ${id}, not ${endpoint.chain.id}`,
    `name an endpoint of ${endpoint.chain.name}`,
    { wanted: endpoint.chain.id, given: id },
  );
}
