import { randomBytes } from 'node:crypto';
import type { AuditDraft, AuditedWriter } from '../access/audited.ts';
import { type Principal, SYSTEM } from '../access/principal.ts';
import { HaetaeError } from '../base/errors.ts';
import type { Announcement } from '../screen/alert.ts';
import { makeId, requireId, unknownId } from '../screen/alert-id.ts';
import { jsonChange, orderKey, type RecordChange, type Records, readJson } from '../store/records.ts';
import { checkWebhookUrl, hostOf } from './webhook-address.ts';
import { addressesOf, type ResolveHost, resolveByDns } from './webhook-post.ts';
import {
  type Delivery,
  type DeliveryState,
  type DeliveryView,
  deliveryView,
  type Endpoint,
  type EndpointView,
} from './webhook-record.ts';
import { WebhookSender } from './webhook-sender.ts';

export interface WebhookParts {
  readonly records: Records;
  readonly audited: AuditedWriter;
  /** Milliseconds. */
  readonly clock: () => number;
  /** Endpoints in private networks, and http. */
  readonly allowPrivate: boolean;
  readonly resolve?: ResolveHost;
  readonly timeoutMs?: number;
  /** 0 to 1, for jitter. */
  readonly random?: () => number;
}

const MOST_ENDPOINTS = 100;
/** The former secret signs so long after a rotation. */
const FORMER_MS = 86_400_000;
const PURGE = 1000;

export interface WebhookCounts {
  readonly endpoints: number;
  readonly waiting: number;
  readonly delivered: number;
  readonly failing: number;
}

/** Who is told what happens, and that they are: deliveries are part of the commit that they tell of, and stay until acknowledged. */
export class Webhooks {
  readonly #parts: WebhookParts;
  readonly #resolve: ResolveHost;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #sender: WebhookSender;
  #last = 0;

  private constructor(parts: WebhookParts) {
    this.#parts = parts;
    this.#resolve = parts.resolve ?? resolveByDns;
    this.#sender = new WebhookSender({
      ...parts,
      resolve: this.#resolve,
      endpoint: (id) => this.#endpoints.get(id) ?? null,
    });
  }

  /** Finds what was not acknowledged before; nothing is sent until `start`. */
  static async open(parts: WebhookParts): Promise<Webhooks> {
    const webhooks = new Webhooks(parts);
    for (const { value } of await parts.records.list('webhook')) {
      const endpoint = readJson<Endpoint>(value);
      webhooks.#endpoints.set(endpoint.id, endpoint);
    }
    await webhooks.#purgeOrphans();
    for (const id of webhooks.#endpoints.keys()) await webhooks.#sender.add(id);
    return webhooks;
  }

  start(): void {
    this.#sender.start();
  }

  /** Breaks off what is being sent; it is sent again after the next start. */
  stop(): Promise<void> {
    return this.#sender.stop();
  }

  /** Its deliveries, to go into the commit of what it tells of. They are sent once they are on disk. */
  outbox(event: Announcement): RecordChange[] {
    const told = [...this.#endpoints.values()].filter((endpoint) => wants(endpoint, event.type));
    if (told.length === 0) return [];
    const body = this.#bodyOf(event);
    return told.map((endpoint) => this.#deliver(endpoint.id, event.type, body));
  }

  /** The secret is told this once. Throws E_WEBHOOK, E_STATE. */
  async create(
    wanted: { readonly url: string; readonly events: readonly string[] },
    by: Principal,
  ): Promise<{ endpoint: EndpointView; secret: string }> {
    const url = checkWebhookUrl(wanted.url, this.#parts.allowPrivate);
    await addressesOf(hostOf(url), { allowPrivate: this.#parts.allowPrivate, resolve: this.#resolve });
    if (this.#endpoints.size >= MOST_ENDPOINTS) {
      throw new HaetaeError('E_STATE', `there are ${MOST_ENDPOINTS} webhooks already`, { remedy: 'delete one first' });
    }
    const endpoint: Endpoint = {
      format: 1,
      id: makeId('wh', this.#sequence()),
      url: url.href,
      events: [...new Set(wanted.events)],
      secret: newSecret(),
      former: null,
      active: true,
      createdAt: this.#now(),
      createdBy: by.id,
      rotatedAt: null,
    };
    await this.#keep(endpoint, {
      actor: by.id,
      action: 'webhook.create',
      subject: endpoint.id,
      detail: { host: url.host },
    });
    await this.#sender.add(endpoint.id);
    return { endpoint: this.#view(endpoint), secret: endpoint.secret };
  }

  list(): readonly EndpointView[] {
    return [...this.#endpoints.values()].map((endpoint) => this.#view(endpoint));
  }

  /** Throws E_NOT_FOUND. */
  get(id: string): EndpointView {
    return this.#view(this.#require(id));
  }

  /** With all that was not delivered. */
  async remove(id: string, by: Principal): Promise<void> {
    const endpoint = this.#require(id);
    const entry = { actor: by.id, action: 'webhook.delete', subject: id, detail: { host: new URL(endpoint.url).host } };
    await this.#parts.audited.commit([entry], [{ table: 'webhook', key: id, value: null }]);
    this.#endpoints.delete(id);
    this.#sender.drop(id);
    await this.#purge(id);
  }

  /** A new secret, told this once; the former signs beside it for a day. */
  async rotate(id: string, by: Principal): Promise<{ endpoint: EndpointView; secret: string }> {
    const endpoint = this.#require(id);
    const until = new Date(this.#parts.clock() + FORMER_MS).toISOString();
    const next: Endpoint = {
      ...endpoint,
      secret: newSecret(),
      former: { secret: endpoint.secret, until },
      rotatedAt: this.#now(),
    };
    await this.#keep(next, { actor: by.id, action: 'webhook.rotate', subject: id });
    return { endpoint: this.#view(next), secret: next.secret };
  }

  /** Paused, it still collects. */
  async setActive(id: string, active: boolean, by: Principal): Promise<EndpointView> {
    const next = { ...this.#require(id), active };
    await this.#keep(next, { actor: by.id, action: active ? 'webhook.resume' : 'webhook.pause', subject: id });
    this.#sender.wake();
    return this.#view(next);
  }

  /** Not acknowledged yet, oldest first. Throws E_NOT_FOUND. */
  async deliveries(
    id: string,
    query: { readonly state?: DeliveryState | undefined; readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<{ items: readonly DeliveryView[]; next: string | null }> {
    this.#require(id);
    const items: Delivery[] = [];
    const from = query.cursor === undefined ? `${id}.` : `${keyOf(id, query.cursor)}!`;
    for await (const rows of this.#parts.records.scan('delivery', { from, until: `${id}/` })) {
      for (const row of rows) {
        const delivery = readJson<Delivery>(row.value);
        if (query.state === undefined || delivery.state === query.state) items.push(delivery);
        if (items.length > query.limit) break;
      }
      if (items.length > query.limit) break;
    }
    const page = items.slice(0, query.limit);
    return { items: page.map(deliveryView), next: items.length > query.limit ? page.at(-1)!.id : null };
  }

  /** Now, and for three more days. Throws E_NOT_FOUND where it was delivered meanwhile. */
  async resend(id: string, deliveryId: string, by: Principal): Promise<DeliveryView> {
    this.#require(id);
    const key = keyOf(id, deliveryId);
    const bytes = await this.#parts.records.get('delivery', key);
    const delivery = bytes === null ? null : readJson<Delivery>(bytes);
    if (delivery?.id !== deliveryId) throw unknownId(deliveryId, 'delivery');
    const now = this.#parts.clock();
    const next: Delivery = { ...delivery, state: 'pending', since: now, nextAt: now };
    const entry = { actor: by.id, action: 'webhook.resend', subject: deliveryId, detail: { endpoint: id } };
    await this.#parts.audited.commit([entry], [jsonChange('delivery', key, next)]);
    this.#sender.enqueue(id, key, now, true);
    return deliveryView(next);
  }

  /** Sends an event of type webhook.test to this endpoint alone. */
  async test(id: string, by: Principal): Promise<{ delivery: string }> {
    this.#require(id);
    const body = this.#bodyOf({ type: 'webhook.test', at: this.#now(), data: { webhook: id } });
    const change = this.#deliver(id, 'webhook.test', body);
    await this.#parts.audited.commit([{ actor: by.id, action: 'webhook.test', subject: id }], [change]);
    return { delivery: readJson<Delivery>(change.value!).id };
  }

  counts(): WebhookCounts {
    const all = this.list();
    return {
      endpoints: all.length,
      waiting: all.reduce((sum, { waiting }) => sum + waiting, 0),
      delivered: all.reduce((sum, { delivered }) => sum + delivered, 0),
      failing: all.filter(({ failing }) => failing).length,
    };
  }

  #deliver(endpoint: string, type: string, body: string): RecordChange {
    const sequence = this.#sequence();
    const now = this.#parts.clock();
    const delivery: Delivery = {
      format: 1,
      id: makeId('wd', sequence),
      endpoint,
      type,
      at: new Date(now).toISOString(),
      body,
      state: 'pending',
      attempts: 0,
      since: now,
      nextAt: now,
      lastAt: null,
      lastStatus: null,
      lastFault: null,
    };
    const key = keyOf(endpoint, delivery.id);
    this.#sender.enqueue(endpoint, key, now, false);
    return jsonChange('delivery', key, delivery);
  }

  #bodyOf({ type, at, data }: Announcement): string {
    return JSON.stringify({ id: makeId('ev', this.#sequence()), type, at, data });
  }

  /** Microseconds of the clock, each once: ids stay apart after what they named is gone. */
  #sequence(): number {
    this.#last = Math.max(this.#last + 1, this.#parts.clock() * 1000);
    return this.#last;
  }

  #now(): string {
    return new Date(this.#parts.clock()).toISOString();
  }

  #require(id: string): Endpoint {
    const endpoint = this.#endpoints.get(id);
    if (endpoint === undefined) throw unknownId(id, 'webhook');
    return endpoint;
  }

  async #keep(endpoint: Endpoint, entry: AuditDraft): Promise<void> {
    await this.#parts.audited.commit([entry], [jsonChange('webhook', endpoint.id, endpoint)]);
    this.#endpoints.set(endpoint.id, endpoint);
  }

  #view({ secret: _, former: __, format: ___, ...shown }: Endpoint): EndpointView {
    return { ...shown, ...this.#sender.figures(shown.id) };
  }

  /** Of endpoints that were deleted just before a kill. */
  async #purgeOrphans(): Promise<void> {
    let from = '';
    for (;;) {
      const [row] = await this.#parts.records.list('delivery', { from, limit: 1 });
      if (row === undefined) return;
      const id = row.key.split('.')[0]!;
      if (!this.#endpoints.has(id)) await this.#purge(id);
      from = `${id}/`;
    }
  }

  async #purge(id: string): Promise<void> {
    const count = { table: 'meta', key: `webhook.delivered.${id}`, value: null } as const;
    for (;;) {
      const rows = await this.#parts.records.list('delivery', { from: `${id}.`, until: `${id}/`, limit: PURGE });
      const removed = rows.map(({ key }) => ({ table: 'delivery', key, value: null }) as const);
      const entry = { actor: SYSTEM.id, action: 'webhook.purge', subject: id, detail: { deliveries: rows.length } };
      await this.#parts.audited.commit(rows.length === 0 ? [] : [entry], [...removed, count]);
      if (rows.length < PURGE) return;
    }
  }
}

function wants(endpoint: Endpoint, type: string): boolean {
  return endpoint.events.length === 0 ? type !== 'verdict.decided' : endpoint.events.includes(type);
}

function keyOf(endpoint: string, delivery: string): string {
  return `${endpoint}.${orderKey(requireId('wd', delivery, 'delivery').sequence)}`;
}

function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64url')}`;
}
