import type { AuthorityChange } from '../../model/authority.ts';
import type { ChainId } from '../../model/chain.ts';
import { ADDRESS_PAD, dataWord, erc20, nft, wordAddress, wordAmount, wordCount, ZERO_WORD } from './decode-word.ts';
import { signatureHash } from './keccak.ts';
import type { RawLog } from './raw-receipt.ts';
import type { SignalFacts } from './signals-facts.ts';

type Read = (log: RawLog, chain: ChainId) => SignalFacts | null;
type Kind = AuthorityChange['kind'];

export const PROXY_CREATION = signatureHash('ProxyCreation(address,address)');
/** A Safe's own word that it was set up, which its code says once; in the versions whose factory names the code (from 1.3.0). */
export const SAFE_SETUP_EVENT = signatureHash('SafeSetup(address,address[],uint256,address,address)');

/**
 * Events by first topic. Safe: https://github.com/safe-global/safe-smart-account/tree/main/contracts/base; up to 1.3.0 nothing of
 * them is indexed, from 1.4.0 addresses are. Proxies: EIP-1967 and OpenZeppelin. Approvals: EIP-20, 721, 1155; Permit2.
 */
export const EVENTS: ReadonlyMap<string, Read> = new Map<string, Read>([
  [signatureHash('Approval(address,address,uint256)'), approval],
  [signatureHash('ApprovalForAll(address,address,bool)'), approvalForAll],
  [signatureHash('Permit(address,address,address,uint160,uint48,uint48)'), permit2('permit')],
  [signatureHash('Approval(address,address,address,uint160,uint48)'), permit2('approval')],
  [signatureHash('AddedOwner(address)'), ofSafe('safeOwnerAdded')],
  [signatureHash('RemovedOwner(address)'), ofSafe('safeOwnerRemoved')],
  [signatureHash('EnabledModule(address)'), ofSafe('safeModuleEnabled')],
  [signatureHash('DisabledModule(address)'), ofSafe('safeModuleDisabled')],
  [signatureHash('ChangedGuard(address)'), ofSafe('safeGuard')],
  [signatureHash('ChangedModuleGuard(address)'), ofSafe('safeGuard')],
  [signatureHash('ChangedFallbackHandler(address)'), ofSafe('safeFallbackHandler')],
  [signatureHash('ChangedMasterCopy(address)'), ofSafe('safeMasterCopy')],
  [signatureHash('ChangedThreshold(uint256)'), threshold],
  [PROXY_CREATION, proxyCreation],
  [signatureHash('OwnershipTransferred(address,address)'), ownership],
  [signatureHash('Upgraded(address)'), ofSafe('proxyUpgraded')],
]);

/** The event's fields in order, whether indexed or not: topics after the first, then the words of the data. Only of fixed size. */
function fields({ topics, data }: RawLog, count: number): readonly string[] | null {
  const words = wordCount(data);
  if (data.length !== 2 + 64 * words || topics.length - 1 + words !== count) return null;
  return [...topics.slice(1), ...Array.from({ length: words }, (_, i) => dataWord(data, i))];
}

function isAddress(word: string): boolean {
  return word.startsWith(ADDRESS_PAD);
}

/** null for the zero address: the right is taken away. */
function granteeOf(word: string): string | null {
  return word === ZERO_WORD ? null : wordAddress(word);
}

/** The amount is the last field; an NFT's number is indexed as a fourth topic. */
function approval(log: RawLog, chain: ChainId): SignalFacts | null {
  const [owner, spender, last] = fields(log, 3) ?? [];
  if (last === undefined || !isAddress(owner!) || !isAddress(spender!)) return null;
  const unique = log.topics.length === 4;
  return {
    kind: 'approval',
    account: wordAddress(owner!),
    grantee: granteeOf(spender!),
    asset: unique ? nft(chain, 'erc721', log.address, last) : erc20(chain, log.address),
    amount: unique ? (spender === ZERO_WORD ? 0n : 1n) : wordAmount(last),
  };
}

/** Amount 1 grants all tokens of the contract, 0 takes the right away. Which standard the contract keeps, the log does not say. */
function approvalForAll(log: RawLog, chain: ChainId): SignalFacts | null {
  const [owner, operator, granted] = fields(log, 3) ?? [];
  if (granted === undefined || !isAddress(owner!) || !isAddress(operator!)) return null;
  const asset = `${chain}/erc721:${log.address}`;
  const amount = wordAmount(granted) === 0n ? 0n : 1n;
  return { kind: 'approvalForAll', account: wordAddress(owner!), grantee: wordAddress(operator!), asset, amount };
}

/** Owner, token and spender indexed; then amount, expiration and, of a permit, its nonce. */
function permit2(kind: Kind): Read {
  return ({ topics, data }, chain) => {
    const [, owner, token, spender] = topics;
    if (spender === undefined || wordCount(data) < 2) return null;
    if (![owner!, token!, spender].every(isAddress)) return null;
    const asset = erc20(chain, wordAddress(token!));
    return {
      kind,
      account: wordAddress(owner!),
      grantee: wordAddress(spender),
      asset,
      amount: wordAmount(dataWord(data, 0)),
    };
  };
}

/** One address, of the contract that logs. */
function ofSafe(kind: Kind): Read {
  return (log) => {
    const [word] = fields(log, 1) ?? [];
    return word === undefined || !isAddress(word) ? null : { kind, account: log.address, grantee: granteeOf(word) };
  };
}

function threshold(log: RawLog): SignalFacts | null {
  const [word] = fields(log, 1) ?? [];
  return word === undefined ? null : { kind: 'safeThreshold', account: log.address, amount: wordAmount(word) };
}

/** Logged by the factory: the new Safe, and the code it runs (its singleton). Anyone can log it: signals.ts asks for the creation. */
function proxyCreation(log: RawLog): SignalFacts | null {
  const [proxy, singleton] = fields(log, 2) ?? [];
  if (singleton === undefined || !isAddress(proxy!) || !isAddress(singleton)) return null;
  return { kind: 'safeMasterCopy', account: wordAddress(proxy!), grantee: wordAddress(singleton) };
}

function ownership(log: RawLog): SignalFacts | null {
  const [, next] = fields(log, 2) ?? [];
  if (next === undefined || !isAddress(next)) return null;
  return { kind: 'ownershipTransferred', account: log.address, grantee: granteeOf(next) };
}
