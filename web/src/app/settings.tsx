import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';

export const LANGUAGES = ['en', 'ko'] as const;
export type Language = (typeof LANGUAGES)[number];
export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
export const ZONES = ['utc', 'local'] as const;
export type Zone = (typeof ZONES)[number];

export interface Settings {
  readonly language: Language;
  readonly theme: Theme;
  readonly zone: Zone;
}

interface SettingsAndChange extends Settings {
  change(part: Partial<Settings>): void;
}

/** The text of a part of the console in every language. */
export interface Messages<Words> {
  readonly en: Words;
  readonly ko: Words;
}

const KEY = 'haetae.settings';
const Context = createContext<SettingsAndChange | null>(null);

export function SettingsProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [settings, setSettings] = useState(readSettings);
  useEffect(() => {
    document.documentElement.lang = settings.language;
    window.localStorage.setItem(KEY, JSON.stringify(settings));
  }, [settings]);
  useEffect(() => showTheme(settings.theme), [settings.theme]);
  const value = useMemo(
    () => ({ ...settings, change: (part: Partial<Settings>) => setSettings((now) => ({ ...now, ...part })) }),
    [settings],
  );
  return <Context value={value}>{children}</Context>;
}

/** Says light or dark on the page; goes with the system where that was chosen. Returns what ends it. */
function showTheme(theme: Theme): () => void {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const show = (): void => {
    const system = dark.matches ? 'dark' : 'light';
    document.documentElement.dataset.theme = theme === 'system' ? system : theme;
  };
  show();
  dark.addEventListener('change', show);
  return () => dark.removeEventListener('change', show);
}

export function useSettings(): SettingsAndChange {
  const settings = useContext(Context);
  if (settings === null) throw new Error('no settings around this part');
  return settings;
}

/** The words of a part in the reader's language: `const words = useWords(caseWords)`. */
export function useWords<Words>(messages: Messages<Words>): Words {
  return messages[useSettings().language];
}

function readSettings(): Settings {
  const kept = parseKept(window.localStorage.getItem(KEY));
  const korean = window.navigator.language.toLowerCase().startsWith('ko');
  return {
    language: oneOf(LANGUAGES, kept.language) ?? (korean ? 'ko' : 'en'),
    theme: oneOf(THEMES, kept.theme) ?? 'system',
    zone: oneOf(ZONES, kept.zone) ?? 'utc',
  };
}

function parseKept(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function oneOf<Value extends string>(known: readonly Value[], value: unknown): Value | null {
  return known.find((each) => each === value) ?? null;
}
