import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, suite, test } from 'node:test';
import { Workplace } from './_cli.ts';

const A = `0x${'a1'.repeat(20)}`;
const B = `0x${'b2'.repeat(20)}`;
const HEADER = 'chain,time,block,tx_index,leg,tx,kind,from,to,asset,amount';
const NATIVE = 'eip155:1/slip44:60';

function row(changes: Partial<Record<'time' | 'leg' | 'from' | 'to' | 'amount', string>> = {}): string {
  const fields = { time: '1700000000', leg: '1', from: A, to: B, amount: '5', ...changes };
  return `eip155:1,${fields.time},100,0,${fields.leg},,transfer,${fields.from},${fields.to},${NATIVE},${fields.amount}`;
}

function theft(seed: string): string {
  return `title: test\nthefts:\n  - id: t\n    chain: ethereum\n    seeds:\n      - ${seed}\n`;
}

/** What is refused is named with its line and reason, and what was stored before is still there. */
suite('bad input, as a user meets it', () => {
  const work = new Workplace();
  after(() => work.remove());

  const importRows = (name: string, ...rows: string[]): string => {
    writeFileSync(work.path(name), `${[HEADER, ...rows].join('\n')}\n`);
    return work.path(name);
  };

  test('single bad rows are refused by reason with their lines, the rest is kept', async () => {
    const file = importRows(
      'mixed.csv',
      row(),
      row({ leg: '2', amount: '-5' }),
      row({ leg: '3', amount: '1.5' }),
      row({ leg: '4', time: '1000000000' }),
      row({ leg: '5', from: '0xAbcdefABCDEFabcdefABCDEFabcdefABCDEFabcd' }),
      row({ leg: '6', to: '0x123' }),
      row({ leg: '7', amount: '7' }),
    );
    const printed = await work.ok('import', 'transfers', file, '--preset', 'haetae');
    assert.match(printed, /7 rows read, 2 kept/);
    const refused = readFileSync(`${file}.refused.csv`, 'utf8').trim().split('\n').slice(1);
    assert.equal(refused.length, 5);
    for (const [index, word] of ['negative', 'excess', 'genesis', 'checksum', 'address|length'].entries()) {
      assert.match(refused[index]!, new RegExp(word), refused[index]);
    }
    assert.match(await work.ok('status'), /^2 transfers/m);
  });

  test('two movements of one place with one order key are an error, and nothing of the file is stored', async () => {
    const file = importRows('tie.csv', row({ leg: '50' }), row({ leg: '50', amount: '6' }));
    const message = await work.refused('E_ORDER_CONFLICT', 'import', 'transfers', file, '--preset', 'haetae');
    assert.match(message, /tie\.csv/);
    assert.match(await work.ok('status'), /^2 transfers/m);
  });

  test('an unknown preset, a wrong column, a cut file and a missing file are named', async () => {
    const file = importRows('good.csv', row({ leg: '60' }));
    assert.match(await work.refused('E_PRESET_UNKNOWN', 'import', 'transfers', file, '--preset', 'nope'), /ronin/);
    assert.match(
      await work.refused('E_COLUMN_MISSING', 'import', 'transfers', file, '--preset', 'launder'),
      /Timestamp|Value_in_USD/,
    );
    await work.refused('E_FILE_READ', 'import', 'transfers', work.path('none.csv'), '--preset', 'haetae');
    writeFileSync(work.path('cut.csv'), `${HEADER}\n${row({ leg: '70' })}\n${row({ leg: '71' }).slice(0, 60)}`);
    assert.match(
      await work.ok('import', 'transfers', work.path('cut.csv'), '--preset', 'haetae'),
      /2 rows read, 1 kept/,
    );
  });

  test('a mark larger than the unmarked balance, and a seed before the chain, are refused', async () => {
    writeFileSync(
      work.path('mark.yaml'),
      theft(`{ kind: mark, address: "${B}", baseUnits: "1000", time: 1700000100 }`),
    );
    assert.match(await work.refused('E_MARK_EXCEEDS', 'trace', work.path('mark.yaml')), /balance/);
    writeFileSync(work.path('early.yaml'), theft(`{ kind: credit, address: "${B}", amount: "1", time: 2010-01-01 }`));
    await work.refused('E_TIME', 'trace', work.path('early.yaml'));
    writeFileSync(
      work.path('sum.yaml'),
      theft('{ kind: credit, address: "0xAbcdefABCDEFabcdefABCDEFabcdefABCDEFabcd", amount: "1", time: 2022-01-01 }'),
    );
    assert.match(await work.refused('E_ADDRESS', 'trace', work.path('sum.yaml')), /checksum/);
    writeFileSync(work.path('typo.yaml'), theft(`{ kind: credit, adress: "${B}", amount: "1", time: 2022-01-01 }`));
    assert.match(await work.refused('E_THEFT_FILE', 'trace', work.path('typo.yaml')), /adress/);
    assert.match(await work.ok('case', 'list'), /No case yet/);
  });
});

suite('wrong words and absent things', () => {
  const work = new Workplace();
  after(() => work.remove());

  test('wrong words are answered with the right ones', async () => {
    assert.equal((await work.run('nonsense')).code, 2);
    await work.refused('E_USAGE', 'trace');
    assert.match(
      await work.refused('E_METHOD_UNKNOWN', 'trace', work.path('mark.yaml'), '--method', 'lifo'),
      /lifo-in/,
    );
    await work.refused('E_NOT_FOUND', 'case', 'show', 'none');
    await work.refused('E_DATASET', 'dataset', 'get', 'none');
    assert.match(await work.ok('--help'), /haetae COMMAND/);
  });

  test('offline, a data set is refused with one clear line', async (context) => {
    const online = await lookup('raw.githubusercontent.com').then(
      () => true,
      () => false,
    );
    if (online) return context.skip('this machine reaches the internet');
    const message = await work.refused('E_DATASET', 'dataset', 'get', 'ronin');
    assert.match(message, /^E_DATASET: cannot fetch https:/m);
  });
});
