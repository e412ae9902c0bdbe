import { colorName, KINDS } from '../../graph/signs.ts';

/** Colours of the page as "#rrggbb". */
export interface Theme {
  readonly ground: string;
  readonly panel: string;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly edge: string;
  readonly strongEdge: string;
  readonly focus: string;
  readonly kinds: Readonly<Record<string, string>>;
  readonly font: string;
}

/** Reads the variables of the theme that is on. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => {
    const value = style.getPropertyValue(name).trim();
    // A built style sheet holds "#fff" where "#ffffff" was written.
    const whole = /^#[0-9a-f]{3}$/i.test(value) ? value.replace(/[0-9a-f]/gi, '$&$&') : value;
    return /^#[0-9a-f]{6}$/i.test(whole) ? whole : '#808080';
  };
  return {
    ground: color('--ground'),
    panel: color('--panel'),
    text: color('--text'),
    muted: color('--muted'),
    line: color('--line'),
    edge: color('--edge'),
    strongEdge: color('--edge-strong'),
    focus: color('--focus'),
    kinds: Object.fromEntries(KINDS.map((kind) => [kind, color(colorName(kind))])),
    font: style.getPropertyValue('--sans').trim() || 'sans-serif',
  };
}

/** Calls back when the theme was changed, by the reader or by the system. */
export function watchTheme(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}
