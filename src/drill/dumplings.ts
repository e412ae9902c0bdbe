import { scriptToAddress } from '../model/address.ts';
import { requireChain } from '../model/chain.ts';
import type { UtxoTransaction } from '../model/transfer.ts';
import { AsciiWriter, ascii } from './ascii.ts';
import { UTXO_CHAIN } from './asset.ts';
import { timeOfUtxoBlock } from './era.ts';
import type { Names } from './name.ts';
import type { DrillUtxoTx } from './utxo-economy.ts';

const CHUNK_BYTES = 1 << 20;
/** More than one input or output, or what stands before them, can take. */
const ENTRY_BYTES = 256;
const COLONS = ascii(':::');
const BETWEEN = ascii('}{');
const SCRIPT = ascii('+0014');
const SCRIPT_TYPE = ascii('+TxWitnessV0Keyhash');
const DASH = 45;
const NEWLINE = 10;

/**
 * `txid:::blockhash:::index:::unixtime:::inputs:::outputs`, entries split by `}{`, as the dumplings project prints full
 * transactions.
 */
export class DumplingsWriter {
  private readonly out = new AsciiWriter(CHUNK_BYTES);
  private readonly names: Names;

  constructor(names: Names) {
    this.names = names;
  }

  /** Adds a line; returns a chunk when enough has gathered, else null. */
  write(tx: DrillUtxoTx): Uint8Array | null {
    const { out, names } = this;
    out.room((tx.inputs.length + tx.outputs.length + 2) * ENTRY_BYTES);
    out.name(names.txid, tx.id);
    out.bytes(COLONS);
    out.zeros(16);
    out.name(names.block, tx.block);
    out.bytes(COLONS);
    out.whole(tx.txIndex);
    out.bytes(COLONS);
    out.whole(timeOfUtxoBlock(tx.block));
    out.bytes(COLONS);
    for (const [index, coin] of tx.inputs.entries()) {
      if (index > 0) out.bytes(BETWEEN);
      out.name(coin.tx === null ? names.outside : names.txid, coin.tx ?? tx.id);
      out.byte(DASH);
      out.whole(coin.index);
      out.byte(DASH);
      this.end(coin.value, coin.script);
    }
    out.bytes(COLONS);
    for (const [index, output] of tx.outputs.entries()) {
      if (index > 0) out.bytes(BETWEEN);
      this.end(output.value, output.script);
    }
    out.byte(NEWLINE);
    return out.at >= CHUNK_BYTES - (CHUNK_BYTES >> 3) ? out.take(CHUNK_BYTES) : null;
  }

  /** What is left. */
  close(): Uint8Array {
    return this.out.take(0);
  }

  private end(value: number, script: number): void {
    this.out.whole(value);
    this.out.bytes(SCRIPT);
    this.out.name(this.names.script, script);
    this.out.bytes(SCRIPT_TYPE);
  }
}

const REGTEST = requireChain(UTXO_CHAIN);

/** The address of a witness v0 key hash script on the regression test network. */
export function scriptAddress(names: Names, script: number): string {
  return scriptToAddress(REGTEST, `0014${names.script.hex(script)}`);
}

/** The same transaction as the importer makes it; `row` counts from 1. */
export function utxoTransaction(tx: DrillUtxoTx, names: Names, row: number): UtxoTransaction {
  return {
    chain: UTXO_CHAIN,
    tx: names.txid.hex(tx.id),
    time: timeOfUtxoBlock(tx.block),
    block: null,
    txIndex: tx.txIndex,
    inputs: tx.inputs.map((coin) => ({
      outpoint: { tx: coin.tx === null ? names.outside.hex(tx.id) : names.txid.hex(coin.tx), index: coin.index },
      value: BigInt(coin.value),
      address: scriptAddress(names, coin.script),
    })),
    outputs: tx.outputs.map((end) => ({ value: BigInt(end.value), address: scriptAddress(names, end.script) })),
    source: { batch: 0, file: 0, row },
  };
}
