import { type Books, nearest, type Origin } from './books.ts';
import { cleanParcel, hasTaint, type Parcel, totalOf } from './parcel.ts';
import { FEE, OUTSIDE, type PlaceId, type UtxoEnd, type UtxoStep } from './step.ts';

interface Spent {
  readonly place: PlaceId;
  readonly parcels: Parcel[];
  readonly trails: Origin;
}

/** One UTXO transaction: inputs are spent, outputs filled by the method's rule, the rest is the fee. */
export function applyUtxo(books: Books, { inputs, outputs, time, row }: UtxoStep): void {
  const spent = inputs.map((input) => spend(books, input));
  const paidIn = sum(inputs);
  const paidOut = sum(outputs);
  const outside = paidOut > paidIn ? paidOut - paidIn : 0n;
  const values = outputs.map((output) => output.value);
  const tainted = spent.filter((input) => hasTaint(input.parcels));
  if (tainted.length === 0) {
    for (const { place, value } of outputs) if (value > 0n) books.deliverClean(place, [cleanParcel(value)]);
    return;
  }
  const fee = paidIn > paidOut ? paidIn - paidOut : 0n;
  const parts = books.method.spread(
    spent.map((input) => input.parcels),
    outside,
    values,
    fee,
  );
  const origin = nearest(tainted, books.seniority.count);
  const from = tainted[0]?.place ?? OUTSIDE;
  outputs.forEach(({ place, value }, index) => {
    if (value > 0n) books.deliver(from, place, parts[index]!, origin, time, row, value);
  });
  const screened = books.screen(parts[outputs.length]!, FEE);
  if (screened !== null) books.settle(FEE, screened, origin, time, []);
}

/** An outpoint worth more than what is known of it holds clean money for the rest; one spent whole is forgotten. */
function spend(books: Books, { place, value }: UtxoEnd): Spent {
  const stock = books.keeps(place) ? books.find(place) : undefined;
  if (stock === undefined) return { place, parcels: value > 0n ? [cleanParcel(value)] : [], trails: null };
  const { trails } = stock;
  const whole = value >= stock.balance;
  const parcels = whole ? stock.takeAll() : books.method.take(stock, value);
  const missing = value - totalOf(parcels);
  if (missing > 0n) parcels.push(cleanParcel(missing));
  if (whole) books.free(place);
  return { place, parcels, trails };
}

function sum(ends: readonly UtxoEnd[]): bigint {
  let total = 0n;
  for (const end of ends) total += end.value;
  return total;
}
