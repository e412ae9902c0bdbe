import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ADDRESS,
  AT,
  addressRequest,
  ETHER,
  evidenceOf,
  exposureOf,
  factsOf,
  labelOf,
  ONE_ETHER,
  pathOf,
  requestOf,
  ruleOf,
  setOf,
  signatureOf,
  traceOf,
} from './_evidence-fixture.ts';
import { evaluate } from './evaluate.ts';

const SANCTIONED = ruleOf(
  'sanctioned',
  { link: 'direct', category: ['sanctioned'] },
  { decision: 'block', score: 100 },
);

test('a current label fires and says who, by which list, since when; no amount is asked for', () => {
  const found = evaluate(setOf(SANCTIONED), evidenceOf([factsOf({ labels: [labelOf()] })]));
  const [reason] = found.reasons;
  assert.deepEqual([found.decision, found.score], ['block', 100]);
  assert.equal(reason?.amount, `${ONE_ETHER}`);
  assert.deepEqual([reason?.link, reason?.category, reason?.entity], ['direct', 'sanctioned', 'lazarusgroup']);
  assert.equal(
    reason?.text,
    `${ADDRESS} is labelled sanctioned: Lazarus Group, programmes DPRK3; ofac-sdn (confidence authority_data) lists it, since 2022-04-14; of this deposit 1 ETH fall under it.`,
  );
});

test('labels that ended or come later never fire; one made after the transfer does, and says so', () => {
  const rules = setOf(SANCTIONED);
  for (const status of ['ended', 'later'] as const)
    assert.equal(evaluate(rules, evidenceOf([factsOf({ labels: [labelOf({ status })] })])).decision, 'allow');
  const after = labelOf({ atTransfer: false });
  const late = evaluate(rules, evidenceOf([factsOf({ labels: [after] })]));
  assert.equal(late.decision, 'block');
  assert.equal(late.reasons[0]?.listedAfterTransfer, true);
  assert.match(late.reasons[0]?.text ?? '', /listed only after the transfer/);
  const both = evaluate(rules, evidenceOf([factsOf({ labels: [after, labelOf({ source: 'eu' })] })]));
  assert.equal(both.reasons[0]?.listedAfterTransfer, false);
  assert.equal(both.reasons[0]?.label?.source, 'eu');
});

test('confidence, bearer, programme and except narrow a direct rule', () => {
  const fires = (when: object, labels: readonly ReturnType<typeof labelOf>[]): boolean =>
    evaluate(
      setOf(ruleOf('r', { link: 'direct', category: ['sanctioned'], ...when })),
      evidenceOf([factsOf({ labels })]),
    ).reasons.length > 0;
  const web = labelOf({ confidence: 'web_crawl' });
  assert.equal(fires({ confidence: 'forensic' }, [web]), false);
  assert.equal(fires({ confidence: 'web_crawl' }, [web]), true);
  assert.equal(fires({ weakerThan: 'forensic' }, [web]), true);
  assert.equal(fires({ weakerThan: 'forensic' }, [labelOf()]), false);
  assert.equal(fires({ confidence: 'unknown' }, [labelOf({ confidence: 'a word of its own' })]), false);
  assert.equal(fires({ weakerThan: 'forensic' }, [labelOf({ confidence: 'a word of its own' })]), true);
  const via = labelOf({ via: '0x33' });
  assert.equal(fires({ bearer: 'itself' }, [via]), false);
  assert.equal(fires({ bearer: 'entity' }, [via]), true);
  assert.equal(fires({ programme: ['dprk'] }, [labelOf()]), true);
  assert.equal(fires({ programme: ['DPR'] }, [labelOf()]), false);
  assert.equal(fires({ except: ['exchange'] }, [labelOf(), labelOf({ category: 'exchange' })]), false);
  assert.equal(fires({ except: ['exchange'] }, [labelOf(), labelOf({ category: 'exchange', status: 'ended' })]), true);
});

test('of a transfer the share of it counts, rounded down, on the side it comes from', () => {
  const rule = ruleOf('r', { link: 'indirect', category: ['stolen'], amount: { ETH: '0.4' } });
  const exposures = [exposureOf({ share: 0.4 }), exposureOf({ side: 'sent', share: 1 })];
  const whole = evaluate(setOf(rule), evidenceOf([factsOf({ exposures })]));
  assert.deepEqual(
    whole.reasons.map(({ amount, share, method }) => [amount, share, method]),
    [[`${(ONE_ETHER * 4n) / 10n}`, 0.4, 'haircut']],
  );
  const less = requestOf({ amount: `${ONE_ETHER - 1n}` });
  assert.equal(evaluate(setOf(rule), evidenceOf([factsOf({ exposures })], { request: less })).decision, 'allow');
  const withdrawal = requestOf({ direction: 'withdrawal' });
  const out = evaluate(setOf(rule), evidenceOf([factsOf({ exposures })], { request: withdrawal }));
  assert.equal(out.reasons[0]?.amount, `${ONE_ETHER}`);
});

test('of an address what it received or sent counts, in assets of known decimals only', () => {
  const rule = ruleOf('r', { link: 'indirect', share: 0.1, amount: { ETH: '1', other: '0' } });
  const spam = exposureOf({ asset: 'eip155:1/erc20:0x00000000000000000000000000000000000000aa', share: 1 });
  const found = evaluate(
    setOf(rule),
    evidenceOf([factsOf({ exposures: [exposureOf(), spam] })], { request: addressRequest() }),
  );
  assert.deepEqual(
    found.reasons.map(({ asset }) => asset),
    [ETHER],
  );
  const asked = addressRequest({ asset: spam.asset });
  assert.equal(
    evaluate(setOf(rule), evidenceOf([factsOf({ exposures: [spam] })], { request: asked })).reasons.length,
    1,
  );
});

test('a token that calls itself ETH is not compared with ether', () => {
  const rule = ruleOf('r', { link: 'indirect', amount: { ETH: '0.1' } });
  const token = 'eip155:1/erc20:0x00000000000000000000000000000000000000aa';
  const request = requestOf({ asset: token, symbol: 'ETH' });
  assert.equal(
    evaluate(setOf(rule), evidenceOf([factsOf({ exposures: [exposureOf({ asset: token })] })], { request })).decision,
    'allow',
  );
});

test('where hops are not known a rule with a limit on them fires, and says review at most; paths are wanted', () => {
  const rule = ruleOf('r', { link: 'indirect', category: ['stolen'], share: 0.1, hops: 3 }, { decision: 'block' });
  const decide = (hops: number | null) =>
    evaluate(
      setOf(rule),
      evidenceOf([factsOf({ exposures: [exposureOf({ hops, path: hops === null ? null : pathOf(hops) })] })]),
    );
  assert.deepEqual([decide(null).decision, decide(null).wantsPaths], ['review', [ADDRESS]]);
  assert.match(decide(null).reasons[0]?.text ?? '', /a person decides/);
  assert.deepEqual([decide(3).decision, decide(3).wantsPaths], ['block', []]);
  assert.equal(decide(3).reasons[0]?.entity, 'Ronin Bridge Exploiter');
  assert.equal(decide(4).decision, 'allow');
});

test('age counts back from the verdict, or from the date asked for', () => {
  const rule = ruleOf('r', { link: 'indirect', share: 0.1, ageDays: 10 });
  const decide = (asOf: string | null, time: string) =>
    evaluate(
      setOf(rule),
      evidenceOf([factsOf({ exposures: [exposureOf({ hops: 2, path: pathOf(2, time) })] })], {
        request: requestOf({ asOf }),
      }),
    ).decision;
  assert.equal(decide(null, '2026-02-20T00:00:00Z'), 'review');
  assert.equal(decide(null, '2026-02-10T00:00:00Z'), 'allow');
  assert.equal(decide('2026-02-12T00:00:00Z', '2026-02-10T00:00:00Z'), 'review');
});

test('a traced place counts with no more than the stolen money it was reached by; methods are not added up', () => {
  const rule = ruleOf('r', { traced: true, role: ['holds'], amount: { ETH: '0.5' } }, { decision: 'block' });
  const decide = (amounts: readonly bigint[]) =>
    evaluate(setOf(rule), evidenceOf([factsOf({ traces: amounts.map((amount) => traceOf({ amount: `${amount}` })) })]));
  assert.equal(decide([ONE_ETHER / 4n, ONE_ETHER / 3n]).decision, 'allow');
  assert.equal(decide([ONE_ETHER / 4n, ONE_ETHER / 2n]).decision, 'block');
  assert.equal(decide([ONE_ETHER * 9n]).reasons[0]?.amount, `${ONE_ETHER}`);
  assert.deepEqual(
    [decide([ONE_ETHER]).reasons[0]?.category, decide([ONE_ETHER]).reasons[0]?.method],
    ['stolen', 'fifo'],
  );
  const service = evidenceOf([factsOf({ traces: [traceOf({ role: 'service' })] })]);
  assert.equal(evaluate(setOf(rule), service).decision, 'allow');
});

test('signatures, segment and the plain amount of a transfer are conditions too', () => {
  const peel = ruleOf('peel', { signature: ['S8'] });
  assert.equal(evaluate(setOf(peel), evidenceOf([factsOf({ signatures: [signatureOf()] })])).decision, 'review');
  assert.equal(
    evaluate(setOf(peel), evidenceOf([factsOf({ signatures: [signatureOf({ id: 'S3' })] })])).decision,
    'allow',
  );
  const large = ruleOf('large', { segment: ['retail'], amount: { ETH: '1' } });
  const decide = (segment: string | null, amount: bigint) =>
    evaluate(setOf(large), evidenceOf([factsOf()], { request: requestOf({ segment, amount: `${amount}` }) })).decision;
  assert.deepEqual(
    [decide('retail', ONE_ETHER), decide('retail', ONE_ETHER - 1n), decide(null, ONE_ETHER)],
    ['review', 'allow', 'allow'],
  );
  assert.equal(
    evaluate(setOf(large), evidenceOf([factsOf()], { request: addressRequest({ segment: 'retail' }) })).decision,
    'allow',
  );
});

test('many under the threshold add up, over one customer and the counterparties of one request', () => {
  const rule = ruleOf('r', {
    link: 'indirect',
    category: ['stolen'],
    share: 0.4,
    amount: { ETH: '2' },
    cumulative: { days: 30, amount: { ETH: '1' } },
  });
  const facts = factsOf({ exposures: [exposureOf({ share: 0.4 })] });
  const earlier = (days: number, amount: bigint) => ({
    at: new Date(AT - days * 86_400_000).toISOString(),
    amount: `${amount}`,
    verdict: 'v-1',
  });
  const decide = (...all: readonly ReturnType<typeof earlier>[]) =>
    evaluate(
      setOf(rule),
      evidenceOf([facts], {
        cumulative: [{ of: 'c-1', category: 'stolen', link: 'indirect', asset: ETHER, earlier: all }],
      }),
    );
  const part = (ONE_ETHER * 6n) / 10n;
  assert.equal(decide().decision, 'allow');
  assert.deepEqual(decide().accrues, [
    { of: 'c-1', category: 'stolen', link: 'indirect', asset: ETHER, amount: `${(ONE_ETHER * 4n) / 10n}` },
  ]);
  assert.equal(decide(earlier(29, part)).decision, 'review');
  assert.deepEqual(decide(earlier(29, part)).reasons[0]?.cumulative, {
    days: 30,
    amount: `${ONE_ETHER}`,
    limit: `${ONE_ETHER}`,
    transfers: 2,
  });
  assert.equal(decide(earlier(31, part)).decision, 'allow');
  assert.equal(decide(earlier(-1, part)).decision, 'allow');
  const three = [1, 2, 3].map((n) => ({ ...facts, address: `0x${n}`, amount: `${ONE_ETHER}` }));
  assert.equal(evaluate(setOf(rule), evidenceOf(three)).reasons.length, 3);
});

test('what one counterparty pays counts once toward a sum, however many traces speak of it', () => {
  const rule = ruleOf('r', { traced: true, cumulative: { days: 30, amount: { ETH: '1.5' } } });
  const usdt = 'eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7';
  const one = factsOf({ traces: [traceOf(), traceOf({ asset: usdt, amount: '9' })] });
  assert.equal(evaluate(setOf(rule), evidenceOf([one])).decision, 'allow');
  assert.equal(evaluate(setOf(rule), evidenceOf([one, { ...one, address: '0x2' }])).decision, 'review');
});

test('what was asked as of a past date counts toward nothing', () => {
  const rule = ruleOf('r', { link: 'indirect', cumulative: { days: 30, amount: { ETH: '1' } } });
  const request = requestOf({ asOf: '2026-02-01T00:00:00Z' });
  assert.deepEqual(
    evaluate(setOf(rule), evidenceOf([factsOf({ exposures: [exposureOf()] })], { request })).accrues,
    [],
  );
});

test('a transfer in an asset of unknown decimals is for a person where a rule limits the amount', () => {
  const rule = ruleOf('r', { link: 'indirect', share: 0.1, amount: { other: '10' } }, { decision: 'block' });
  const asset = 'eip155:1/erc20:0x00000000000000000000000000000000000000aa';
  const decide = (decimals: number | null) =>
    evaluate(
      setOf(rule),
      evidenceOf([factsOf({ exposures: [exposureOf({ asset, share: 1 })] })], {
        request: requestOf({ asset, decimals }),
      }),
    ).decision;
  assert.deepEqual([decide(null), decide(18), decide(2)], ['review', 'allow', 'block']);
});

test('the gravest of the live rules stands, with its highest score; allow documents and clears nothing', () => {
  const rules = setOf(
    ruleOf('b', { link: 'direct', category: ['sanctioned'] }, { decision: 'review', score: 99 }),
    ruleOf('c', { link: 'direct', category: ['sanctioned'] }, { decision: 'block', score: 60 }),
    ruleOf('a', { link: 'direct', category: ['sanctioned'] }, { decision: 'block', score: 80 }),
    ruleOf('own', { link: 'direct', category: ['sanctioned'] }, { decision: 'allow', score: 100 }),
    ruleOf('try', { link: 'direct', category: ['sanctioned'] }, { decision: 'block', score: 100, mode: 'test' }),
  );
  const found = evaluate(rules, evidenceOf([factsOf({ labels: [labelOf()] })]));
  assert.deepEqual([found.decision, found.score], ['block', 80]);
  assert.deepEqual(
    found.reasons.map(({ rule }) => rule),
    ['a', 'c', 'b', 'own'],
  );
  assert.deepEqual(
    found.tested.map(({ rule }) => rule),
    ['try'],
  );
});

test('nothing known of the counterparty is a plain allow', () => {
  assert.equal(evaluate(setOf(SANCTIONED), evidenceOf([factsOf(), factsOf({ address: '0x2' })])).decision, 'allow');
});
