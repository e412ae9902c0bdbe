import { HaetaeError } from '../base/errors.ts';
import { formatTime, type UnixSeconds } from '../base/time.ts';
import type { Transfer, UtxoTransaction } from '../model/transfer.ts';
import { FEE_KINDS } from '../model/transfer.ts';
import type { Store } from '../store/port.ts';
import { amountText, type ReadQuestion } from './request.ts';
import type { VerdictRequest } from './verdict.ts';

export interface Counterparty {
  readonly address: string;
  /** Base units that it pays or is paid in this transfer; null where no amount is known. */
  readonly amount: bigint | null;
}

/** Whom a question is about, and the request with what the transaction told of it. */
export interface ToldTransfer {
  readonly request: VerdictRequest;
  readonly counterparties: readonly Counterparty[];
  readonly transferAt: UnixSeconds | null;
  readonly missing: readonly string[];
}

type Transactions = Pick<Store, 'transfersOfTx' | 'utxoTransactionsById'>;

/**
 * The counterparties of a transfer: the address given, else those that paid the deposit in its transaction, each with what it paid (of a UTXO
 * transaction: its part of the inputs). Throws E_NOT_FOUND where only a transaction is given and it is not stored or pays nothing of the asset, E_AMOUNT
 * where the amount given is not what the transaction pays.
 */
export async function counterpartiesOf(
  store: Transactions,
  read: ReadQuestion,
  now: UnixSeconds,
): Promise<ToldTransfer> {
  const { request } = read;
  // What else a withdrawal's transaction pays, change above all, is not this one's.
  const to = request.direction === 'withdrawal' ? request.address : read.to;
  const paid = request.tx === null ? null : await paymentOf(store, { ...read, to });
  const transferAt = read.transferAt ?? paid?.time ?? now;
  const missing =
    request.tx !== null && paid === null ? ['the transaction is not in the store: the address given is screened'] : [];
  if (paid !== null && request.direction === 'deposit') requireSameAmount(read, paid);
  const amount = request.amount === null ? (paid?.amount ?? null) : BigInt(request.amount);
  const told = { ...request, amount: amount === null ? null : amount.toString(), transferAt: formatTime(transferAt) };
  if (request.address !== null) {
    return { request: told, counterparties: [{ address: request.address, amount }], transferAt, missing };
  }
  if (paid === null || paid.senders.length === 0) throw notTold(read, paid);
  return { request: told, counterparties: paid.senders, transferAt, missing };
}

interface Payment {
  readonly time: UnixSeconds;
  readonly amount: bigint;
  readonly senders: readonly Counterparty[];
}

async function paymentOf(store: Transactions, { chain, request, to }: ReadQuestion): Promise<Payment | null> {
  if (chain.model === 'account') {
    const rows = await store.transfersOfTx(chain.id, request.tx!);
    return rows.length === 0 ? null : accountPayment(rows, request.asset!, to);
  }
  const [transaction] = await store.utxoTransactionsById(chain.id, [request.tx!]);
  return transaction === undefined ? null : utxoPayment(transaction, to);
}

function accountPayment(rows: readonly Transfer[], asset: string, to: string | null): Payment {
  const meant = rows.filter(
    (row) =>
      row.asset === asset &&
      row.from !== null &&
      row.from !== row.to &&
      !FEE_KINDS.has(row.kind) &&
      (to === null || row.to === to),
  );
  const senders = new Map<string, bigint>();
  for (const { from, amount } of meant) senders.set(from!, (senders.get(from!) ?? 0n) + amount);
  return {
    time: rows[0]!.time,
    amount: meant.reduce((sum, row) => sum + row.amount, 0n),
    senders: [...senders].map(([address, amount]) => ({ address, amount })),
  };
}

/** Each input's owner pays its part of what `to` gets: the parts are whole units and sum to it, what is left over goes to the largest. */
function utxoPayment({ time, inputs, outputs }: UtxoTransaction, to: string | null): Payment {
  const amount = outputs
    .filter(({ address }) => to === null || address === to)
    .reduce((sum, { value }) => sum + value, 0n);
  const owners = new Map<string, bigint>();
  for (const { address, value } of inputs) owners.set(address, (owners.get(address) ?? 0n) + value);
  const total = [...owners.values()].reduce((sum, value) => sum + value, 0n);
  if (amount === 0n || total === 0n) return { time, amount, senders: [] };
  const parts = [...owners]
    .map(([address, value]) => ({ address, value, amount: (amount * value) / total }))
    .sort((a, b) => (a.value === b.value ? (a.address < b.address ? -1 : 1) : a.value > b.value ? -1 : 1));
  const rest = amount - parts.reduce((sum, part) => sum + part.amount, 0n);
  return {
    time,
    amount,
    senders: parts.map((part, at) => ({ address: part.address, amount: part.amount + (at === 0 ? rest : 0n) })),
  };
}

/** Only where it is told which payments are meant: else a transaction may pay others too. */
function requireSameAmount({ request, to }: ReadQuestion, paid: Payment): void {
  if (to === null || request.amount === null || BigInt(request.amount) === paid.amount) return;
  const asset = { decimals: request.decimals, symbol: request.symbol ?? '' };
  throw new HaetaeError('E_AMOUNT', 'the transaction does not pay this amount to that address', {
    context: {
      field: 'amount',
      given: amountText(BigInt(request.amount), asset),
      paid: amountText(paid.amount, asset),
    },
    remedy: 'leave out amount to take what the transaction pays, or check asset, tx and to',
  });
}

function notTold({ request, to }: ReadQuestion, paid: Payment | null): HaetaeError {
  const what =
    paid === null ? 'the transaction is not in the store' : 'the transaction pays nothing of this asset there';
  return new HaetaeError('E_NOT_FOUND', `${what}, so its sender is not known`, {
    context: { tx: request.tx ?? '', asset: request.asset ?? '', ...(to === null ? {} : { to }) },
    remedy: 'give address (the sender), or import or fetch the transaction first',
  });
}
