import type { AuditDraft, AuditedWriter } from '../access/audited.ts';
import { HaetaeError } from '../base/errors.ts';
import type { Act } from '../screen/alert.ts';
import { plainLine, plainText } from '../screen/alert-text.ts';
import { Turns } from '../screen/alert-turns.ts';
import { jsonChange, type Records, readJson } from '../store/records.ts';
import type { Party } from './hold-notice.ts';

export interface OrganisationParts {
  readonly records: Records;
  readonly audited: AuditedWriter;
  /** Given when the server was started: stands above what was set. */
  readonly commandLine: Party | null;
}

export interface OrganisationView {
  /** null: nobody is named, so no notice can be drawn up. */
  readonly organisation: Party | null;
  readonly source: 'command line' | 'set' | null;
  /** Of what was set; null where it does not stand. */
  readonly changed: { readonly at: string; readonly by: string } | null;
  /** Of what was set, whether it stands or not; 0: nothing was. */
  readonly version: number;
}

/** In table `meta`. */
interface Kept {
  readonly name: string;
  readonly contact: string;
  readonly at: string;
  /** A person. */
  readonly by: string;
  readonly version: number;
}

const KEY = 'organisation';

/** The own organisation: who asks in hold notices, and whom to answer. Notices take it as it is when they are drawn up, and keep it. */
export class OwnOrganisation {
  readonly #parts: OrganisationParts;
  readonly #commandLine: Party | null;
  readonly #turns = new Turns();
  #kept: Kept | null;

  private constructor(parts: OrganisationParts, kept: Kept | null) {
    this.#parts = parts;
    this.#commandLine = parts.commandLine === null ? null : sound(parts.commandLine);
    this.#kept = kept;
  }

  /** Throws E_FIELD where the command line gives what no notice may hold. */
  static async open(parts: OrganisationParts): Promise<OwnOrganisation> {
    const bytes = await parts.records.get('meta', KEY);
    return new OwnOrganisation(parts, bytes === null ? null : readJson<Kept>(bytes));
  }

  /** null: nobody is named. */
  get current(): Party | null {
    if (this.#commandLine !== null || this.#kept === null) return this.#commandLine;
    return { name: this.#kept.name, contact: this.#kept.contact };
  }

  view(): OrganisationView {
    const kept = this.#kept;
    const version = kept?.version ?? 0;
    const organisation = this.current;
    if (this.#commandLine !== null) return { organisation, source: 'command line', changed: null, version };
    if (kept === null) return { organisation, source: null, changed: null, version };
    return { organisation, source: 'set', changed: { at: kept.at, by: kept.by }, version };
  }

  /** What is as before is not written, so that it may be sent again. Throws E_STATE where the command line gives it or another change came first, E_FIELD, E_STORE_WRITE. */
  set(wish: Party, act: Act): Promise<OrganisationView> {
    return this.#turns.run(KEY, async () => {
      if (this.#commandLine !== null) throw givenFault();
      const { name, contact } = sound(wish);
      const before = this.#kept;
      const version = before?.version ?? 0;
      if (before?.name === name && before.contact === contact) return this.view();
      if (act.expected !== undefined && act.expected !== version) throw changedFault(act.expected, version);
      const at = new Date(act.at).toISOString();
      const kept: Kept = { name, contact, at, by: act.principal.person, version: version + 1 };
      const detail = { name, contact, person: kept.by, version: kept.version };
      const entry: AuditDraft = { actor: act.principal.id, action: 'organisation.set', subject: KEY, detail };
      await this.#parts.audited.commit([entry], [jsonChange('meta', KEY, kept)]);
      this.#kept = kept;
      return this.view();
    });
  }
}

function sound({ name, contact }: Party): Party {
  return {
    name: plainLine(name, 'name', 200),
    contact: plainText(contact, 'contact', 1000),
  };
}

function givenFault(): HaetaeError {
  return new HaetaeError('E_STATE', 'the own organisation is given on the command line of the server', {
    remedy: 'change it there, or start the server without --organisation and --contact and set it here',
  });
}

function changedFault(expected: number, version: number): HaetaeError {
  return new HaetaeError('E_STATE', 'it was changed by somebody else meanwhile', {
    context: { expected, version },
    remedy: 'read it again and decide on what it says now',
  });
}
