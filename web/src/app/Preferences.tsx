import type { ReactNode } from 'react';
import { shellWords } from '../messages/shell.ts';
import { LANGUAGES, type Language, THEMES, type Theme, useSettings, useWords, ZONES, type Zone } from './settings.tsx';

const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', ko: '한국어' };

/** Language, light or dark, UTC or local time. */
export function Preferences(): ReactNode {
  const words = useWords(shellWords);
  const { language, theme, zone, change } = useSettings();
  return (
    <div className="preferences">
      <select
        aria-label={words.language}
        value={language}
        onChange={(event) => change({ language: event.target.value as Language })}
      >
        {LANGUAGES.map((each) => (
          <option key={each} value={each} lang={each}>
            {LANGUAGE_NAMES[each]}
          </option>
        ))}
      </select>
      <select
        aria-label={words.theme}
        value={theme}
        onChange={(event) => change({ theme: event.target.value as Theme })}
      >
        {THEMES.map((each) => (
          <option key={each} value={each}>
            {words.themes[each]}
          </option>
        ))}
      </select>
      <select aria-label={words.zone} value={zone} onChange={(event) => change({ zone: event.target.value as Zone })}>
        {ZONES.map((each) => (
          <option key={each} value={each}>
            {words.zones[each]}
          </option>
        ))}
      </select>
    </div>
  );
}
