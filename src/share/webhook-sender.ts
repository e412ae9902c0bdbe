import type { AuditDraft, AuditedWriter } from '../access/audited.ts';
import { SYSTEM } from '../access/principal.ts';
import { jsonChange, type RecordChange, type Records, readJson } from '../store/records.ts';
import { type Posted, postWebhook, type ResolveHost } from './webhook-post.ts';
import { DeliveryQueue, type Waiting } from './webhook-queue.ts';
import { type Delivery, type Endpoint, GIVE_UP_AFTER_MS, waitAfter } from './webhook-record.ts';
import { signWebhook } from './webhook-signature.ts';

export interface SenderParts {
  readonly records: Records;
  readonly audited: AuditedWriter;
  readonly clock: () => number;
  readonly allowPrivate: boolean;
  readonly resolve: ResolveHost;
  readonly timeoutMs?: number;
  readonly random?: () => number;
  readonly endpoint: (id: string) => Endpoint | null;
}

const TIMEOUT_MS = 10_000;
/** Requests under way, in all and to one endpoint; one that fails gets one at a time. */
const MOST_AT_ONCE = 32;
const MOST_PER_ENDPOINT = 4;
/** Kept in memory of one endpoint; the rest waits on disk. */
const WINDOW = 10_000;
/** A commit is on disk by then, or failed. */
const COMMIT_MS = 600_000;
const FIRST_LOOK_MS = 5;

/** One endpoint's traffic. */
interface Lane {
  readonly id: string;
  readonly queue: DeliveryQueue;
  active: number;
  failing: boolean;
  delivered: number;
  /** Some are on disk alone; the last such was seen then. */
  more: boolean;
  moreAt: number;
  loading: boolean;
}

/** Sends what is due, each until it is acknowledged or three days have passed. */
export class WebhookSender {
  readonly #parts: SenderParts;
  readonly #lanes = new Map<string, Lane>();
  readonly #underWay = new Set<Promise<void>>();
  #stopping = new AbortController();
  #running = false;
  #timer: NodeJS.Timeout | undefined;
  /** The timer is that of `wake`. */
  #soon = false;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  async add(id: string): Promise<void> {
    const kept = await this.#parts.records.get('meta', countKey(id));
    const lane: Lane = {
      id,
      queue: new DeliveryQueue(),
      active: 0,
      failing: false,
      delivered: kept === null ? 0 : readJson<number>(kept),
      more: true,
      moreAt: 0,
      loading: false,
    };
    this.#lanes.set(id, lane);
    await this.#load(lane);
  }

  drop(id: string): void {
    this.#lanes.delete(id);
  }

  start(): void {
    this.#running = true;
    this.#stopping = new AbortController();
    this.wake();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#soon = false;
    clearTimeout(this.#timer);
    this.#stopping.abort();
    await Promise.all(this.#underWay);
  }

  enqueue(id: string, key: string, dueAt: number, onDisk: boolean): void {
    const lane = this.#lanes.get(id);
    if (lane === undefined || lane.queue.has(key)) return;
    const now = this.#parts.clock();
    if (lane.queue.size >= WINDOW && !onDisk) {
      lane.more = true;
      lane.moreAt = now;
      return;
    }
    lane.queue.add({ key, dueAt: onDisk ? dueAt : dueAt + FIRST_LOOK_MS, onDisk, addedAt: now });
    this.wake();
  }

  wake(): void {
    if (!this.#running || this.#soon) return;
    this.#soon = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#pump(), FIRST_LOOK_MS);
    this.#timer.unref();
  }

  figures(id: string): { delivered: number; waiting: number; more: boolean; failing: boolean } {
    const lane = this.#lanes.get(id);
    if (lane === undefined) return { delivered: 0, waiting: 0, more: false, failing: false };
    return { delivered: lane.delivered, waiting: lane.queue.size, more: lane.more, failing: lane.failing };
  }

  /** Gives out what is due, in turns among the endpoints, and comes again when more is. */
  #pump(): void {
    this.#soon = false;
    if (!this.#running) return;
    const now = this.#parts.clock();
    const lanes = [...this.#lanes.values()].filter(({ id }) => this.#parts.endpoint(id)?.active === true);
    let given = true;
    while (given && this.#underWay.size < MOST_AT_ONCE) {
      given = false;
      for (const lane of lanes) {
        if (lane.active >= (lane.failing ? 1 : MOST_PER_ENDPOINT) || this.#underWay.size >= MOST_AT_ONCE) continue;
        const waiting = lane.queue.take(now);
        if (waiting === null) continue;
        given = true;
        this.#give(lane, waiting);
      }
    }
    for (const lane of lanes) if (lane.more && lane.queue.size < WINDOW / 2) this.#refill(lane);
    this.#sleep(lanes, now);
  }

  #sleep(lanes: readonly Lane[], now: number): void {
    const free = lanes.filter((lane) => lane.active < (lane.failing ? 1 : MOST_PER_ENDPOINT));
    const due = Math.min(...free.map((lane) => lane.queue.nextDue() ?? Number.POSITIVE_INFINITY));
    const wait = lanes.some((lane) => lane.more) ? 1000 : 60_000;
    clearTimeout(this.#timer);
    if (this.#underWay.size >= MOST_AT_ONCE) return;
    this.#timer = setTimeout(() => this.#pump(), Math.max(FIRST_LOOK_MS, Math.min(wait, due - now)));
    this.#timer.unref();
  }

  #give(lane: Lane, waiting: Waiting): void {
    lane.active += 1;
    const work: Promise<void> = this.#attempt(lane, waiting)
      // The records could not be read or written: it stays due, and is tried again.
      .catch(() => this.#again(lane, waiting, this.#parts.clock() + waitAfter(3, this.#random())))
      .finally(() => {
        lane.active -= 1;
        this.#underWay.delete(work);
        this.#pump();
      });
    this.#underWay.add(work);
  }

  async #attempt(lane: Lane, waiting: Waiting): Promise<void> {
    const bytes = await this.#parts.records.get('delivery', waiting.key);
    if (bytes === null) return this.#unseen(lane, waiting);
    waiting.onDisk = true;
    const endpoint = this.#parts.endpoint(lane.id);
    const delivery = readJson<Delivery>(bytes);
    if (endpoint === null || delivery.state === 'failed') return lane.queue.done(waiting.key);
    const posted = await this.#post(endpoint, delivery);
    if (posted.fault === null) return this.#acknowledged(lane, waiting);
    if (this.#stopping.signal.aborted) return this.#again(lane, waiting, waiting.dueAt);
    return this.#failed(lane, waiting, delivery, posted);
  }

  #post(endpoint: Endpoint, delivery: Delivery): Promise<Posted> {
    const body = Buffer.from(delivery.body);
    const now = this.#parts.clock();
    const { secret, former } = endpoint;
    const secrets = former !== null && now < Date.parse(former.until) ? [secret, former.secret] : [secret];
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Haetae-Webhook/1',
      'Haetae-Signature': signWebhook(secrets, body, Math.floor(now / 1000)),
      'Haetae-Event': delivery.type,
      'Haetae-Delivery': delivery.id,
    };
    const { allowPrivate, resolve, timeoutMs = TIMEOUT_MS } = this.#parts;
    const post = { url: endpoint.url, body, headers, signal: this.#stopping.signal };
    return postWebhook(post, { allowPrivate, resolve, timeoutMs });
  }

  /** Its commit is still under way, or failed: then there is nothing to tell. */
  #unseen(lane: Lane, waiting: Waiting): void {
    const now = this.#parts.clock();
    const waited = now - waiting.addedAt;
    if (waiting.onDisk || waited > COMMIT_MS) lane.queue.done(waiting.key);
    else this.#again(lane, waiting, now + Math.min(1000, Math.max(FIRST_LOOK_MS, waited)));
  }

  async #acknowledged(lane: Lane, waiting: Waiting): Promise<void> {
    lane.delivered += 1;
    const changes: RecordChange[] = [{ table: 'delivery', key: waiting.key, value: null }];
    if (this.#lanes.has(lane.id)) changes.push(jsonChange('meta', countKey(lane.id), lane.delivered));
    try {
      await this.#parts.audited.commit([], changes);
    } catch (fault) {
      lane.delivered -= 1;
      throw fault;
    }
    lane.queue.done(waiting.key);
    if (lane.failing) lane.queue.hurry(this.#parts.clock());
    lane.failing = false;
  }

  async #failed(lane: Lane, waiting: Waiting, delivery: Delivery, posted: Posted): Promise<void> {
    lane.failing = true;
    const now = this.#parts.clock();
    const attempts = delivery.attempts + 1;
    const over = now - delivery.since >= GIVE_UP_AFTER_MS;
    const next: Delivery = {
      ...delivery,
      attempts,
      state: over ? 'failed' : 'pending',
      nextAt: now + waitAfter(attempts, this.#random()),
      lastAt: new Date(now).toISOString(),
      lastStatus: posted.status,
      lastFault: posted.fault,
    };
    const detail = { endpoint: lane.id, attempts, fault: posted.fault };
    const entry: AuditDraft = { actor: SYSTEM.id, action: 'webhook.give-up', subject: delivery.id, detail };
    if (this.#lanes.has(lane.id)) {
      await this.#parts.audited.commit(over ? [entry] : [], [jsonChange('delivery', waiting.key, next)]);
    }
    if (over) lane.queue.done(waiting.key);
    else this.#again(lane, waiting, next.nextAt);
  }

  #again(lane: Lane, waiting: Waiting, dueAt: number): void {
    waiting.dueAt = dueAt;
    lane.queue.add(waiting);
  }

  #refill(lane: Lane): void {
    if (lane.loading) return;
    this.#load(lane)
      // Tried again at the next turn.
      .catch(() => undefined)
      .finally(() => this.wake());
  }

  /** From disk, oldest first, until the window is full. */
  async #load(lane: Lane): Promise<void> {
    lane.loading = true;
    const began = this.#parts.clock();
    try {
      for await (const rows of this.#parts.records.scan('delivery', { from: `${lane.id}.`, until: `${lane.id}/` })) {
        for (const { key, value } of rows) {
          if (lane.queue.has(key)) continue;
          const { state, nextAt } = readJson<Delivery>(value);
          if (state === 'failed') continue;
          if (lane.queue.size >= WINDOW) return;
          lane.queue.add({ key, dueAt: nextAt, onDisk: true, addedAt: began });
        }
      }
      // What was put aside in the last minutes may not be on disk yet.
      if (began - lane.moreAt > COMMIT_MS || lane.moreAt === 0) lane.more = false;
    } finally {
      lane.loading = false;
    }
  }

  #random(): number {
    return this.#parts.random?.() ?? Math.random();
  }
}

function countKey(id: string): string {
  return `webhook.delivered.${id}`;
}
