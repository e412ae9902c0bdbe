import { seededRandom } from '../src/base/random.ts';
import { Uint32Column } from '../src/flow/column.ts';
import { type AccountFlow, type AddressBook, type Adjacency, FEE, NONE, type UtxoFlow } from '../src/flow/flow.ts';

/** Addresses a wallet has: what multi-input should find. */
const WALLET = 8;

/**
 * A UTXO chain of wallets as columns: each transaction spends two or three coins of one wallet and pays two or three addresses. One in
 * thirty is larger and pays equal amounts, so that the search for CoinJoins has something to look at.
 */
export function walletChain(inputs: number, addresses: number): UtxoFlow {
  const random = seededRandom(7);
  const txCount = Math.floor(inputs / 2.5);
  const outputs = Math.floor(txCount * 3.2) + 8;
  const owner = new Uint32Array(outputs);
  const value = new Uint32Array(2 * outputs);
  const spent = new Uint32Array(3 * txCount);
  const inputStart = new Uint32Array(txCount + 1);
  const outputStart = new Uint32Array(txCount + 1);
  const created = new Uint32Array(txCount);
  const lastOf = new Uint32Array(Math.ceil(addresses / WALLET)).fill(NONE);
  let [nextInput, nextOutput] = [0, 0];
  for (let tx = 0; tx < txCount; tx += 1) {
    inputStart[tx] = nextInput;
    outputStart[tx] = nextOutput;
    if (nextOutput > 0) {
      const first = random.below(nextOutput);
      const wallet = Math.floor(owner[first]! / WALLET);
      spent[nextInput++] = first;
      const more = 1 + random.below(2);
      for (let each = 0; each < more; each += 1) spent[nextInput++] = lastOf[wallet]!;
    }
    const equal = random.below(30) === 0;
    created[tx] = equal ? 5 : 2 + random.below(3);
    for (let each = 0; each < created[tx]!; each += 1) {
      owner[nextOutput] = random.below(addresses);
      lastOf[Math.floor(owner[nextOutput]! / WALLET)] = nextOutput;
      value[2 * nextOutput] = equal && each < 2 ? 5_000_000 : 1_000 + random.below(4e9);
      nextOutput += 1;
    }
  }
  inputStart[txCount] = nextInput;
  outputStart[txCount] = nextOutput;
  const column = (words: Uint32Array, length: number): Uint32Column => Uint32Column.of(words.subarray(0, length));
  return {
    model: 'utxo',
    chain: 'bip122:000000000019d6689c085ae165831e93',
    asset: 'bip122:000000000019d6689c085ae165831e93/slip44:0',
    addresses: numberBook('bip122:000000000019d6689c085ae165831e93', addresses),
    steps: { count: txCount, time: (tx) => tx, block: (tx) => tx, firstAt: (time) => time },
    txCount,
    outputCount: nextOutput,
    segments: [
      {
        firstTx: 0,
        txCount,
        firstOutput: 0,
        outputCount: nextOutput,
        inputStart: Uint32Column.of(inputStart),
        inputs: column(spent, nextInput),
        outputStart: Uint32Column.of(outputStart),
        created: Uint32Column.of(created),
        value: column(value, 2 * nextOutput),
        owner: column(owner, nextOutput),
        spentBy: column(new Uint32Array(nextOutput).fill(NONE), nextOutput),
        late: Uint32Column.of(new Uint32Array(0)),
      },
    ],
    outputsOf: () => new Uint32Array(0),
    spender: () => -1,
    creator: () => -1,
  };
}

function numberBook(chain: string, size: number): AddressBook {
  return { chain, size, text: (id) => `bc1q${id}`, find: () => -1 };
}

/** Addresses of the deposit chain's main addresses: 0 to MAINS - 1. */
export const MAINS = 50;

/** An account chain as columns: one payment in five into a deposit address, which is passed on 20 rows later; the others among persons. */
export function depositChain(rows: number, addresses: number): AccountFlow {
  const random = seededRandom(9);
  const from = new Uint32Array(rows);
  const to = new Uint32Array(rows);
  const low = new Uint32Array(2 * rows);
  const deposits = Math.floor(addresses / 5);
  const waiting: { readonly deposit: number; readonly amount: number }[] = [];
  for (let row = 0; row < rows; row += 1) {
    const due = row % 5 === 4 && waiting.length > 4 ? waiting.shift()! : null;
    const deposit = MAINS + random.below(deposits);
    const person = MAINS + deposits + random.below(addresses - deposits - MAINS);
    const amount = 1_000 + random.below(2 ** 31);
    from[row] = due?.deposit ?? person;
    to[row] =
      due !== null
        ? due.deposit % MAINS
        : row % 5 === 0
          ? deposit
          : MAINS + deposits + random.below(addresses - deposits - MAINS);
    low[2 * row] = due?.amount ?? amount;
    if (due === null && row % 5 === 0) waiting.push({ deposit, amount });
  }
  const asset = 'eip155:1/slip44:60';
  const step = Uint32Array.from({ length: rows }, (_, row) => row);
  return {
    model: 'account',
    chain: 'eip155:1',
    addresses: numberBook('eip155:1', addresses),
    steps: { count: rows, time: (at) => at, block: (at) => Math.floor(at / 200), firstAt: (time) => time },
    assets: [
      {
        asset,
        placeCount: addresses,
        addressOf: (place) => place,
        placeOf: (address) => address,
        segments: [
          {
            count: rows,
            from: Uint32Column.of(from),
            to: Uint32Column.of(to),
            low: Uint32Column.of(low),
            high: null,
            ratio: null as never,
            step: Uint32Column.of(step),
            out: adjacencyOf(from, to, addresses),
            in: adjacencyOf(to, from, addresses),
            amount: (row) => BigInt(low[2 * row]!),
          },
        ],
      },
    ],
    swaps: { count: 0, flows: [], steps: new Uint32Array(0), firstSteps: new Uint32Array(0) },
    counterparties: () => 3,
  };
}

function adjacencyOf(owner: Uint32Array, peer: Uint32Array, places: number): Adjacency {
  const starts = new Uint32Array(places + 1);
  for (const place of owner) if (place < FEE) starts[place + 1]! += 1;
  for (let place = 0; place < places; place += 1) starts[place + 1]! += starts[place]!;
  const next = starts.slice();
  const peers = new Uint32Array(owner.length);
  const rows = new Uint32Array(owner.length);
  owner.forEach((place, row) => {
    peers[next[place]!] = peer[row]!;
    rows[next[place]!++] = row;
  });
  return {
    start: (place) => starts[place]!,
    end: (place) => starts[place + 1]!,
    peer: Uint32Column.of(peers),
    row: Uint32Column.of(rows),
  };
}
