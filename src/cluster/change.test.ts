import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { changeEvidence } from './change.ts';
import type { Payment, PaymentOutput } from './payment.ts';

function output(index: number, owner: number, value: bigint, rest: Partial<PaymentOutput> = {}): PaymentOutput {
  return { index, owner, value, script: 'witness-key', fresh: false, paidAgain: false, spentBy: null, ...rest };
}

function payment(
  inputs: readonly (readonly [owner: number, value: bigint])[],
  outputs: readonly PaymentOutput[],
): Payment {
  return { mix: false, inputs: inputs.map(([owner, value]) => ({ owner, value, script: 'witness-key' })), outputs };
}

/** Output → heuristics that speak for it. */
function said(of: Payment): Record<number, string[]> {
  return Object.fromEntries(
    changeEvidence(of).map(({ output, evidence }) => [output, evidence.map((item) => item.heuristic)]),
  );
}

suite('change: evidence by output, never a union', () => {
  test('an address that pays and is paid', () => {
    assert.deepEqual(said(payment([[1, 900n]], [output(0, 2, 500n), output(1, 1, 390n)])), { 1: ['reuse'] });
  });

  test('the only address not paid before, one point more where it is not paid again', () => {
    const at = (paidAgain: boolean) =>
      changeEvidence(payment([[1, 900n]], [output(0, 2, 501n), output(1, 3, 391n, { fresh: true, paidAgain })]));
    assert.deepEqual(
      at(false).map(({ output, weight }) => [output, weight]),
      [[1, 2]],
    );
    assert.deepEqual(
      at(true).map(({ output, weight }) => [output, weight]),
      [[1, 1]],
    );
  });

  test('two new addresses, or one beside a payer’s own, tell nothing by newness', () => {
    const two = [output(0, 2, 501n, { fresh: true }), output(1, 3, 391n, { fresh: true })];
    assert.deepEqual(said(payment([[1, 900n]], two)), {});
    const own = [output(0, 1, 501n), output(1, 3, 391n, { fresh: true })];
    assert.deepEqual(said(payment([[1, 900n]], own)), { 0: ['reuse'] });
  });

  test('smaller than every input: the payment would have needed one less', () => {
    assert.deepEqual(
      said(
        payment(
          [
            [1, 500n],
            [2, 301n],
          ],
          [output(0, 3, 601n), output(1, 4, 191n)],
        ),
      ),
      {
        1: ['unneeded-input'],
      },
    );
    assert.deepEqual(said(payment([[1, 500n]], [output(0, 3, 301n), output(1, 4, 191n)])), {});
    const both = [output(0, 3, 101n), output(1, 4, 191n)];
    assert.deepEqual(
      said(
        payment(
          [
            [1, 500n],
            [2, 301n],
          ],
          both,
        ),
      ),
      {},
    );
  });

  test('the only output of the inputs’ kind of script', () => {
    const outputs = [output(0, 2, 501n, { script: 'key-hash' }), output(1, 3, 391n)];
    assert.deepEqual(said(payment([[1, 900n]], outputs)), { 1: ['script'] });
    const other = payment([[1, 900n]], outputs);
    assert.deepEqual(said({ ...other, inputs: other.inputs.map((input) => ({ ...input, script: 'other' })) }), {});
  });
});

suite('change: amounts, chains, and where there is none', () => {
  test('the only amount that is not round, by three zeros and more', () => {
    assert.deepEqual(said(payment([[1, 9_000_000n]], [output(0, 2, 5_000_000n), output(1, 3, 3_991_112n)])), {
      1: ['round'],
    });
    assert.deepEqual(said(payment([[1, 9_000_000n]], [output(0, 2, 5_000_100n), output(1, 3, 3_991_112n)])), {});
  });

  test('the next link of a peel chain', () => {
    const link = { inputs: 1, outputs: 2 };
    const outputs = [output(0, 2, 501n, { spentBy: { inputs: 3, outputs: 2 } }), output(1, 3, 391n, { spentBy: link })];
    assert.deepEqual(said(payment([[1, 900n]], outputs)), { 1: ['peel'] });
    const both = outputs.map((item) => ({ ...item, spentBy: link }));
    assert.deepEqual(said(payment([[1, 900n]], both)), {});
  });

  test('weights add up, the strongest output first', () => {
    const outputs = [output(0, 2, 5_000_000n), output(1, 3, 391n, { fresh: true })];
    const [first, ...rest] = changeEvidence(
      payment(
        [
          [1, 3_000_000n],
          [4, 3_000_000n],
        ],
        outputs,
      ),
    );
    assert.equal(first?.output, 1);
    assert.equal(first?.weight, 2 + 2 + 1);
    assert.deepEqual(
      first?.evidence.map(({ heuristic }) => heuristic),
      ['fresh', 'unneeded-input', 'round'],
    );
    assert.deepEqual(rest, []);
  });

  test('a mix, a coinbase and a sweep have no change', () => {
    const usual = payment([[1, 900n]], [output(0, 2, 500n), output(1, 1, 390n)]);
    assert.deepEqual(changeEvidence({ ...usual, mix: true }), []);
    assert.deepEqual(changeEvidence({ ...usual, inputs: [] }), []);
    assert.deepEqual(changeEvidence({ ...usual, outputs: usual.outputs.slice(1) }), []);
  });
});
