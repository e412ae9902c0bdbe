import { createHash, scryptSync } from 'node:crypto';

/**
 * For tests and benches: transactions and blocks written by the book (developer.bitcoin.org/reference, BIP34, BIP141, BIP144), with no
 * code of the reader, so that the two check each other.
 */
export interface MadeTransaction {
  readonly version?: number;
  readonly inputs: readonly MadeInput[];
  readonly outputs: readonly MadeOutput[];
  readonly lockTime?: number;
  readonly hogEx?: boolean;
}

export interface MadeInput {
  /** Display order. */
  readonly tx: string;
  readonly index: number;
  readonly script?: string;
  readonly witness?: readonly string[];
}

export interface MadeOutput {
  readonly value: bigint;
  readonly script: string;
}

export function little(value: bigint | number, bytes: number): Buffer {
  const out = Buffer.alloc(bytes);
  for (let i = 0; i < bytes; i++) out[i] = Number((BigInt(value) >> BigInt(8 * i)) & 0xffn);
  return out;
}

export function compactSize(value: number): Buffer {
  if (value < 0xfd) return little(value, 1);
  if (value <= 0xffff) return Buffer.concat([Buffer.from([0xfd]), little(value, 2)]);
  return Buffer.concat([Buffer.from([0xfe]), little(value, 4)]);
}

function sized(hex: string): Buffer {
  return Buffer.concat([compactSize(hex.length / 2), Buffer.from(hex, 'hex')]);
}

function reversed(hex: string): Buffer {
  return Buffer.from(hex, 'hex').reverse();
}

export function doubleSha(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(createHash('sha256').update(bytes).digest()).digest();
}

export function serialize(tx: MadeTransaction, withWitness = true): Buffer {
  const witness = withWitness && tx.inputs.some((input) => (input.witness ?? []).length > 0);
  const hogEx = withWitness && tx.hogEx === true;
  const parts = [little(tx.version ?? 2, 4)];
  if (witness || hogEx) parts.push(Buffer.from([0, (witness ? 1 : 0) | (hogEx ? 8 : 0)]));
  parts.push(compactSize(tx.inputs.length));
  for (const { tx: spent, index, script } of tx.inputs) {
    parts.push(reversed(spent), little(index, 4), sized(script ?? ''), little(0xffffffff, 4));
  }
  parts.push(compactSize(tx.outputs.length));
  for (const { value, script } of tx.outputs) parts.push(little(value, 8), sized(script));
  for (const { witness: stack } of witness ? tx.inputs : []) {
    parts.push(compactSize(stack?.length ?? 0), ...(stack ?? []).map(sized));
  }
  if (hogEx) parts.push(Buffer.from([0]));
  parts.push(little(tx.lockTime ?? 0, 4));
  return Buffer.concat(parts);
}

export function txidOf(tx: MadeTransaction): string {
  return doubleSha(serialize(tx, false)).reverse().toString('hex');
}

export function wtxidOf(tx: MadeTransaction): string {
  return doubleSha(serialize({ ...tx, hogEx: false }))
    .reverse()
    .toString('hex');
}

export function rootOf(ids: readonly string[]): Buffer {
  let row = ids.map(reversed);
  while (row.length > 1) {
    row = Array.from({ length: Math.ceil(row.length / 2) }, (_, i) =>
      doubleSha(Buffer.concat([row[2 * i]!, row[2 * i + 1] ?? row[2 * i]!])),
    );
  }
  return row[0]!;
}

const RESERVED = '00'.repeat(32);

export function makeCoinbase(height: number, script: string, others: readonly MadeTransaction[]): MadeTransaction {
  const witnessed = others.some((tx) => tx.inputs.some(({ witness }) => (witness ?? []).length > 0));
  const root = rootOf([RESERVED, ...others.map(wtxidOf)]);
  const commitment = doubleSha(Buffer.concat([root, Buffer.from(RESERVED, 'hex')])).toString('hex');
  const outputs = [{ value: 50_0000_0000n, script }];
  if (witnessed) outputs.push({ value: 0n, script: `6a24aa21a9ed${commitment}` });
  return {
    inputs: [
      {
        tx: '00'.repeat(32),
        index: 0xffffffff,
        script: `${heightPush(height)}00`,
        ...(witnessed ? { witness: [RESERVED] } : {}),
      },
    ],
    outputs,
  };
}

function heightPush(height: number): string {
  if (height === 0) return '00';
  if (height <= 16) return (0x50 + height).toString(16);
  let hex = height.toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  if (Number.parseInt(hex.slice(0, 2), 16) >= 0x80) hex = `00${hex}`;
  return `${(hex.length / 2).toString(16).padStart(2, '0')}${reversed(hex).toString('hex')}`;
}

export interface MadeBlock {
  readonly bytes: Buffer;
  readonly hash: string;
}

export interface BlockPlan {
  readonly transactions: readonly MadeTransaction[];
  readonly parent?: string;
  readonly time?: number;
  readonly bits?: number;
  readonly version?: number;
  readonly work?: 'sha256d' | 'scrypt';
  /** Behind the transactions. */
  readonly extension?: string;
  /** In the place of the root of the transactions. */
  readonly root?: Buffer;
  /** False: a nonce that does not prove the work. */
  readonly proved?: boolean;
}

/** Mined for a target as easy as that of regtest: two tries on average. */
export function makeBlock(plan: BlockPlan): MadeBlock {
  const { transactions, parent = '00'.repeat(32), time = 1_700_000_000, bits = 0x207fffff, version = 4 } = plan;
  const body = Buffer.concat([compactSize(transactions.length), ...transactions.map((tx) => serialize(tx))]);
  const root = plan.root ?? rootOf(transactions.map(txidOf));
  const head = Buffer.concat([little(version, 4), reversed(parent), root, little(time, 4), little(bits, 4)]);
  for (let nonce = 0; ; nonce++) {
    const header = Buffer.concat([head, little(nonce, 4)]);
    const work = plan.work === 'scrypt' ? scryptSync(header, header, 32, { N: 1024, r: 1, p: 1 }) : doubleSha(header);
    // Under 7f ff ff at the top, as the target of regtest has it.
    if (work[31]! < 0x7f !== (plan.proved ?? true)) continue;
    const bytes = Buffer.concat([header, body, Buffer.from(plan.extension ?? '', 'hex')]);
    return { bytes, hash: doubleSha(header).reverse().toString('hex') };
  }
}
