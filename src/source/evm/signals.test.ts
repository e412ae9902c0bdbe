import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as AbiEvent from 'ox/AbiEvent';
import * as AbiFunction from 'ox/AbiFunction';
import { address, joined, type MadeLog, type MadeTransaction, makeAnswers, makeBundle, word } from './_fixture.ts';
import { decodeBlock } from './decode.ts';
import { parseRawBlock, parseReceipts } from './raw.ts';
import { parseTraces } from './raw-trace.ts';

type Hex = `0x${string}`;
const CHAIN = 'eip155:1';
const [OWNER, SPENDER, SAFE, TARGET, COPY] = [1, 2, 3, 4, 5].map((n) => address(n) as Hex) as [Hex, Hex, Hex, Hex, Hex];
const TOKEN = address(9) as Hex;
const ZERO = `0x${'0'.repeat(40)}` as Hex;

function signalsOf(...transactions: readonly MadeTransaction[]) {
  return decodeBlock(makeBundle({ transactions }), CHAIN).signals;
}

function short({ kind, account, grantee, asset, amount }: ReturnType<typeof signalsOf>[number]): readonly unknown[] {
  return [kind, account, grantee, asset, amount];
}

/** A log as ox encodes it; every argument that is not indexed goes into the data, in order. */
function logOf(signature: string, emitter: string, indexed: object, ...data: readonly string[]): MadeLog {
  const event = AbiEvent.from(signature) as AbiEvent.AbiEvent;
  const encode = AbiEvent.encode as (event: unknown, args: object) => { topics: readonly unknown[] };
  const topics = Object.keys(indexed).length === 0 ? [AbiEvent.getSelector(event)] : encode(event, indexed).topics;
  return { address: emitter, topics: topics as string[], data: joined(...data) };
}

suite('signals from logs', () => {
  test('approvals: a token, one NFT, all NFTs, and their ends', () => {
    const erc20 = 'event Approval(address indexed owner, address indexed spender, uint256 value)';
    const erc721 = 'event Approval(address indexed owner, address indexed spender, uint256 indexed tokenId)';
    const all = 'event ApprovalForAll(address indexed owner, address indexed operator, bool approved)';
    const by = { owner: OWNER, spender: SPENDER };
    const logs = [
      logOf(erc20, TOKEN, by, word(2n ** 256n - 1n)),
      logOf(erc20, TOKEN, by, word(0)),
      logOf(erc721, TOKEN, { ...by, tokenId: 12n }),
      logOf(erc721, TOKEN, { owner: OWNER, spender: ZERO, tokenId: 12n }),
      logOf(all, TOKEN, { owner: OWNER, operator: SPENDER }, word(1)),
      logOf(all, TOKEN, { owner: OWNER, operator: SPENDER }, word(0)),
    ];
    const found = signalsOf({ tx: { from: OWNER }, logs });
    assert.deepEqual(found.map(short), [
      ['approval', OWNER, SPENDER, `${CHAIN}/erc20:${TOKEN}`, 2n ** 256n - 1n],
      ['approval', OWNER, SPENDER, `${CHAIN}/erc20:${TOKEN}`, 0n],
      ['approval', OWNER, SPENDER, `${CHAIN}/erc721:${TOKEN}/12`, 1n],
      ['approval', OWNER, null, `${CHAIN}/erc721:${TOKEN}/12`, 0n],
      ['approvalForAll', OWNER, SPENDER, `${CHAIN}/erc721:${TOKEN}`, 1n],
      ['approvalForAll', OWNER, SPENDER, `${CHAIN}/erc721:${TOKEN}`, 0n],
    ]);
    assert.deepEqual(
      found.map(({ logIndex, txIndex, sender }) => [logIndex, txIndex, sender]),
      logs.map((_, index) => [index, 0, OWNER]),
    );
  });

  test('a Safe’s owners, threshold, modules, guard, handler and code, indexed and as before 1.4', () => {
    for (const indexed of ['indexed ', '']) {
      const one = (name: string, arg: string): MadeLog =>
        indexed === ''
          ? logOf(`event ${name}(address ${arg})`, SAFE, {}, word(TARGET))
          : logOf(`event ${name}(address indexed ${arg})`, SAFE, { [arg]: TARGET });
      const names = [
        ['AddedOwner', 'safeOwnerAdded'],
        ['RemovedOwner', 'safeOwnerRemoved'],
        ['EnabledModule', 'safeModuleEnabled'],
        ['DisabledModule', 'safeModuleDisabled'],
        ['ChangedGuard', 'safeGuard'],
        ['ChangedFallbackHandler', 'safeFallbackHandler'],
        ['ChangedMasterCopy', 'safeMasterCopy'],
        ['Upgraded', 'proxyUpgraded'],
      ] as const;
      const logs = names.map(([name]) => one(name, 'who'));
      logs.push(logOf('event ChangedThreshold(uint256 threshold)', SAFE, {}, word(3)));
      assert.deepEqual(signalsOf({ logs }).map(short), [
        ...names.map(([, kind]) => [kind, SAFE, TARGET, null, null]),
        ['safeThreshold', SAFE, null, null, 3n],
      ]);
    }
  });

  test('an owner changed, a permit of Permit2', () => {
    const owned = 'event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)';
    const permit =
      'event Permit(address indexed owner, address indexed token, address indexed spender, uint160 amount, uint48 expiration, uint48 nonce)';
    const logs = [
      logOf(owned, TOKEN, { previousOwner: OWNER, newOwner: SPENDER }),
      logOf(owned, TOKEN, { previousOwner: OWNER, newOwner: ZERO }),
      logOf(permit, TARGET, { owner: OWNER, token: TOKEN, spender: SPENDER }, word(7), word(8), word(9)),
    ];
    assert.deepEqual(signalsOf({ logs }).map(short), [
      ['ownershipTransferred', TOKEN, SPENDER, null, null],
      ['ownershipTransferred', TOKEN, null, null, null],
      ['permit', OWNER, SPENDER, `${CHAIN}/erc20:${TOKEN}`, 7n],
    ]);
  });

  test('the same name with other fields is another event', () => {
    const [topic] = logOf('event AddedOwner(address owner)', SAFE, {}, word(TARGET)).topics;
    const odd = [
      { address: SAFE, topics: [topic!], data: '0x' },
      { address: SAFE, topics: [topic!, word(TARGET)], data: word(1) },
      { address: SAFE, topics: [topic!], data: '0x1234' },
      { address: SAFE, topics: [topic!, `0x${'ff'.repeat(32)}`], data: '0x' },
    ];
    assert.deepEqual(signalsOf({ logs: odd }), []);
  });
});

const EXEC = AbiFunction.from(
  'function execTransaction(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,uint256 gasPrice,address gasToken,address refundReceiver,bytes signatures)',
);

function exec(operation: number, to = TARGET, data: Hex = '0x12345678'): Hex {
  return AbiFunction.encodeData(EXEC, [to, 0n, data, operation, 0n, 0n, 0n, ZERO, ZERO, '0x99']);
}

interface Frame {
  readonly type: string;
  readonly from: string;
  readonly to: string;
  readonly input: string;
  readonly value?: string;
  readonly error?: string;
  readonly calls?: readonly Frame[];
}

function traced(frame: Frame, logs: readonly MadeLog[] = []) {
  const { block, receipts } = makeAnswers({
    transactions: [{ tx: { from: frame.from, to: frame.to, input: frame.input }, logs }],
  });
  const raw = parseRawBlock(block, 100n);
  const traces = parseTraces([{ result: frame }], raw, 'geth');
  return decodeBlock({ block: raw, receipts: parseReceipts(receipts, raw), traces }, CHAIN).signals.map(short);
}

suite('a Safe made by a factory', () => {
  const made = logOf('event ProxyCreation(address proxy, address singleton)', TARGET, {}, word(SAFE), word(COPY));
  const signal = [['safeMasterCopy', SAFE, COPY, null, null]];

  test('with traces: a creation of the proxy that stands', () => {
    const create: Frame = { type: 'CREATE2', from: TARGET, to: SAFE, input: '0x60', value: '0x0' };
    const top: Frame = { type: 'CALL', from: OWNER, to: TARGET, input: '0x', value: '0x0', calls: [create] };
    assert.deepEqual(traced(top, [made]), signal);
    const forgeries: Frame[][] = [
      [],
      [{ ...create, to: TOKEN }],
      [{ ...create, error: 'execution reverted' }],
      [{ ...create, type: 'CALL' }],
    ];
    for (const calls of forgeries) assert.deepEqual(traced({ ...top, calls }, [made]), []);
  });

  test('without traces: the proxy’s own log of its set-up', () => {
    // safe-smart-account 1.3.0 and 1.4.1, Safe.sol.
    const setUp = (safe: string): MadeLog =>
      logOf(
        'event SafeSetup(address indexed initiator, address[] owners, uint256 threshold, address initializer, address fallbackHandler)',
        safe,
        { initiator: TARGET },
        ...[word(128), word(1), word(ZERO), word(ZERO), word(1), word(OWNER)],
      );
    assert.deepEqual(signalsOf({ logs: [setUp(SAFE), made] }).map(short), signal);
    assert.deepEqual(signalsOf({ logs: [made] }), []);
    assert.deepEqual(signalsOf({ logs: [setUp(TARGET), made] }), []);
    assert.deepEqual(signalsOf({ logs: [setUp(SAFE)] }, { logs: [made] }), []);
  });
});

suite('signals from calls', () => {
  test('a Safe told to run another contract’s code as itself, from the input alone', () => {
    const delegated = [['delegatecall', SAFE, TARGET, null, null]];
    assert.deepEqual(signalsOf({ tx: { to: SAFE, input: exec(1) } }).map(short), delegated);
    assert.deepEqual(signalsOf({ tx: { to: SAFE, input: exec(0) } }), []);
    assert.deepEqual(signalsOf({ tx: { to: SAFE, input: exec(1) }, receipt: { status: '0x0' } }), []);
    assert.deepEqual(signalsOf({ tx: { to: SAFE, input: exec(1).slice(0, 100) } }), []);
    const module = AbiFunction.from(
      'function execTransactionFromModule(address to,uint256 value,bytes data,uint8 operation)',
    );
    const input = AbiFunction.encodeData(module, [TARGET, 0n, '0x', 1]);
    assert.deepEqual(signalsOf({ tx: { to: SAFE, input } }).map(short), delegated);
  });

  test('the proxy’s way to its own code is none; what the code then runs is one, once', () => {
    const input = exec(1);
    const inner: Frame = { type: 'DELEGATECALL', from: SAFE, to: TARGET, input: '0x12345678' };
    const code: Frame = { type: 'DELEGATECALL', from: SAFE, to: COPY, input, calls: [inner] };
    const top: Frame = { type: 'CALL', from: OWNER, to: SAFE, input, value: '0x0', calls: [code] };
    assert.deepEqual(traced(top), [['delegatecall', SAFE, TARGET, null, null]]);
    const harmless = exec(0);
    const plain = { ...top, input: harmless, calls: [{ ...code, input: harmless, calls: [] }] };
    assert.deepEqual(traced(plain), []);
  });

  test('deep inside another contract’s call; not where it was undone', () => {
    const input = exec(1);
    const call: Frame = { type: 'CALL', from: TOKEN, to: SAFE, input, value: '0x0' };
    const top: Frame = { type: 'CALL', from: OWNER, to: TOKEN, input: '0x', value: '0x0', calls: [call] };
    assert.deepEqual(traced(top), [['delegatecall', SAFE, TARGET, null, null]]);
    assert.deepEqual(traced({ ...top, calls: [{ ...call, error: 'execution reverted' }] }), []);
  });

  test('a permit, and DAI’s, which is all or nothing', () => {
    const permit = AbiFunction.from(
      'function permit(address owner,address spender,uint256 value,uint256 deadline,uint8 v,bytes32 r,bytes32 s)',
    );
    const bytes = `0x${'11'.repeat(32)}` as Hex;
    const input = AbiFunction.encodeData(permit, [OWNER, SPENDER, 77n, 1n, 27, bytes, bytes]);
    const dai = AbiFunction.from(
      'function permit(address holder,address spender,uint256 nonce,uint256 expiry,bool allowed,uint8 v,bytes32 r,bytes32 s)',
    );
    const all = (allowed: boolean): Hex =>
      AbiFunction.encodeData(dai, [OWNER, SPENDER, 5n, 6n, allowed, 27, bytes, bytes]);
    const asset = `${CHAIN}/erc20:${TOKEN}`;
    const found = signalsOf(...[input, all(true), all(false)].map((data) => ({ tx: { to: TOKEN, input: data } })));
    assert.deepEqual(found.map(short), [
      ['permit', OWNER, SPENDER, asset, 77n],
      ['permit', OWNER, SPENDER, asset, 2n ** 256n - 1n],
      ['permit', OWNER, SPENDER, asset, 0n],
    ]);
  });

  test('a setup that runs code of another contract', () => {
    const setup = AbiFunction.from(
      'function setup(address[] owners,uint256 threshold,address to,bytes data,address fallbackHandler,address paymentToken,uint256 payment,address paymentReceiver)',
    );
    const input = (to: Hex): Hex => AbiFunction.encodeData(setup, [[OWNER], 1n, to, '0x', ZERO, ZERO, 0n, ZERO]);
    assert.deepEqual(signalsOf({ tx: { to: SAFE, input: input(TARGET) } }).map(short), [
      ['delegatecall', SAFE, TARGET, null, null],
    ]);
    assert.deepEqual(signalsOf({ tx: { to: SAFE, input: input(ZERO) } }), []);
  });
});
