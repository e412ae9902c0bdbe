import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { gatherColumns } from '../../bench/_coinjoin-columns.ts';
import {
  type CoinJoinSet,
  hasDataOutput,
  POST_MIX_FILES,
  postMixOutside,
  readCoinJoinSet,
  whyUnlisted,
} from '../../bench/_coinjoin-set.ts';
import { type CoinJoin, coinJoinOf, coinJoinOfColumns } from '../../src/detect/coinjoin.ts';
import type { UtxoTransaction } from '../../src/model/transfer.ts';
import { datasetPath } from './_cli.ts';

const data = datasetPath();

suite('CoinJoin set: the detectors on real mixes', { skip: data.skip }, () => {
  let set: CoinJoinSet;
  before(async () => {
    set = await readCoinJoinSet(data.path);
  });

  const share = (
    txs: readonly UtxoTransaction[],
    is: (found: CoinJoin | null, tx: UtxoTransaction) => boolean,
  ): number => txs.filter((tx) => is(coinJoinOf(tx), tx)).length / txs.length;

  test('recall of each file', () => {
    assert.ok(share(set.SamouraiCoinJoins, (found) => found?.kind === 'whirlpool') >= 0.995);
    assert.ok(share(set.WasabiCoinJoins, (found) => found?.mix === true) >= 0.995);
    assert.ok(share(set.OtherCoinJoins, (found) => found?.severalOwners === true) >= 0.85);
    assert.ok(share(set.SamouraiTx0s.filter(hasDataOutput), (found) => found?.kind === 'tx0') >= 0.99);
  });

  test('what the Tx0 file holds without a data output are mixes, each with an output that is not P2WPKH', () => {
    const without = set.SamouraiTx0s.filter((tx) => !hasDataOutput(tx));
    assert.equal(without.length, 151);
    // Told apart by other means: most of them spend a listed Tx0 or mix, which a Tx0 seldom does and never so many.
    const listed = new Set([...set.SamouraiTx0s, ...set.SamouraiCoinJoins].map(({ tx }) => tx));
    const spending = without.filter(({ inputs }) => inputs.some(({ outpoint }) => listed.has(outpoint?.tx ?? '')));
    assert.ok(spending.length >= 120, `${spending.length}`);
    assert.equal(
      share(without, (found, tx) => found?.mix === true && whyUnlisted(tx, found) !== null),
      1,
    );
    assert.equal(
      share(set.SamouraiTx0s.filter(hasDataOutput), (found) => found?.mix === true),
      0,
    );
  });

  test('a spend of mixed coins that is judged a mix is one that the files cannot list, or one in fifty', () => {
    const outside = POST_MIX_FILES.flatMap((file) => postMixOutside(set, file));
    const unexplained = share(outside, (found, tx) => found?.mix === true && whyUnlisted(tx, found) === null);
    assert.ok(unexplained <= 0.02, `${unexplained}`);
  });

  test('the columns differ from the transactions only as the detector says', () => {
    const txs = Object.values(set).flat();
    const { columns, ranges } = gatherColumns(txs);
    for (const [at, range] of ranges.entries()) {
      const [whole, bare] = [coinJoinOf(txs[at]!), coinJoinOfColumns(columns, range)];
      if (whole?.kind === bare?.kind) continue;
      const oneAccount = whole?.kind === 'joinmarket' && bare?.kind === 'joint';
      const otherScripts = bare?.mix === true && whole?.mix !== true && bare.kind !== 'whirlpool';
      const otherNote = bare?.kind === 'tx0' || whole?.kind === 'tx0';
      assert.ok(oneAccount || otherScripts || otherNote, `${txs[at]!.tx}: ${whole?.kind} and ${bare?.kind}`);
    }
  });
});
