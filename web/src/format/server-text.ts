/** One form of sentence: its words in the reader's language, or null where the text is not of it. */
export type Form = (text: string) => string | null;

/** Sentences of the server of one kind, in the reader's language: fixed ones, and forms with values in them. */
export interface Phrases {
  readonly texts?: Readonly<Record<string, string>>;
  readonly forms?: readonly Form[];
}

/** What the server says, by kind. A language without words for a kind shows what the server said. */
export interface ServerWords {
  /** Titles and reasons of rules, names of rule sets. */
  readonly rule: Phrases;
  /** What a rule found, in one sentence. */
  readonly reason: Phrases;
  /** What a verdict could not look at. */
  readonly missing: Phrases;
  /** Why a past verdict was looked at again. */
  readonly cause: Phrases;
  /** What a reader of a case must know. */
  readonly warning: Phrases;
  /** Names and summaries of laundering signatures, what their figures are called and say. */
  readonly signature: Phrases;
  /** What a job does at the moment. */
  readonly stage: Phrases;
  /** How the audit log fails its check. */
  readonly audit: Phrases;
  /** What an entry of the audit log records, by its code. */
  readonly action: Phrases;
  /** Options of a trace, and what they are set to. */
  readonly option: Phrases;
}

/** A whole text that fits the form; its parts go to `say`, '' for one that is not there. */
export function form(whole: RegExp, say: (...parts: string[]) => string | null): Form {
  return (text) => {
    const found = whole.exec(text);
    return found === null ? null : say(...found.slice(1).map((part) => part ?? ''));
  };
}

/** In the reader's words; null where these are not known, so that what was changed or is new is never told wrongly. */
export function wordsOf({ texts = {}, forms = [] }: Phrases, text: string): string | null {
  if (Object.hasOwn(texts, text)) return texts[text]!;
  for (const one of forms) {
    const said = one(text);
    if (said !== null) return said;
  }
  return null;
}
