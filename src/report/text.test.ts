import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { formatAmount } from '../base/money.ts';
import { displayWidth, fitText, shortAddress, visibleText } from '../base/visible-text.ts';
import { compactAmount, exactAmount, percent, roundedAmount } from './amount.ts';
import { html } from './html-escape.ts';
import { exactDigits } from './html-parts.ts';

const ETH = { symbol: 'ETH', decimals: 18 };

suite('text and amounts of a report', () => {
  test('control, bidirectional and invisible characters become visible', () => {
    assert.equal(visibleText('a\u001b[2Jb'), 'a<U+001B>[2Jb');
    assert.equal(visibleText('\u202eevil\u200b'), '<U+202E>evil<U+200B>');
    assert.equal(visibleText('빗썸 거래소 – é'), '빗썸 거래소 – é');
    assert.equal(visibleText('\ud800x'), '<U+D800>x');
  });

  test('no text keeps a control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(visibleText(text), /[\p{Cc}\p{Cf}\p{Cs}]/u);
      }),
    );
  });

  test('Hangul takes two columns, and is cut between characters', () => {
    assert.equal(displayWidth('빗썸'), 4);
    assert.equal(fitText('빗썸거래소', 7), '빗썸...');
    assert.equal(displayWidth('e\u0301'), 1);
  });

  test('addresses are shortened as 0x098b…2f96', () => {
    assert.equal(shortAddress('0x098b716b8aaf21512996dc57eb0615e2383e2f96'), '0x098b…2f96');
  });

  test('exact amounts keep every digit', () => {
    assert.equal(exactAmount(8_565_903_082_267_597_648_05n * 10n, ETH), '8,565.9030822675976480'.concat('5'));
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 256n - 1n), fc.integer({ min: 0, max: 30 }), (units, decimals) => {
        const plain = formatAmount(units, decimals);
        assert.equal(exactAmount(units, { symbol: 'X', decimals }).replaceAll(',', ''), plain);
        const shown = exactDigits(units, { symbol: 'X', decimals }).text.replace(/<[^>]+>|,/g, '');
        assert.equal(trimZeros(shown), plain);
      }),
    );
  });

  test('rounding is half up, never to nothing', () => {
    assert.equal(roundedAmount(10n ** 18n + 5n * 10n ** 13n, ETH), '1.0001');
    assert.equal(roundedAmount(1n, ETH), '<0.0001');
    assert.equal(roundedAmount(0n, ETH), '0');
    assert.equal(roundedAmount(1_234_567n, { symbol: 'T', decimals: null }), '1,234,567');
    assert.equal(percent(1n, 3n), '33.33 %');
    assert.equal(percent(2n, 3n), '66.67 %');
    assert.equal(percent(1n, 10n ** 9n), '<0.01 %');
    assert.equal(percent(10n ** 9n - 1n, 10n ** 9n), '>99.99 %');
    assert.equal(roundedAmount(15n * 10n ** 17n, ETH), '1.5000');
    assert.equal(percent(0n, 0n), '0 %');
    assert.equal(compactAmount(173_600n * 10n ** 18n, ETH), '173,600');
    assert.equal(compactAmount(2n ** 255n, { symbol: 'T', decimals: null }), '5.78e76');
  });

  test('what is put into markup is escaped unless it is markup', () => {
    const evil = `"><script>alert('x')</script>\u0000`;
    assert.equal(
      html`<b title="${evil}">${html`<i>${[evil, 1n, null]}</i>`}</b>`.text,
      '<b title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&lt;U+0000&gt;"><i>&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&lt;U+0000&gt;1</i></b>',
    );
  });
});

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
}
