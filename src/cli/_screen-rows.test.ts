import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCsv } from '../base/csv.ts';
import { HaetaeError } from '../base/errors.ts';
import { CsvRecords } from './_csv-records.ts';
import { answerLine, hasIdleAmount, headerLine, readHeader, readRow, Tally } from './_screen-rows.ts';

const NONE = { chain: undefined, asOf: undefined };

function tableOf(text: string, chain?: string) {
  const [head, ...rows] = new CsvRecords('rows.csv').push(Buffer.from(`${text}\n`).toString('latin1'));
  return { table: readHeader(head!.fields, chain, 'rows.csv'), rows };
}

function read(text: string, asked: { chain: string | undefined; asOf: string | undefined } = NONE) {
  const { table, rows } = tableOf(text, asked.chain);
  return rows.map((row) => readRow(table, row, asked));
}

describe('rows to be screened', () => {
  it('are addresses without a direction, transfers with one; columns stand in any order', () => {
    const [address, transfer] = read(
      'Amount,note,ADDRESS,direction,asset,chain,customer,to\n,x,0xaa,,,bitcoin,é-7,\n1.5,y,0xbb,Deposit,ETH,eip155:1,c-8,0xcc',
    );
    const empty = { segment: undefined, asOf: undefined };
    assert.deepEqual(address, {
      kind: 'address',
      question: { ...empty, chain: 'bitcoin', address: '0xaa', asset: undefined, customer: 'é-7' },
    });
    assert.deepEqual(transfer, {
      kind: 'transfer',
      question: {
        ...empty,
        chain: 'eip155:1',
        asset: 'ETH',
        direction: 'deposit',
        amount: '1.5',
        tx: undefined,
        address: '0xbb',
        to: '0xcc',
        customer: 'c-8',
        at: undefined,
      },
    });
  });

  it('take the chain that is given for all where they name none', () => {
    const chains = read('address,chain\na,\nb,tron', { chain: 'bitcoin', asOf: '2024-01-01' }).map((row) =>
      'kind' in row ? [row.question.chain, row.question.asOf] : null,
    );
    assert.deepEqual(chains, [
      ['bitcoin', '2024-01-01'],
      ['tron', '2024-01-01'],
    ]);
  });

  for (const [what, row, detail] of [
    ['no chain', 'a,,,', 'chain is empty'],
    ['no address', ',bitcoin,,', 'address is empty'],
    ['another direction', 'a,bitcoin,inwards,BTC', 'direction is deposit or withdrawal'],
    ['a direction and no asset', 'a,bitcoin,deposit,', 'asset is empty'],
    ['a field too many', 'a,bitcoin,,,1', '5 fields, where the header has 4'],
    ['a field too few', 'a,bitcoin', '2 fields, where the header has 4'],
    ['text behind a quote', '"a"b,bitcoin,,', 'text stands behind a closing quote'],
    ['an endless address', `${'a'.repeat(201)},bitcoin,,`, 'address is longer than 200 letters'],
  ] as const) {
    it(`with ${what} say so, each for itself`, () => {
      const [bad, good] = read(`address,chain,direction,asset\n${row}\nb,bitcoin,,`);
      assert.deepEqual(bad, { error: { code: 'E_FIELD', detail } });
      assert.ok(good !== undefined && 'kind' in good);
    });
  }

  it('with an amount and no direction are known', () => {
    const { table, rows } = tableOf('address,chain,amount,direction\na,b,1,\na,b,1,deposit\na,b,,');
    assert.deepEqual(
      rows.map((row) => hasIdleAmount(table, row)),
      [true, false, false],
    );
  });

  for (const [what, header, code] of [
    ['neither address nor tx', 'chain,note', 'E_COLUMN_MISSING'],
    ['no chain', 'address,note', 'E_COLUMN_MISSING'],
    ['address twice', 'address,chain,Address', 'E_MAP'],
    ['a column that is added', 'address,chain,decision', 'E_MAP'],
    ['semicolons', 'address;chain', 'E_COLUMN_MISSING'],
  ] as const) {
    it(`of a table with ${what} are refused`, () => {
      assert.throws(
        () => tableOf(`${header}\n`),
        (error) => error instanceof HaetaeError && error.code === code,
      );
    });
  }
});

describe('answered rows', () => {
  const { table, rows } = tableOf('address,chain,note\na,bitcoin,"=1+1, ""é"""\nb,x,-12.5');
  const block = {
    id: 'v-1-00af',
    decision: 'block' as const,
    score: 100,
    reasons: [
      { rule: 'ofac', text: 'a "listed" address' },
      { rule: 'other', text: 'é' },
    ],
    error: null,
  };
  const refused = { error: { code: 'E_ASSET' as const, detail: 'no such chain' } };

  it('carry what was there, byte by byte, and hold no formula', () => {
    const lines = [headerLine(table), answerLine(table, rows[0]!, block), answerLine(table, rows[1]!, refused)];
    const text = Buffer.from(lines.join('\n'), 'latin1').toString('utf8');
    assert.deepEqual(parseCsv(text, 'out.csv'), [
      ['address', 'chain', 'note', 'decision', 'score', 'reasons', 'verdict', 'error'],
      ['a', 'bitcoin', '\'=1+1, "é"', 'block', '100', 'ofac: a "listed" address; other: é', 'v-1-00af', ''],
      ['b', 'x', '-12.5', '', '', '', '', 'E_ASSET: no such chain'],
    ]);
  });

  it('are counted alike when given and when read back', () => {
    const given = new Tally();
    const back = new Tally();
    for (const [at, answer] of [block, refused].entries()) {
      given.add(answer);
      for (const record of new CsvRecords('out.csv').push(`${answerLine(table, rows[at]!, answer)}\n`))
        back.addWritten(record);
    }
    assert.deepEqual(back, given);
    assert.deepEqual([given.rows, given.refused, given.decisions.block], [2, 1, 1]);
  });
});
