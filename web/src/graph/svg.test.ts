import assert from 'node:assert/strict';
import { test } from 'node:test';
import { largeAnswer } from './_flow-fixture.ts';
import { amountsOf, replayOf } from './amounts.ts';
import { flowOf } from './flow.ts';
import { foldOf } from './fold.ts';
import { layoutOf } from './layout.ts';
import { lineWidth, mix, shapeSize } from './look.ts';
import { pictureOf } from './picture.ts';
import { sceneOf } from './scene.ts';
import { KINDS } from './signs.ts';
import { FIRST_STATE } from './state.ts';
import { escapeXml, svgOf } from './svg.ts';

const HOSTILE = `</text><script>alert(1)</script> & "quoted" 'single' <image href="http://x.example/a.png"/>`;

test('a picture as SVG holds every shape, no markup of names, and nothing that points outside', () => {
  const flow = flowOf(largeAnswer(300, 700));
  const picture = pictureOf(flow, foldOf(flow, false), FIRST_STATE);
  const amounts = amountsOf(flow, picture, replayOf(flow, null));
  const weights = picture.lines.map(() => 1);
  const layout = layoutOf({ picture, weights, axis: 'hops', start: flow.start, end: flow.end, pins: new Map() });
  const detail = () => ({ detail: HOSTILE, brief: '' });
  const scene = sceneOf({ flow, picture, layout, amounts, title: () => HOSTILE, detail });
  const grey = '#808080';
  const kinds = Object.fromEntries(KINDS.map((kind) => [kind, grey]));
  const colors = { panel: '#ffffff', text: '#000000', muted: grey, edge: grey, kinds };
  const svg = svgOf({ scene, colors, caption: [HOSTILE, 'as of today'], legend: [{ kind: 'theft', word: HOSTILE }] });
  const tags = new Set([...svg.matchAll(/<\/?([A-Za-z]+)/g)].map(([, name]) => name));
  assert.deepEqual([...tags].sort(), ['circle', 'g', 'path', 'polygon', 'rect', 'svg', 'text', 'title']);
  const plain = svg.replace('xmlns="http://www.w3.org/2000/svg"', '');
  assert.equal(/(href|xlink|url\(|style=)/.test(plain.replaceAll(escapeXml(HOSTILE), '')), false);
  assert.equal(svg.split(escapeXml(HOSTILE)).length - 1, picture.shapes.length * 2 + 3);
  assert.equal([...svg.matchAll(/<path /g)].length, picture.lines.length * 2);
});

test('what is larger is drawn no smaller', () => {
  const stolen = 10n ** 24n;
  let [width, size] = [0, 0];
  for (let digits = 0; digits <= 24; digits += 1) {
    const units = 10n ** BigInt(digits);
    assert.ok(lineWidth(units, stolen, 50) >= width && shapeSize(units, stolen, 50) >= size);
    width = lineWidth(units, stolen, 50);
    size = shapeSize(units, stolen, 50);
  }
  assert.equal(mix('#ff0000', '#0000ff', 0.5), '#800080');
});
