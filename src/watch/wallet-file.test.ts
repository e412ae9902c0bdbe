import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { HaetaeError } from '../base/errors.ts';
import { DEFAULT_THRESHOLDS } from '../detect/watched-wallet.ts';
import { readWalletFile } from './wallet-file.ts';

const EXAMPLE = join(dirname(fileURLToPath(import.meta.url)), '../../../examples/wallets.yaml');
const ADDRESS = '0xdac17f958d2ee523a2206206994597c13d831ec7';
const USDT = `eip155:1/erc20:${ADDRESS}`;

function refusal(text: string): HaetaeError {
  try {
    readWalletFile(text, 'w.yaml');
  } catch (error) {
    assert.ok(error instanceof HaetaeError, String(error));
    return error;
  }
  return assert.fail(`accepted: ${text}`);
}

function wallets(...lines: string[]): string {
  return `wallets:\n  - chain: ethereum\n    address: ${ADDRESS}\n${lines.map((line) => `    ${line}\n`).join('')}`;
}

suite('a file of wallets', () => {
  test('the example is one', () => {
    const { title, wallets: read, thresholds } = readWalletFile(readFileSync(EXAMPLE, 'utf8'), 'wallets.yaml');
    assert.equal(title, 'Wallets of an exchange');
    assert.deepEqual(
      read.map(({ name, kind }) => [name, kind]),
      [
        ['Hot wallet 1', 'wallet'],
        ['Treasury', 'safe'],
      ],
    );
    assert.equal(read[0]!.minOutflow.get('eip155:1/slip44:60'), 5n * 10n ** 18n);
    assert.equal(read[0]!.largeApproval.get(USDT), 10n ** 12n);
    assert.deepEqual(thresholds, DEFAULT_THRESHOLDS);
  });

  test('an address needs no quotes, an amount keeps every digit, a checksum and a chain name are taken', () => {
    const text = wallets(
      'minOutflow: { ETH: 1.000000000000000001 }',
      'allow: [0xdAC17F958D2ee523a2206206994597C13D831ec7]',
    );
    const [read] = readWalletFile(`${text}thresholds: { windowMinutes: 30, strongJump: 20 }\n`, 'w.yaml').wallets;
    assert.equal(read!.chain, 'eip155:1');
    assert.equal(read!.address, ADDRESS);
    assert.equal(read!.minOutflow.get('eip155:1/slip44:60'), 10n ** 18n + 1n);
    assert.deepEqual([...read!.allow], [ADDRESS]);
    const { thresholds } = readWalletFile(`${text}thresholds: { windowMinutes: 30, strongJump: 20 }\n`, 'w.yaml');
    assert.deepEqual([thresholds.windowSeconds, thresholds.strongJump, thresholds.jump], [1800, 20, 3]);
  });

  test('what is wrong is named by file, line and field', () => {
    const cases: readonly [text: string, line: number | undefined, field: string | undefined][] = [
      ['wallets: [', 1, undefined],
      ['wallets: []', 1, 'wallets'],
      ['title: x\n', 1, 'wallets'],
      [wallets('adress: 0x00'), 4, 'wallets.0.adress'],
      [wallets('kind: vault'), 4, 'wallets.0.kind'],
      [wallets('allow:', '  - 0x12'), 5, 'wallets.0.allow.0'],
      [wallets('minOutflow:', '  ETH: -1'), 5, 'wallets.0.minOutflow.ETH'],
      [wallets('minOutflow:', '  ETH: 1.0000000000000000001'), 5, 'wallets.0.minOutflow.ETH'],
      [wallets('minOutflow:', '  NOTOKEN: 1'), 5, 'wallets.0.minOutflow.NOTOKEN'],
      [`${wallets()}thresholds:\n  halfShare: 50\n`, 5, 'thresholds.halfShare'],
      [`${wallets()}  - chain: eip155:1\n    address: ${ADDRESS}\n`, 5, 'wallets.1.address'],
      ['wallets:\n  - chain: bitcoin\n    address: x\n', 2, 'wallets.0.chain'],
      ['wallets:\n  - chain: nowhere\n    address: x\n', 2, 'wallets.0.chain'],
    ];
    for (const [text, line, field] of cases) {
      const error = refusal(text);
      assert.equal(error.code, 'E_WATCH_FILE', text);
      assert.deepEqual([error.context.file, error.context.line, error.context.field], ['w.yaml', line, field], text);
      assert.ok(error.remedy !== undefined && error.remedy !== '', text);
    }
  });

  test('an alias, or an asset without decimals, is refused with what to write', () => {
    assert.match(refusal(`x: &a 1\nwallets: *a\n`).message, /alias/);
    const unknown = refusal(wallets('largeApproval:', `  eip155:1/erc20:0x${'7'.repeat(40)}: 5`));
    assert.match(unknown.remedy!, /baseUnits/);
  });
});
