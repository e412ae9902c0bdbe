import type { HaetaeError } from '../../base/errors.ts';
import type { Endpoint } from '../endpoint.ts';
import { badAnswer, isFault, limited, sourceFault } from '../net/fault.ts';

/** What nodes say in words, for there is no code that they share. Geth, Erigon, Nethermind, Besu, Reth, anvil and large providers. */
const MISSING_METHOD =
  /method .*(?:not (?:found|supported|available|allowed|exist|enabled)|is (?:disabled|unavailable)|does not exist)|method not found|unsupported method|unknown method|not whitelisted|rpc method|namespace .*(?:disabled|not)|not (?:available|supported) on (?:your|this)|upgrade (?:your|to)|module .*disabled|untagged enum/i;
const TOO_FAST =
  /rate.?limit|too many requests|request limit|requests? per (?:second|minute)|compute units|throughput|capacity exceeded|daily (?:request|limit)|throttle|quota/i;
const TOO_WIDE =
  /query returned more|more than \d+ (?:results|logs|blocks)|response size|too many (?:results|logs|blocks)|block ?range|range (?:is )?(?:too|limit|exceed)|exceed(?:s|ed)? .*(?:range|limit|blocks|results)|limited to|max(?:imum)? (?:results|range|block)|result set too large|timed? ?out|too large|batch/i;
const PRUNED =
  /missing trie node|prun|state (?:is |root )?(?:not|un)|state at|historical state|no state|histor(?:y|ical).*(?:unavailable|not available)|header (?:for hash )?not found|block (?:with .*)?not found|could not find block|unknown block|missing block|archive|distance to target block|required historical|old data not available|no historical rpc|resource not found/i;
const NO_BLOCK = /(?:header|block|resource)[^.]* not found|could not find block|unknown block|missing block/i;
const ABOVE_HEAD = /BlockOutOfRange|future block|beyond (?:the )?(?:current )?head|after last accepted|head block/i;
/** Anvil says the same of a block above its head and of one whose state it has dropped; the numbers tell which. */
const HEIGHT_AND_ASKED = /block height is (\d{1,20}) but requested was (\d{1,20})/i;
const REFUSED =
  /api.?key|unauthori[sz]ed|forbidden|access denied|project id|authentication|invalid token|must be authenticated/i;
const REVERTED =
  /revert|invalid opcode|out of gas|stack (?:under|over)flow|invalid jump|bad instruction|vm execution error|always failing/i;

/** A JSON-RPC error as a fault of ours. `fault` in the context is for programs. */
export function rpcFault(endpoint: Endpoint, method: string, code: number, message: string): HaetaeError {
  const context = { method, rpcCode: code };
  const said = redacted(endpoint, message);
  const like = (what: string): string => `${what}: ${said}`;
  if (code === -32601 || MISSING_METHOD.test(message)) {
    return badAnswer(endpoint, like('the node does not offer the method'), { ...context, fault: 'no-method' });
  }
  if (code === 3 || (method === 'eth_call' && REVERTED.test(message))) {
    return badAnswer(endpoint, like('the call reverts'), { ...context, fault: 'reverted' });
  }
  if (REFUSED.test(message)) {
    return sourceFault('E_SOURCE', endpoint, like('the node refuses us'), 'check its key or password', context);
  }
  const dropped = isBelowHead(message);
  if (!dropped && ABOVE_HEAD.test(message)) {
    const remedy = 'wait until it has caught up, or name a second endpoint of the same chain';
    return sourceFault('E_SOURCE_BEHIND', endpoint, like('the node does not have the block yet'), remedy, context);
  }
  if (TOO_FAST.test(message)) return limited(endpoint, like('the node refuses'), { ...context, fault: 'too-fast' });
  if (dropped || PRUNED.test(message)) {
    const remedy = 'name an archive node, or an explorer beside it';
    const fault = !dropped && NO_BLOCK.test(message) ? 'no-block' : 'no-state';
    return sourceFault('E_SOURCE_PRUNED', endpoint, like('the node does not have it'), remedy, { ...context, fault });
  }
  if (code === -32005 || TOO_WIDE.test(message)) {
    return limited(endpoint, like('the node refuses'), { ...context, fault: 'too-wide' });
  }
  return badAnswer(endpoint, like('the node answers with an error'), { ...context, fault: 'rpc' });
}

function isBelowHead(message: string): boolean {
  const [, height, asked] = HEIGHT_AND_ASKED.exec(message) ?? [];
  return height !== undefined && asked !== undefined && BigInt(asked) <= BigInt(height);
}

/** The node has no such method. */
export function isMethodMissing(error: unknown): boolean {
  return isFault(error, 'E_SOURCE_ANSWER') && error.context.fault === 'no-method';
}

/** The node does not know the block: pruned, or one of several behind a balancer that has not caught up. */
export function isNoBlock(error: unknown): boolean {
  return isFault(error, 'E_SOURCE_PRUNED') && error.context.fault === 'no-block';
}

/** Too much was asked in one call: a part of it may be answered. */
export function isTooWide(error: unknown): boolean {
  if (isFault(error, 'E_SOURCE_LIMIT')) return error.context.fault === 'too-wide' || error.context.status === 413;
  return isFault(error, 'E_SOURCE_ANSWER') && error.context.fault === 'too-long';
}

export function isTooFast(error: unknown): boolean {
  return isFault(error, 'E_SOURCE_LIMIT') && error.context.fault === 'too-fast';
}

export function isReverted(error: unknown): boolean {
  return isFault(error, 'E_SOURCE_ANSWER') && error.context.fault === 'reverted';
}

/** At most 160 characters on one line; whatever the endpoint's address or headers hold is taken out, for some nodes quote the key. */
function redacted(endpoint: Endpoint, message: string): string {
  const url = new URL(endpoint.url);
  const parts = [...url.pathname.split('/'), ...url.searchParams.values(), ...Object.values(endpoint.headers)];
  const secrets = parts.flatMap((part) => [part, ...part.split(/\s+/)]).filter((part) => part.length >= 5);
  const clean = secrets.reduce((text, secret) => text.replaceAll(secret, '…'), message);
  return clean
    .replace(/\s+/g, ' ')
    .replace(/https?:\/\/\S+/g, '…')
    .slice(0, 160);
}
