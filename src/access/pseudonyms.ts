import { createHmac, randomBytes } from 'node:crypto';
import { HaetaeError } from '../base/errors.ts';
import { jsonChange, type RecordChange, type Records, readJson } from '../store/records.ts';
import { openSecretFile } from './_secret-file.ts';
import type { AuditedWriter } from './audited.ts';
import type { Principal } from './principal.ts';

export interface PseudonymParts {
  readonly records: Records;
  readonly audited: AuditedWriter;
  /** Milliseconds. */
  readonly clock: () => number;
  /** Of the master key, made on first use with mode 0600; null: a key that lives as long as the process. */
  readonly keyPath: string | null;
  /** Customers held in memory. Default 100,000. */
  readonly cache?: number;
}

export interface Pseudonymous {
  /** `c_` and 24 hex digits: random, so that nothing leads from it to the customer once the row that joins them is gone. */
  readonly pseudonym: string;
  /** To go into the same commit as what bears the pseudonym; empty for a customer who is known. */
  readonly changes: readonly RecordChange[];
  /** To be called once that commit has resolved. */
  settle(): void;
}

interface Customer {
  readonly pseudonym: string;
  /** Until the commit that keeps it has resolved, every use carries its change. */
  readonly changes: readonly RecordChange[];
  readonly madeMs: number;
  stored: boolean;
  erased: boolean;
}

const CHECK_KEY = 'customer.key';
const MASTER_KEY_BYTES = 32;
/** No commit takes longer. */
const UNSTORED_MS = 60_000;
const MAX_REFERENCE = 200;
const NOTHING: readonly RecordChange[] = [];
const DONE = (): void => {};

/**
 * Customer references as keyed pseudonyms. Table `customer` joins HMAC-SHA-256(master key, reference) to a random pseudonym; the reference itself is kept
 * nowhere. To erase a customer is to remove that row: verdicts and log stay as they are, and lead to nobody.
 */
export class Pseudonyms {
  readonly #parts: PseudonymParts;
  readonly #masterKey: Buffer;
  readonly #size: number;
  readonly #known = new Map<string, Customer>();
  #erasures = 0;
  /** Removals owed to customers that were erased while their first verdict was under way. */
  #cleanUp: Promise<void> = Promise.resolve();

  private constructor(parts: PseudonymParts, masterKey: Buffer) {
    this.#parts = parts;
    this.#masterKey = masterKey;
    this.#size = parts.cache ?? 100_000;
  }

  /** Throws E_RECORDS where the master key is not the one these records were made with: every customer would be a stranger. */
  static async open(parts: PseudonymParts): Promise<Pseudonyms> {
    const { records, audited, keyPath } = parts;
    const kept = await records.get('meta', CHECK_KEY);
    const make = (): string => {
      if (kept !== null) throw wrongKey(keyPath);
      return randomBytes(MASTER_KEY_BYTES).toString('hex');
    };
    const text = keyPath === null ? make() : openSecretFile(keyPath, make).text;
    const pseudonyms = new Pseudonyms(parts, readMasterKey(text, keyPath));
    const check = pseudonyms.#hmac('check', '');
    if (kept === null) await audited.commit([], [jsonChange('meta', CHECK_KEY, check)]);
    else if (readJson(kept) !== check) throw wrongKey(keyPath);
    return pseudonyms;
  }

  /** At once for a customer met lately. Throws E_FIELD. */
  pseudonymFor(reference: string): Pseudonymous | Promise<Pseudonymous> {
    const key = this.#keyOf(reference);
    const known = this.#known.get(key);
    return known === undefined
      ? this.#find(key).then((found) => this.#use(found ?? this.#known.get(key) ?? this.#make(key)))
      : this.#use(known);
  }

  /** Of a customer who is known; null of any other. Throws E_FIELD. */
  async pseudonymOf(reference: string): Promise<string | null> {
    const key = this.#keyOf(reference);
    return (this.#known.get(key) ?? (await this.#find(key)))?.pseudonym ?? null;
  }

  /** The customer's pseudonym, which from now on is nobody's. The same reference is a new customer when it comes again. Throws E_NOT_FOUND, E_FIELD. */
  async erase(reference: string, by: Principal): Promise<string> {
    await this.#cleanUp;
    const key = this.#keyOf(reference);
    const customer = this.#known.get(key) ?? (await this.#find(key));
    if (customer === undefined) {
      throw new HaetaeError('E_NOT_FOUND', 'no customer of this reference is known', {
        remedy: 'check its spelling; it may be erased already',
      });
    }
    const { pseudonym } = customer;
    await this.#parts.audited.commit([{ actor: by.id, action: 'customer.erase', subject: pseudonym }], [gone(key)]);
    this.#erasures += 1;
    for (const held of [customer, this.#known.get(key)]) if (held !== undefined) held.erased = true;
    this.#known.delete(key);
    return pseudonym;
  }

  /** When nothing is owed any more. Throws what a removal failed with. */
  settled(): Promise<void> {
    return this.#cleanUp;
  }

  async #find(key: string): Promise<Customer | undefined> {
    const erasures = this.#erasures;
    const row = await this.#parts.records.get('customer', key);
    // While the row was read, another request may have erased, made or found it.
    if (erasures !== this.#erasures) return this.#find(key);
    const known = this.#known.get(key);
    if (known !== undefined || row === null) return known;
    const { pseudonym } = readJson<{ pseudonym: string }>(row);
    return this.#remember(key, { pseudonym, changes: NOTHING, madeMs: 0, stored: true, erased: false });
  }

  #make(key: string): Customer {
    const at = this.#parts.clock();
    const pseudonym = `c_${randomBytes(12).toString('hex')}`;
    const changes = [jsonChange('customer', key, { pseudonym, since: new Date(at).toISOString() })];
    return this.#remember(key, { pseudonym, changes, madeMs: at, stored: false, erased: false });
  }

  #use(customer: Customer): Pseudonymous {
    const { pseudonym, changes } = customer;
    if (customer.stored) return { pseudonym, changes: NOTHING, settle: DONE };
    return { pseudonym, changes, settle: () => this.#settle(customer) };
  }

  #settle(customer: Customer): void {
    customer.stored = true;
    const key = customer.changes[0]?.key;
    if (!customer.erased || key === undefined) return;
    const removal = this.#parts.audited.commit(
      [{ actor: 'system', action: 'customer.erase', subject: customer.pseudonym }],
      [gone(key)],
    );
    this.#cleanUp = this.#cleanUp.then(() => removal);
    this.#cleanUp.catch(DONE);
  }

  #remember(key: string, customer: Customer): Customer {
    this.#known.set(key, customer);
    for (const [oldest, { stored, madeMs }] of this.#known) {
      const underWay = !stored && this.#parts.clock() - madeMs < UNSTORED_MS;
      if (this.#known.size <= this.#size || underWay) break;
      this.#known.delete(oldest);
    }
    return customer;
  }

  #keyOf(reference: string): string {
    if (reference.length > 0 && reference.length <= MAX_REFERENCE) return this.#hmac('customer', reference);
    throw new HaetaeError('E_FIELD', `a customer reference has 1 to ${MAX_REFERENCE} letters`, {
      context: { field: 'customer' },
    });
  }

  #hmac(purpose: string, text: string): string {
    return createHmac('sha256', this.#masterKey).update(`${purpose}:${text}`).digest('hex');
  }
}

function gone(key: string): RecordChange {
  return { table: 'customer', key, value: null };
}

function readMasterKey(text: string, path: string | null): Buffer {
  const key = Buffer.from(text.trim(), 'hex');
  if (key.length !== MASTER_KEY_BYTES) throw wrongKey(path);
  return key;
}

function wrongKey(path: string | null): HaetaeError {
  return new HaetaeError('E_RECORDS', 'the key of the customer pseudonyms is missing or not the one of these records', {
    context: { file: path ?? 'none' },
    remedy: 'put the file back from the backup that the records came from',
  });
}
