import { type ChangeFinding, changeEvidence } from '../cluster/change.ts';
import type { Payment, PaymentEnd, PaymentOutput, ScriptForm } from '../cluster/payment.ts';
import { ScriptKind, scriptKind } from '../detect/coinjoin-view.ts';
import type { UtxoFlow } from '../flow/flow.ts';
import { createdBy, ownerOf, spentBy, valueOfOutput } from '../flow/utxo-hop.ts';
import type { EntityIndex } from './entity.ts';
import { spendsOf } from './entity-joins.ts';

/** Transactions of an entity that are looked at for change. */
export const PAYMENTS_READ = 2_000;

/** An address that may belong to an entity, as it took what looks like its change. Evidence, never a union. */
export interface MaybeMember {
  readonly address: number;
  /** Sum over its outputs of the weights of change.ts. */
  readonly weight: number;
  readonly findings: readonly (ChangeFinding & { readonly tx: number })[];
}

export interface MaybeMembers {
  /** Strongest first; ties by address. */
  readonly addresses: readonly MaybeMember[];
  /** Transactions looked at, and how many there are of the members read. */
  readonly read: number;
  readonly all: number;
}

const FORMS: Readonly<Record<number, ScriptForm>> = {
  [ScriptKind.keyHash]: 'key-hash',
  [ScriptKind.scriptHash]: 'script-hash',
  [ScriptKind.witnessKey]: 'witness-key',
  [ScriptKind.witnessScript]: 'witness-script',
  [ScriptKind.taproot]: 'taproot',
};

/** Addresses outside an entity that took its change, as far as signs go. `members`: whose payments are read. */
export function maybeMembers(
  flow: UtxoFlow,
  index: EntityIndex,
  entity: number,
  members: Iterable<number>,
): MaybeMembers {
  const txs = spendsOf(flow, members);
  const found = new Map<number, (ChangeFinding & { tx: number })[]>();
  for (const tx of txs.slice(0, PAYMENTS_READ)) {
    if (index.isMix(tx)) continue;
    const { outputs } = createdBy(flow, tx);
    for (const finding of changeEvidence(paymentOf(flow, tx))) {
      const owner = ownerOf(flow, outputs[finding.output]!);
      if (index.entityOf(owner) === entity) continue;
      found.set(owner, [...(found.get(owner) ?? []), { ...finding, tx }]);
    }
  }
  const addresses = [...found].map(([address, findings]) => ({
    address,
    findings,
    weight: findings.reduce((sum, { weight }) => sum + weight, 0),
  }));
  addresses.sort(
    (a, b) => b.weight - a.weight || (flow.addresses.text(a.address) < flow.addresses.text(b.address) ? -1 : 1),
  );
  return { addresses, read: Math.min(txs.length, PAYMENTS_READ), all: txs.length };
}

/** A transaction, no mix, as the change heuristics see it. `index` of an output counts among those that it creates. */
export function paymentOf(flow: UtxoFlow, tx: number): Payment {
  const created = createdBy(flow, tx).outputs;
  const first = created.reduce((least, output) => Math.min(least, output), Number.POSITIVE_INFINITY);
  const last = created.reduce((most, output) => Math.max(most, output), -1);
  const end = (output: number): PaymentEnd => {
    const owner = ownerOf(flow, output);
    const script = FORMS[scriptKind(flow.addresses.text(owner))] ?? 'other';
    return { owner, value: valueOfOutput(flow, output), script };
  };
  const outputs = Array.from(created, (output, index): PaymentOutput => {
    const seen = flow.outputsOf(ownerOf(flow, output));
    const spender = flow.spender(output);
    return {
      ...end(output),
      index,
      fresh: seen[0]! >= first,
      paidAgain: seen.at(-1)! > last,
      spentBy:
        spender < 0
          ? null
          : { inputs: spentBy(flow, spender).outputs.length, outputs: createdBy(flow, spender).outputs.length },
    };
  });
  return {
    mix: false,
    inputs: Array.from(spentBy(flow, tx).outputs, end),
    outputs: outputs.filter(({ value }) => value > 0n),
  };
}
