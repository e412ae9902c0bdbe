import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BundleFiles, checkBundle, MANIFEST, sealBundle } from './bundle.ts';

const utf8 = { encode: (text: string): Uint8Array => new TextEncoder().encode(text) };

function bundle(): Map<string, Uint8Array> {
  const files = new Map([
    ['a.csv', utf8.encode(`${'x,y\n'.repeat(900)}`)],
    ['b.json', utf8.encode('{"n":1}\n')],
    ['empty.txt', new Uint8Array()],
  ]);
  return files.set(MANIFEST, sealBundle('case-1', files).manifest);
}

function refusal(files: BundleFiles, digest: string | null = null): { code: string; context: Record<string, unknown> } {
  try {
    checkBundle(files, digest);
  } catch (error) {
    return error as { code: string; context: Record<string, unknown> };
  }
  return assert.fail('the bundle was accepted');
}

test('a bundle as sealed is accepted with and without its digest', () => {
  const files = bundle();
  const { digest } = checkBundle(files, null);
  assert.equal(checkBundle(files, digest).caseId, 'case-1');
});

test('any one byte changed in any file is refused, and in a data file named', () => {
  const files = bundle();
  const { digest } = checkBundle(files, null);
  const names = [...files].filter(([, bytes]) => bytes.length > 0).map(([name]) => name);
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.nat(), fc.integer({ min: 1, max: 255 }), (name, at, flip) => {
      const bytes = Uint8Array.from(files.get(name)!);
      const index = at % bytes.length;
      bytes[index]! ^= flip;
      const error = refusal(new Map(files).set(name, bytes), digest);
      assert.equal(error.code, 'E_BUNDLE');
      if (name !== MANIFEST) {
        assert.equal(error.context.file, name);
        assert.equal(error.context.byte, index);
      }
    }),
    { numRuns: 40 },
  );
});

test('bytes added, cut, files missing and files added are refused', () => {
  const files = bundle();
  const longer = new Map(files).set('b.json', utf8.encode('{"n":1}\n '));
  assert.equal(refusal(longer).context.file, 'b.json');
  const shorter = new Map(files).set('a.csv', files.get('a.csv')!.subarray(0, 2000));
  assert.equal(refusal(shorter).context.file, 'a.csv');
  const missing = new Map(files);
  missing.delete('b.json');
  assert.equal(refusal(missing).context.file, 'b.json');
  assert.equal(refusal(new Map(files).set('extra.txt', new Uint8Array())).context.file, 'extra.txt');
});

test('a manifest rewritten to fit a changed file passes alone and fails against the digest', () => {
  const files = bundle();
  const { digest } = checkBundle(files, null);
  const forged = new Map([...files].filter(([name]) => name !== MANIFEST)).set('b.json', utf8.encode('{"n":2}\n'));
  forged.set(MANIFEST, sealBundle('case-1', forged).manifest);
  checkBundle(forged, null);
  assert.equal(refusal(forged, digest).code, 'E_BUNDLE');
});
