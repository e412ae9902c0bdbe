import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, suite, test } from 'node:test';
import type { AccountSource } from '../../src/source/chain-source.ts';
import { Workplace } from '../e2e/_cli.ts';
import { type Anvil, callData, startAnvil, wallet } from './_anvil.ts';
import { Running } from './_command.ts';
import { bytecode } from './_contracts.ts';
import { NO_SUCH_METHOD, startProxy } from './_proxy.ts';
import { CHAIN, ETHER, openNode, RunningWatch, watched, withPast } from './_watch.ts';

const HOT = 1;
const THIEF = wallet('watch thief').address;
const STRANGER = wallet('watch stranger').address;
const MAX = 2n ** 256n - 1n;

let anvil: Anvil;
let source: AccountSource;
let safe: string;
let token: string;

suite('watching wallets of a living chain', () => {
  before(async () => {
    anvil = await startAnvil();
    source = await openNode(anvil.url);
    safe = (await anvil.deploy(bytecode('Safe'), 'address[], uint256', [[anvil.accounts[0]!.address], 2n])).created!;
    token = (await anvil.deploy(bytecode('Token'), 'string, uint8, uint256', ['TST', 6, 10n ** 12n])).created!;
    await withPast(anvil, HOT, 20);
  });

  test('a drain alarms in its own block, with the evidence', async () => {
    const watch = new RunningWatch(source, [watched(anvil.accounts[HOT]!.address)]);
    const learnt = await watch.until(({ event }) => event === 'learnt');
    assert.equal(learnt.event === 'learnt' && learnt.past.payments, 20);
    await watch.until(({ event }) => event === 'watching');
    const usual = await anvil.transact({ from: HOT, to: STRANGER, value: ETHER, gas: 21_000n });
    await watch.judged(usual.block);
    assert.equal(watch.alarms.length, 0);
    const held = await anvil.balance(anvil.accounts[HOT]!.address);
    const drain = await anvil.transact({ from: HOT, to: THIEF, value: 9000n * ETHER, gas: 21_000n });
    await watch.judged(drain.block);
    const [alarm] = watch.alarms;
    assert.equal(alarm!.rule, 'drain');
    assert.equal(alarm!.block, drain.block);
    assert.deepEqual([alarm!.others, alarm!.txs], [[THIEF], [drain.hash]]);
    assert.deepEqual(alarm!.amounts[0]!.amount, 9000n * ETHER);
    // What it held before the hour: the usual payment and its fee are of that hour too.
    assert.equal(alarm!.amounts[0]!.held, held + ETHER + usual.fee);
    await watch.stop();
  });

  test('changed rights of a Safe alarm in their own block, large approvals too', async () => {
    const watch = new RunningWatch(source, [watched(safe, 'safe'), watched(anvil.accounts[0]!.address)]);
    await watch.until(({ event }) => event === 'watching');
    const calls: [string, string][] = [
      [safe, callData('function addOwnerWithThreshold(address,uint256)', [THIEF, 1n])],
      [safe, callData('function enableModule(address)', [THIEF])],
      [token, callData('function approve(address,uint256)', [STRANGER, MAX])],
      [token, callData('function approve(address,uint256)', [STRANGER, 0n])],
    ];
    const blocks: bigint[] = [];
    for (const [to, data] of calls) blocks.push((await anvil.transact({ from: 0, to, data })).block);
    await watch.judged(blocks[3]!);
    assert.deepEqual(
      watch.alarms.map(({ rule, severity, block }) => [rule, severity, block]),
      [
        ['safeOwnerAdded', 'high', blocks[0]],
        ['safeThreshold', 'critical', blocks[0]],
        ['safeModuleEnabled', 'critical', blocks[1]],
        ['approval', 'high', blocks[2]],
      ],
    );
    await watch.stop();
  });

  test('a delegatecall of a Safe to code it never ran alarms', async () => {
    const trojan = (await anvil.deploy(bytecode('Trojan'))).created!;
    const watch = new RunningWatch(source, [watched(safe, 'safe')]);
    await watch.until(({ event }) => event === 'watching');
    const inner = callData('function transfer(address,uint256)', [THIEF, 0n]);
    const zero = `0x${'0'.repeat(40)}`;
    const data = callData(
      'function execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)',
      [trojan, 0n, inner, 1, 0n, 0n, 0n, zero, zero, '0x'],
    );
    const attack = await anvil.transact({ from: 0, to: safe, data, gas: 500_000n });
    const again = await anvil.transact({ from: 0, to: safe, data, gas: 500_000n });
    await watch.judged(again.block);
    assert.deepEqual(
      watch.alarms.map(({ rule, others, block }) => [rule, others, block]),
      [['delegatecall', [trojan], attack.block]],
    );
    await watch.stop();
  });
});

suite('watching a Safe through its own calls', () => {
  test('coins that a Safe pays from inside are seen, by traces or by balances alone', async () => {
    const proxy = await startProxy(anvil.url);
    proxy.tamper = ({ method }, result) => (/^(trace|debug)_/.test(method) ? NO_SUCH_METHOD : result);
    const blind = await openNode(proxy.url);
    const zero = `0x${'0'.repeat(40)}`;
    try {
      for (const [node, name] of [
        [source, 'traced'],
        [blind, 'by balances'],
      ] as const) {
        const owned = (await anvil.deploy(bytecode('Safe'), 'address[], uint256', [[THIEF], 1n])).created!;
        await anvil.transact({ from: 4, to: owned, value: 100n * ETHER });
        const watch = new RunningWatch(node, [watched(owned, 'safe')]);
        await watch.until(({ event }) => event === 'watching');
        const data = callData(
          'function execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)',
          [THIEF, 99n * ETHER, '0x', 0, 0n, 0n, 0n, zero, zero, '0x'],
        );
        // It came in this hour: what left is set against that until a day has passed.
        await anvil.rpc('anvil_setBlockTimestampInterval', [90_000]);
        const theft = await anvil.transact({ from: 0, to: owned, data, gas: 500_000n });
        await anvil.rpc('anvil_setBlockTimestampInterval', [12]);
        await watch.judged(theft.block);
        assert.deepEqual(
          watch.alarms.map(({ rule, amounts, txs }) => [rule, amounts[0]!.amount, txs[0]]),
          [['emptied', 99n * ETHER, theft.hash]],
          name,
        );
        await watch.stop();
      }
    } finally {
      await blind.close();
      await proxy.stop();
    }
  });
});

suite('watching wallets of a living chain: blocks taken back, and the command', () => {
  after(async () => {
    await source.close();
    await anvil.stop();
  });

  test('a reorganisation withdraws the alarms of its blocks; the same theft in another block alarms again', async () => {
    const victim = anvil.accounts[2]!.address;
    const watch = new RunningWatch(source, [watched(victim)]);
    await watch.until(({ event }) => event === 'watching');
    const before = await anvil.rpc('evm_snapshot');
    const drain = await anvil.transact({ from: 2, to: THIEF, value: 9990n * ETHER, gas: 21_000n });
    await watch.judged(drain.block);
    const first = watch.alarms[0]!;
    assert.equal(first.rule, 'emptied');
    await anvil.rpc('evm_revert', [before]);
    await anvil.mine(2);
    const withdrawn = await watch.until(({ event }) => event === 'withdrawn');
    assert.equal(withdrawn.event === 'withdrawn' && withdrawn.alarm.id, first.id);
    const again = await anvil.transact({ from: 2, to: THIEF, value: 9980n * ETHER, gas: 21_000n });
    await watch.judged(again.block);
    const second = watch.alarms.at(-1)!;
    assert.deepEqual([second.rule, second.block, second.again], ['emptied', again.block, null]);
    assert.equal(second.amounts[0]!.amount, 9980n * ETHER);
    await watch.stop();
  });

  test('haetae watch --json says the same a line each; Ctrl-C ends it cleanly; --once judges what is there', async () => {
    const work = new Workplace();
    const hot = anvil.accounts[3]!.address;
    writeFileSync(work.path('wallets.yaml'), `wallets:\n  - chain: ${CHAIN}\n    address: ${hot}\n    name: Vault\n`);
    const running = new Running(work, ['watch', 'wallets.yaml', '--source', anvil.wsUrl, '--json']);
    try {
      await running.until('watching', () => running.lines().some(({ event }) => event === 'watching'));
      const drain = await anvil.transact({ from: 3, to: THIEF, value: 9995n * ETHER, gas: 21_000n });
      await running.until('alarm', () => running.lines().some(({ event }) => event === 'alarm'));
      const alarm = running.lines().find(({ event }) => event === 'alarm')!;
      assert.equal(alarm.block, drain.block.toString());
      assert.match(String(alarm.summary), /^Vault \(0x.+paid .+ 9995 dETH \(of .+ dETH held\) in 1 payment/);
      running.interrupt();
      assert.deepEqual((await running.done).code, 0);
      assert.equal(running.err, '');
      const once = await work.ok('watch', 'wallets.yaml', '--source', anvil.url, '--once', '--quiet');
      assert.match(once, new RegExp(`block ${drain.block}: S1 CRITICAL emptied: Vault`));
      writeFileSync(work.path('wrong.yaml'), 'wallets:\n  - chain: eip155:1\n    adress: 0x00\n');
      const backwards = ['--from-block', '9', '--until-block', '8'];
      await work.refused('E_USAGE', 'watch', 'wallets.yaml', '--source', anvil.url, ...backwards);
      assert.match(await work.refused('E_WATCH_FILE', 'watch', 'wrong.yaml'), /line=/);
    } finally {
      running.end();
      work.remove();
    }
  });
});
