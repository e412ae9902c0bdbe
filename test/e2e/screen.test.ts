import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { parseCsv } from '../../src/base/csv.ts';
import type { Verdict } from '../../src/screen/verdict.ts';
import { ROOT, Workplace } from './_cli.ts';

/** Stands on OFAC's list (the Ronin thief of 2022); the others are made up. */
const LISTED = '0x098b716b8aaf21512996dc57eb0615e2383e2f96';
const EXCHANGE = '0x00000000000000000000000000000000000e1111';
const PLAIN = '0x00000000000000000000000000000000000a1111';

const LABELS = `address,chain,label,category,source,confidence,list_date,programmes
${LISTED},eip155:1,LAZARUS GROUP,sanctioned,ofac-list,authority_data,2022-04-14,DPRK3
${EXCHANGE},eip155:1,Some exchange 1,exchange,exchanges,web_crawl,2024-01-01,
`;

const ROWS = `note,address,chain,asset,amount,direction,customer
"=HYPERLINK(""x"")",${LISTED},eip155:1,,,,
"two
lines",${LISTED},eip155:1,ETH,1.5,withdrawal,c-1
plain,${PLAIN},eip155:1,,,,
exchange,${EXCHANGE},ethereum,,,,
wrong checksum,0x098B716B8Aaf21512996dC57EB0615e2383E2f97,eip155:1,,,,
no chain,${PLAIN},no-such-chain,,,,
no number,${PLAIN},eip155:1,ETH,1.2.3,deposit,c-2
sideways,${PLAIN},eip155:1,ETH,1,sideways,c-2
`;

function workplace(): Workplace {
  const work = new Workplace();
  writeFileSync(work.path('labels.csv'), LABELS);
  writeFileSync(work.path('rows.csv'), ROWS);
  return work;
}

function byHeader(file: string): Record<string, string>[] {
  const [header, ...rows] = parseCsv(readFileSync(file, 'utf8'), file);
  return rows.map((row) => Object.fromEntries(header!.map((name, at) => [name, row[at]!])));
}

/** What a user does, whether the commands open the store themselves or a server holds it. */
function commands(work: () => Workplace): void {
  it('screens a file: what each row came to, and what is wrong with those that came to nothing', async () => {
    const message = await work().refused('E_FIELD', 'screen', 'rows.csv', '--out', 'out.csv');
    assert.match(message, /4 of 8 rows could not be screened/);
    assert.match(message, /E_ADDRESS=1, E_AMOUNT=1, E_ASSET=1, E_FIELD=1/);
    const rows = byHeader(work().path('out.csv'));
    assert.deepEqual(
      rows.map(({ decision, error }) => decision || error?.split(':')[0]),
      ['block', 'block', 'allow', 'allow', 'E_ADDRESS', 'E_ASSET', 'E_AMOUNT', 'E_FIELD'],
    );
    assert.equal(rows[0]?.note, '\'=HYPERLINK("x")');
    assert.equal(rows[1]?.note, 'two\nlines');
    assert.match(rows[0]?.reasons ?? '', /^sanctioned: /);
    assert.match(rows[1]?.verdict ?? '', /^v-\d+-[0-9a-f]{4}$/);
    assert.equal(existsSync(work().path('out.csv.part')), false);
    assert.equal(existsSync(work().path('out.csv.part.json')), false);
  });

  it('says of one address why, by whose list and as of what', async () => {
    const text = await work().ok('screen', LISTED, '--chain', 'ethereum');
    for (const part of [
      /^block 100 {2}0x098b/i,
      /sanctioned v1, block 100: /,
      /LAZARUS GROUP/,
      /programmes DPRK3/,
      /listed 2022-04-14; source ofac-list/,
    ])
      assert.match(text, part);
    assert.match(
      await work().ok('screen', PLAIN, '--chain', 'ethereum'),
      /^allow 0 .*\nverdict v-.*\n\nno rule fired\n/,
    );
  });

  it('prints the bytes of a verdict that are kept, shown and replayed', async () => {
    const bytes = await work().ok('screen', LISTED, '--chain', 'ethereum', '--json');
    const verdict = JSON.parse(bytes) as Verdict;
    assert.equal(verdict.decision, 'block');
    assert.equal(await work().ok('verdict', 'show', verdict.id, '--json'), bytes);
    assert.match(await work().ok('verdict', 'replay', verdict.id), /the same \d+ bytes/);
  });

  it('knows of a listing only from its day on', async () => {
    const before2022 = ['screen', LISTED, '--chain', 'ethereum', '--as-of', '2022-04-01', '--dry'];
    assert.match(await work().ok(...before2022), /^allow 0/);
  });

  it('keeps nothing of a dry run', async () => {
    const audit = await work().ok('audit', 'list', '--json');
    assert.match(await work().ok('screen', LISTED, '--chain', 'ethereum', '--dry'), /nothing was kept/);
    const { err } = await work().run('screen', 'rows.csv', '--out', 'dry.csv', '--dry');
    assert.match(err, /^E_FIELD/m);
    assert.ok(byHeader(work().path('dry.csv')).every(({ verdict }) => verdict === ''));
    assert.equal(await work().ok('audit', 'list', '--json'), audit);
  });

  it('makes a key, lists the rules and verifies the log of all that', async () => {
    const key = await work().ok('key', 'create', '--role', 'analyst', '--name', 'desk');
    assert.match(key, /^hk_[0-9A-Za-z_-]+\n$/);
    const listed = await work().ok('key', 'list');
    assert.match(listed, /live \| analyst .*desk/);
    assert.ok(!listed.includes(key.trim()));
    assert.match(await work().ok('rules', 'list'), /Haetae default rules.* decides since/);
    assert.match(await work().ok('audit', 'verify'), /^sound: \d+ entries, [1-9]\d* verdicts as decided/);
  });
}

function stops(work: () => Workplace): void {
  it('goes on after the last whole row of a run that was stopped', async () => {
    const place = work();
    const rows = Array.from({ length: 20_000 }, (_, at) => `0x${at.toString(16).padStart(40, '0')},row ${at}`);
    writeFileSync(place.path('many.csv'), `address,note\n${rows.join('\n')}\n`);
    const words = ['screen', 'many.csv', '--chain', 'ethereum', '--quiet'];
    await stopped(place, words);
    assert.match(readFileSync(place.path('many.screened.csv.part'), 'utf8'), /\n$/);
    assert.match(await place.refused('E_USAGE', ...words), /--resume/);
    appendFileSync(place.path('many.screened.csv.part'), '0x00,"half a');
    assert.match(await place.ok(...words, '--resume'), /20,000 rows: .*20,000 allow.*\n[\d,]+ of them by the run/);
    const found = byHeader(place.path('many.screened.csv'));
    assert.deepEqual(
      found.map(({ address, note }) => `${address},${note}`),
      rows,
    );
    assert.equal(new Set(found.map(({ verdict }) => verdict)).size, rows.length);
  });

  it('does not go on with another file', async () => {
    const place = work();
    writeFileSync(place.path('other.csv'), `address\n${PLAIN}\n`);
    writeFileSync(place.path('other.screened.csv.part'), 'address,decision,score,reasons,verdict,error\n');
    writeFileSync(place.path('other.screened.csv.part.json'), '{}\n');
    await place.refused('E_USAGE', 'screen', 'other.csv', '--chain', 'ethereum', '--resume');
    await place.refused('E_NOT_FOUND', 'screen', 'rows.csv', '--out', 'none.csv', '--resume');
  });
}

/** Ctrl-C as soon as some rows are written. */
async function stopped(work: Workplace, words: readonly string[]): Promise<void> {
  const part = work.path('many.screened.csv.part');
  const child = spawn(process.execPath, [join(ROOT, 'dist/src/main.js'), ...words], {
    cwd: work.folder,
    env: { ...process.env, HAETAE_DB: work.db, HOME: work.folder },
    stdio: 'ignore',
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  while (child.exitCode === null && (!existsSync(part) || statSync(part).size < 2000)) await pause(1);
  child.kill('SIGINT');
  assert.equal(await ended, 130);
}

describe('screening by the command line', () => {
  let work: Workplace;
  before(async () => {
    work = workplace();
    await work.ok('import', 'labels', 'labels.csv');
  });
  after(() => work.remove());
  commands(() => work);
  stops(() => work);

  it('refuses what it cannot read before it opens anything', async () => {
    const cases = [
      ['E_USAGE', 'screen'],
      ['E_USAGE', 'screen', PLAIN],
      ['E_USAGE', 'screen', PLAIN, '--chain', 'ethereum', '--out', 'x.csv'],
      ['E_USAGE', 'screen', 'rows.csv', '--json'],
      ['E_USAGE', 'screen', 'rows.csv', '--out', './rows.csv'],
      ['E_NOT_FOUND', 'screen', 'none.csv'],
      ['E_NOT_FOUND', 'screen', 'rows.csv', '--db', 'none.duckdb'],
      ['E_NOT_FOUND', 'audit', 'verify', '--db', 'none.duckdb'],
      ['E_COLUMN_MISSING', 'screen', 'labels.txt'],
      ['E_FILE_EMPTY', 'screen', 'empty.csv'],
      ['E_FILE_WRITE', 'screen', 'rows.csv', '--out', 'no/such/folder/out.csv'],
    ] as const;
    writeFileSync(work.path('labels.txt'), 'name;address\n');
    writeFileSync(work.path('empty.csv'), 'address,chain\n');
    for (const [code, ...words] of cases) await work.refused(code, ...words);
    assert.equal(existsSync(work.path('none.duckdb')), false);
  });
});

describe('screening by the command line while a server holds the store', () => {
  let work: Workplace;
  let end: () => Promise<void>;
  before(async () => {
    work = workplace();
    await work.ok('import', 'labels', 'labels.csv');
    end = await served(work);
  });
  after(async () => {
    await end();
    work.remove();
  });
  commands(() => work);
  stops(() => work);
});

/** Starts `haetae serve` and waits until it answers; the result ends it as a user would. */
async function served(work: Workplace): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, [join(ROOT, 'dist/src/main.js'), 'serve', '--port', '0'], {
    cwd: work.folder,
    env: { ...process.env, HAETAE_DB: work.db, HOME: work.folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (text: Buffer): void => {
      said += text.toString('utf8');
      if (/http:\/\/127\.0\.0\.1:\d+/.test(said)) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', () => reject(new Error(`the server ended: ${said}`)));
  });
  return async () => {
    child.kill('SIGTERM');
    assert.equal(await ended, 0, said);
  };
}
