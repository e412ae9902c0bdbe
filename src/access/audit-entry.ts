import { hash } from 'node:crypto';
import { orderKey } from '../store/records.ts';
import type { AuditDraft } from './audited.ts';

/** One link of the chain, as kept in table `audit` under orderKey(seq). */
export interface AuditEntry {
  /** From 1, without a gap. */
  readonly seq: number;
  /** ISO 8601 UTC with milliseconds; never before the entry before. */
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: AuditDraft['detail'] | null;
  /** Hash of the entry before; GENESIS for the first. */
  readonly prev: string;
  /** SHA-256, lower-case hex, of this entry's bytes without the hash itself: so of `prev` and of all it says. */
  readonly hash: string;
}

/** Where the chain stands; kept in table `meta`, in the same write as the entries. */
export interface AuditHead {
  /** 0 before the first entry. */
  readonly seq: number;
  readonly hash: string;
  /** null before the first entry. */
  readonly at: string | null;
}

export const GENESIS: string = '0'.repeat(64);
export const EMPTY_HEAD: AuditHead = { seq: 0, hash: GENESIS, at: null };
/** In table `meta`. */
export const AUDIT_HEAD_KEY = 'audit.head';

const HASH_END_LENGTH = `,"hash":"${GENESIS}"}`.length;
const PLAIN = /^[ !#-[\]-~]*$/;

/** What a draft says, as it will stand in its entry: before the entry has its place, so that a draft that cannot be written harms no other. */
export function saidBy({ actor, action, subject, detail }: AuditDraft): string {
  const facts = detail === undefined ? 'null' : JSON.stringify(detail);
  return `"actor":${quoted(actor)},"action":${quoted(action)},"subject":${quoted(subject)},"detail":${facts}`;
}

/** The bytes are JSON in this order of fields. What is hashed is the text up to `,"hash"`. */
export function chainEntry(seq: number, at: string, prev: string, said: string): { hash: string; value: Uint8Array } {
  const text = `{"seq":${seq},"at":"${at}",${said},"prev":"${prev}"`;
  const digest = hash('sha256', text, 'hex');
  return { hash: digest, value: Buffer.from(`${text},"hash":"${digest}"}`) };
}

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** null where the bytes are not exactly those of a head. */
export function readHead(value: Uint8Array): AuditHead | null {
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
  const match = /^\{"seq":(\d{1,15}),"hash":"([0-9a-f]{64})","at":"([^"]{24})"\}$/.exec(text);
  return match === null ? null : { seq: Number(match[1]), hash: match[2] as string, at: match[3] as string };
}

export type EntryFault =
  | 'it is not an entry'
  | 'its hash is not that of what it says'
  | 'it stands under another number';

/** Checks an entry by itself: its form, its place, its hash. The bytes are hashed as they are, so that no change of them passes. */
export function readEntry(key: string, value: Uint8Array): AuditEntry | EntryFault {
  if (value.length <= HASH_END_LENGTH) return 'it is not an entry';
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const end = bytes.length - HASH_END_LENGTH;
  const digest = hash('sha256', bytes.subarray(0, end), 'hex');
  if (bytes.toString('latin1', end) !== `,"hash":"${digest}"}`) return 'its hash is not that of what it says';
  const entry = parseEntry(bytes);
  if (entry === null) return 'it is not an entry';
  return key === orderKey(entry.seq) ? entry : 'it stands under another number';
}

function parseEntry(bytes: Buffer): AuditEntry | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
  const entry = parsed as AuditEntry;
  const texts = [entry.at, entry.actor, entry.action, entry.subject, entry.prev, entry.hash];
  const sound =
    Number.isSafeInteger(entry.seq) &&
    entry.seq > 0 &&
    texts.every((text) => typeof text === 'string') &&
    typeof entry.detail === 'object' &&
    isTime(entry.at);
  return sound ? entry : null;
}

function isTime(at: string): boolean {
  const time = Date.parse(at);
  return Number.isFinite(time) && new Date(time).toISOString() === at;
}
