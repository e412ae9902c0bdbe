import assert from 'node:assert/strict';
import type { UtxoFlow } from './flow.ts';
import { createdBy, ownerOf, spentBy, valueOfOutput } from './utxo-hop.ts';

/** Everything that two flows say, with names in place of address ids. */
export function sameFlow(actual: UtxoFlow, expected: UtxoFlow): void {
  assert.deepEqual([actual.txCount, actual.outputCount], [expected.txCount, expected.outputCount]);
  for (let tx = 0; tx < expected.txCount; tx += 1)
    assert.deepEqual(transactionOf(actual, tx), transactionOf(expected, tx));
  const owned = new Map<string, number[]>();
  for (let output = 0; output < expected.outputCount; output += 1) {
    const wanted = outputOf(expected, output);
    assert.deepEqual(outputOf(actual, output), wanted);
    const known = owned.get(wanted.owner);
    if (known === undefined) owned.set(wanted.owner, [output]);
    else known.push(output);
  }
  for (const [name, outputs] of owned) assert.deepEqual([...actual.outputsOf(actual.addresses.find(name))], outputs);
  for (let tx = 0; tx < expected.txCount; tx += Math.ceil(expected.txCount / 50)) {
    const time = expected.steps.time(tx);
    assert.equal(actual.steps.firstAt(time), expected.steps.firstAt(time));
  }
}

function transactionOf(flow: UtxoFlow, tx: number): unknown {
  const spends = [...spentBy(flow, tx).outputs];
  return [flow.steps.time(tx), flow.steps.block(tx), spends, [...createdBy(flow, tx).outputs]];
}

function outputOf(flow: UtxoFlow, output: number) {
  const owner = flow.addresses.text(ownerOf(flow, output));
  return { owner, value: valueOfOutput(flow, output), spender: flow.spender(output), creator: flow.creator(output) };
}
