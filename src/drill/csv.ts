import { TRANSFER_KINDS } from '../model/transfer.ts';
import { AsciiWriter, ascii } from './ascii.ts';
import { ACCOUNT_CHAIN, ASSETS } from './asset.ts';
import type { Namer, Names } from './name.ts';
import type { RowBatch } from './row.ts';

export const TRANSFER_HEADER = 'chain,time,block,tx_index,leg,tx,kind,from,to,asset,amount\n';

const ROW_BYTES = 320;
const HEX_PREFIX = ascii('0x');
const COMMA = 44;
const NEWLINE = 10;
const ADDRESS_BYTES = 42;
const HASH_BYTES = 66;

/** Addresses of actors 0 to `count` - 1 as `0x…` text, one after the other. */
function addressTable(address: Namer, count: number): Uint8Array {
  const table = new AsciiWriter(count * ADDRESS_BYTES);
  for (let actor = 0; actor < count; actor++) {
    table.bytes(HEX_PREFIX);
    table.name(address, actor);
  }
  return table.take(0);
}

/** Rows of the account chain in our own layout. */
export class CsvWriter {
  private readonly names: Names;
  private readonly addresses: Uint8Array;
  private readonly prefix = ascii(`${ACCOUNT_CHAIN},`);
  private readonly kinds = TRANSFER_KINDS.map((kind) => ascii(`,${kind},`));
  private readonly assets = ASSETS.map((asset) => ascii(`,${asset.id},`));
  private readonly zeros = ASSETS.map((asset) => asset.zeros.length);
  private readonly out = new AsciiWriter(0);

  constructor(names: Names, actors: number) {
    this.names = names;
    this.addresses = addressTable(names.address, actors);
  }

  /** The rows of a batch, in bytes of their own. */
  write(batch: RowBatch): Uint8Array {
    this.out.room(batch.count * ROW_BYTES);
    let hashAt = -1;
    for (let row = 0; row < batch.count; row++) {
      const again = row > 0 && batch.tx[row] === batch.tx[row - 1];
      hashAt = this.row(batch, row, again ? hashAt : -1);
    }
    return this.out.take(batch.capacity * ROW_BYTES);
  }

  /** One row; `hashAt` is where the same transaction's hash already stands, or -1. Returns where this row's stands. */
  private row(batch: RowBatch, row: number, hashAt: number): number {
    const { out } = this;
    out.bytes(this.prefix);
    this.field(batch.time[row]!);
    this.field(batch.block[row]!);
    this.field(batch.txIndex[row]!);
    this.field(batch.leg[row]!);
    const at = out.at;
    if (hashAt >= 0) out.repeat(hashAt, HASH_BYTES);
    else {
      out.bytes(HEX_PREFIX);
      out.name(this.names.tx, batch.tx[row]!);
    }
    out.bytes(this.kinds[batch.kind[row]!]!);
    this.address(batch.from[row]!);
    out.byte(COMMA);
    this.address(batch.to[row]!);
    const asset = batch.asset[row]!;
    out.bytes(this.assets[asset]!);
    const amount = batch.amount[row]!;
    out.whole(amount);
    if (amount > 0) out.zeros(this.zeros[asset]!);
    out.byte(NEWLINE);
    return at;
  }

  private address(actor: number): void {
    if (actor >= 0) this.out.bytes(this.addresses, actor * ADDRESS_BYTES, ADDRESS_BYTES);
  }

  private field(value: number): void {
    this.out.whole(value);
    this.out.byte(COMMA);
  }
}
