import { HaetaeError } from '../base/errors.ts';
import { formatAmount, MAX_AMOUNT, requireAmount } from '../base/money.ts';
import { formatTime, requireTime, type UnixSeconds } from '../base/time.ts';
import { requireAddress } from '../model/address.ts';
import { type Asset, requireAsset } from '../model/asset.ts';
import { type Chain, requireChain } from '../model/chain.ts';
import type { VerdictRequest } from './verdict.ts';

/** What a caller asks of an address, as written. */
export interface AddressQuestion {
  readonly chain: string;
  readonly address: string;
  readonly asset?: string | undefined;
  readonly customer?: string | undefined;
  readonly segment?: string | undefined;
  /** Labels as they were known then. */
  readonly asOf?: string | undefined;
}

/** What a caller asks of a deposit or a planned withdrawal, as written. */
export interface TransferQuestion {
  readonly chain: string;
  readonly asset: string;
  readonly direction: 'deposit' | 'withdrawal';
  /** Whole units as decimal text. */
  readonly amount?: string | undefined;
  /** In place of `amount`. */
  readonly amountBase?: string | undefined;
  readonly tx?: string | undefined;
  /** The counterparty: sender of a deposit, recipient of a withdrawal. */
  readonly address?: string | undefined;
  /** One's own address that a deposit was paid to: tells which payments of the transaction are meant. */
  readonly to?: string | undefined;
  readonly customer?: string | undefined;
  readonly segment?: string | undefined;
  /** When the transfer is made; left out: the transaction's time where it is known, else now. */
  readonly at?: string | undefined;
  readonly asOf?: string | undefined;
}

/** A question in one form, with what the verdict's request does not keep. */
export interface ReadQuestion {
  readonly chain: Chain;
  readonly request: VerdictRequest;
  readonly to: string | null;
  readonly transferAt: UnixSeconds | null;
  readonly asOf: UnixSeconds | null;
  /** As the caller wrote it: it never goes into a record. */
  readonly reference: string | null;
}

/** No transfer is planned further ahead, and no clock is wrong by more. */
const LATEST_AHEAD = 7 * 86_400;

/** Throws E_ASSET, E_ADDRESS, E_TIME. */
export function readAddressQuestion(question: AddressQuestion, now: UnixSeconds): ReadQuestion {
  const chain = requireChain(question.chain);
  const address = requireAddress(chain, question.address, 'address');
  const asset = question.asset === undefined ? null : requireAsset(question.asset, chain.id);
  const asOf = dateOf(question.asOf, 'asOf', now);
  return {
    chain,
    request: requestOf({ kind: 'address', chain, address, asset, question, asOf, transferAt: null }),
    to: null,
    transferAt: null,
    asOf,
    reference: question.customer ?? null,
  };
}

/** Throws E_ASSET, E_ADDRESS, E_AMOUNT, E_TIME, E_FIELD. The amount may be left out of a deposit whose transaction is stored. */
export function readTransferQuestion(question: TransferQuestion, now: UnixSeconds): ReadQuestion {
  const chain = requireChain(question.chain);
  const asset = requireAsset(question.asset, chain.id);
  if (question.address === undefined && (question.direction === 'withdrawal' || question.tx === undefined)) {
    throw new HaetaeError('E_FIELD', 'the counterparty is not told', {
      context: { field: 'address' },
      remedy: 'give address (sender of a deposit, recipient of a withdrawal), or tx of a deposit that is stored',
    });
  }
  const address = question.address === undefined ? null : requireAddress(chain, question.address, 'address');
  const to = question.to === undefined ? null : requireAddress(chain, question.to, 'to');
  const transferAt = dateOf(question.at, 'at', now + LATEST_AHEAD);
  const asOf = dateOf(question.asOf, 'asOf', now);
  const amount = amountOf(question, asset);
  const request = requestOf({ kind: 'transfer', chain, address, asset, question, asOf, transferAt });
  return {
    chain,
    request: {
      ...request,
      direction: question.direction,
      amount: amount === null ? null : amount.toString(),
      tx: question.tx === undefined ? null : txOf(chain, question.tx),
    },
    to,
    transferAt,
    asOf,
    reference: question.customer ?? null,
  };
}

interface RequestParts {
  readonly kind: VerdictRequest['kind'];
  readonly chain: Chain;
  readonly address: string | null;
  readonly asset: Asset | null;
  readonly question: { readonly segment?: string | undefined };
  readonly asOf: UnixSeconds | null;
  readonly transferAt: UnixSeconds | null;
}

function requestOf({ kind, chain, address, asset, question, asOf, transferAt }: RequestParts): VerdictRequest {
  return {
    kind,
    chain: chain.id,
    address,
    direction: null,
    asset: asset?.id ?? null,
    amount: null,
    decimals: asset?.decimals ?? null,
    symbol: asset?.symbol ?? null,
    tx: null,
    transferAt: transferAt === null ? null : formatTime(transferAt),
    asOf: asOf === null ? null : formatTime(asOf),
    customer: null,
    segment: question.segment ?? null,
  };
}

function amountOf(question: TransferQuestion, asset: Asset): bigint | null {
  if (question.amount !== undefined && question.amountBase !== undefined) {
    throw new HaetaeError('E_FIELD', 'amount and amountBase are both given', {
      context: { field: 'amountBase' },
      remedy: 'give one of them',
    });
  }
  if (question.amountBase !== undefined) return requireAmount(question.amountBase, 0, 'amountBase');
  if (question.amount === undefined) {
    if (question.tx !== undefined) return null;
    throw new HaetaeError('E_FIELD', 'no amount is given', {
      context: { field: 'amount' },
      remedy: 'give amount in whole units or amountBase in base units',
    });
  }
  if (asset.decimals === null) {
    throw new HaetaeError('E_AMOUNT', 'the decimals of this asset are not known', {
      context: { field: 'amount', asset: asset.id },
      remedy: 'give amountBase, in base units',
    });
  }
  return requireAmount(question.amount, asset.decimals, 'amount');
}

const TX = /^(?:0x)?[0-9a-f]{64}$/;

function txOf(chain: Chain, text: string): string {
  const folded = text.trim().toLowerCase();
  if (chain.addressFormat === 'any') return text.trim();
  if (!TX.test(folded)) {
    throw new HaetaeError('E_FIELD', 'tx is not a transaction hash', {
      context: { field: 'tx', value: text.slice(0, 80) },
      remedy: 'give its 64 hex digits as the chain writes them',
    });
  }
  const digits = folded.startsWith('0x') ? folded.slice(2) : folded;
  return chain.addressFormat === 'evm' ? `0x${digits}` : digits;
}

/** Seconds; null where none is given. Throws E_TIME, also where it lies after `latest`. */
export /** 2009-01-03T18:15:05Z, the genesis block of Bitcoin: no label is older either, so an earlier date would clear everybody. */
const FIRST_BLOCK: UnixSeconds = 1_231_006_505;

/** Seconds; null where none is given. Throws E_TIME, also where it lies after `latest`. */
export function dateOf(text: string | undefined, field: string, latest: UnixSeconds): UnixSeconds | null {
  if (text === undefined) return null;
  const time = requireTime(text, field);
  if (time >= FIRST_BLOCK && time <= latest) return time;
  const early = time < FIRST_BLOCK;
  throw new HaetaeError('E_TIME', `${field} lies ${early ? 'before the first block of any chain' : 'in the future'}`, {
    context: { field, value: text.slice(0, 40) },
    remedy: early ? 'check the year' : 'check the date and the clock of this machine',
  });
}

/** As printed: 1.5 ETH; base units where the decimals are not known. */
export function amountText(amount: bigint, asset: Pick<Asset, 'decimals' | 'symbol'>): string {
  if (amount > MAX_AMOUNT) throw new RangeError('an amount above 2^256 - 1');
  return asset.decimals === null
    ? `${amount} base units of ${asset.symbol}`
    : `${formatAmount(amount, asset.decimals)} ${asset.symbol}`;
}
