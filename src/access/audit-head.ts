import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { HaetaeError } from '../base/errors.ts';
import { openSecretFile } from './_secret-file.ts';
import type { AuditHead } from './audit-entry.ts';
import type { AuditedWriter } from './audited.ts';
import { type SignedHead, signedHeadSchema } from './signed-head.ts';

/** Signs heads. The pair is made on first use; who holds the private key can sign what he likes, so a head is worth what is kept away from this machine. */
export class AuditKey {
  readonly #private: KeyObject;
  /** PEM. */
  readonly publicKey: string;

  private constructor(key: KeyObject) {
    this.#private = key;
    this.publicKey = publicPem(this.#private);
  }

  /** `path` null: a pair that lives as long as the process. That a pair was made is itself an entry. Throws E_FILE_READ, E_FILE_WRITE. */
  static async open(path: string | null, audited: AuditedWriter): Promise<AuditKey> {
    const { text, made } = path === null ? { text: newPem(), made: true } : openSecretFile(path, newPem);
    const key = new AuditKey(readPrivateKey(text, path));
    if (made) {
      const detail = { sha256: keyFingerprint(key.publicKey) };
      await audited.commit([{ actor: 'system', action: 'audit.key', subject: 'audit', detail }], []);
    }
    return key;
  }

  sign(head: AuditHead): SignedHead {
    const signature = sign(null, signedBytes(head), this.#private).toString('base64');
    return { format: 1, seq: head.seq, hash: head.hash, at: head.at, publicKey: this.publicKey, signature };
  }
}

/** SHA-256 of the PEM text, lower-case hex. */
export function keyFingerprint(publicKey: string): string {
  return hash('sha256', publicKey, 'hex');
}

/** True where the head is signed by the key that it names: whose key that is, another must say. */
export function isSigned(head: SignedHead): boolean {
  try {
    const key = createPublicKey(head.publicKey);
    return (
      key.asymmetricKeyType === 'ed25519' && verify(null, signedBytes(head), key, Buffer.from(head.signature, 'base64'))
    );
  } catch {
    return false;
  }
}

/** Of a file that `haetae audit head` wrote. Throws E_AUDIT. */
export function parseSignedHead(text: string): SignedHead {
  try {
    return signedHeadSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new HaetaeError('E_AUDIT', 'this is not a signed head of an audit log', {
      remedy: 'give the file that haetae audit head --out wrote',
      cause,
    });
  }
}

function signedBytes({ seq, hash: digest, at }: AuditHead): Buffer {
  return Buffer.from(JSON.stringify({ format: 1, seq, hash: digest, at }));
}

function readPrivateKey(pem: string, path: string | null): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // Without its cause: that may quote the file.
    throw new HaetaeError('E_FILE_READ', 'the key that signs heads of the audit log cannot be read', {
      context: { file: path ?? 'none' },
      remedy: 'put it back from a backup, or move it away: then a new one is made',
    });
  }
}

function newPem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function publicPem(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
}
