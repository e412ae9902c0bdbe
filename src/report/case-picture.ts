import { HaetaeError } from '../base/errors.ts';
import { parseTime } from '../base/time.ts';
import type { TheftFile } from '../model/theft.ts';
import { type BundleFiles, sealBundle } from '../trace/bundle.ts';
import { type ReadCase, readCaseFiles, replay } from '../trace/case-files.ts';
import { CUSTODIAL } from '../trace/options.ts';
import { ownerKey, storedAddress } from '../trace/places.ts';
import type { TheftResult } from '../trace/result.ts';
import { stopsOf } from '../trace/steps.ts';
import { readTheftFile } from '../trace/theft-file.ts';
import { theftTime } from '../trace/theft-time.ts';
import type { FlowRow, TraceOutput } from '../trace/trace.ts';
import { type CaseFlow, caseFlow } from './case-flow.ts';
import {
  type CaseTransfer,
  listMovements,
  type MovedUnits,
  type Movement,
  type MovementsAsked,
  type MovementTaint,
  movementsOf,
  taintOf,
} from './case-movements.ts';
import { type CasePlace, casePlace, type PlaceLabel } from './case-place.ts';
import { type CaseService, caseServices, type KnownHold } from './case-services.ts';
import { type CaseHead, type CaseView, caseView } from './case-view.ts';
import { type TheftView, viewTheft } from './compare.ts';
import { buildFlow, type Flow, type FlowFacts, type FlowStops, flowFacts, placeNames } from './flow-graph.ts';

const NO_LIMIT = Number.POSITIVE_INFINITY;

/** A case computed anew from its own files, ready to be looked at: what is asked of it once is kept. Throws E_BUNDLE and what a trace throws. */
export class CasePicture {
  readonly #head: CaseHead;
  readonly #digest: string;
  readonly #read: ReadCase;
  readonly #file: TheftFile;
  readonly #output: TraceOutput;
  readonly #views: readonly TheftView[];
  /** By theft|method. */
  readonly #rows = new Map<string, FlowRow[]>();
  readonly #flows = new Map<string, Flow>();
  readonly #whole = new Map<string, CaseFlow>();
  readonly #taints = new Map<string, MovementTaint>();
  #movements: readonly Movement[] | null = null;
  #facts: FlowFacts | null = null;

  constructor(head: CaseHead, files: BundleFiles) {
    this.#head = head;
    this.#digest = sealBundle(head.id, files).digest;
    this.#read = readCaseFiles(files);
    this.#file = readTheftFile(this.#read.evidence.theftText, this.#read.evidence.theftFileName);
    this.#output = replay(this.#read);
    this.#views = this.#thefts().map(viewTheft);
    for (const row of [...this.#output.flow(), ...this.#output.reach()]) {
      const key = `${row.theft}|${row.method}`;
      const rows = this.#rows.get(key);
      if (rows === undefined) this.#rows.set(key, [row]);
      else rows.push(row);
    }
  }

  get id(): string {
    return this.#head.id;
  }

  view(): CaseView {
    return caseView(this.#head, this.#digest, this.#output.result, this.#views);
  }

  /** Throws E_NOT_FOUND, as all that take a theft or a method by name. */
  flow(asked: {
    readonly theft?: string | undefined;
    readonly method?: string | undefined;
    readonly limit: number;
  }): CaseFlow {
    const view = this.#view(asked.theft);
    return this.#picture(view, asked.method ?? this.#leading(view), asked.limit);
  }

  place(
    asked: { readonly theft?: string | undefined; readonly chain: string; readonly address: string },
    now: readonly PlaceLabel[],
  ): CasePlace {
    const view = this.#view(asked.theft);
    const place = casePlace(
      asked.chain,
      storedAddress(asked.address),
      {
        view,
        evidence: this.#read.evidence,
        file: this.#file,
        rows: this.#output.rows,
        movements: this.#allMovements(),
        assets: this.#output.result.context.assets,
        facts: this.#factsOf(),
        flowOf: (method) => this.#wholeFlow(view, method),
      },
      now,
    );
    if (place !== null) return place;
    throw new HaetaeError('E_NOT_FOUND', 'the case has no such address', {
      context: { case: this.#head.id, chain: asked.chain, address: asked.address },
    });
  }

  transfers(asked: MovementsAsked & { readonly theft?: string | undefined }): {
    readonly items: readonly CaseTransfer[];
    readonly total: number;
    readonly next: string | null;
  } {
    const view = this.#view(asked.theft);
    const fold = (text: string | undefined): string | undefined =>
      text === undefined ? undefined : storedAddress(text);
    return listMovements(
      {
        movements: this.#allMovements(),
        taint: this.#taint(view),
        sources: this.#read.evidence.sources,
        assets: this.#output.result.context.assets,
      },
      { ...asked, address: fold(asked.address), from: fold(asked.from), to: fold(asked.to) },
    );
  }

  services(
    theft: string | undefined,
    holds: readonly KnownHold[],
  ): { readonly items: readonly CaseService[]; readonly methods: readonly string[] } {
    return caseServices(this.#view(theft), this.#output.result.context.assets, holds);
  }

  #thefts(): readonly TheftResult[] {
    const { result } = this.#output;
    return [result, ...result.furtherThefts];
  }

  #view(theft: string | undefined): TheftView {
    const view = theft === undefined ? this.#views[0] : this.#views.find((each) => each.theft.id === theft);
    if (view !== undefined) return view;
    throw new HaetaeError('E_NOT_FOUND', 'the case has no such theft', {
      context: { case: this.#head.id, theft: theft ?? '' },
      remedy: `it has ${this.#views.map((each) => each.theft.id).join(', ')}`,
    });
  }

  #leading(view: TheftView): string {
    return view.methods[0]?.name ?? view.poison?.name ?? '';
  }

  #picture(view: TheftView, method: string, limit: number): CaseFlow {
    const { theft } = view;
    const conserves = view.poison?.name !== method;
    const since = parseTime(theftTime(theft) ?? '') ?? 0;
    const fee = view.methods.find(({ name }) => name === method)?.result.buckets?.fee ?? '0';
    return caseFlow(this.#flow(view, method), { theft, method, conserves, theftTime: since, feeUnits: fee, limit });
  }

  #wholeFlow(view: TheftView, method: string): CaseFlow {
    const key = `${view.theft.id}|${method}`;
    const flow = this.#whole.get(key) ?? this.#picture(view, method, NO_LIMIT);
    this.#whole.set(key, flow);
    return flow;
  }

  #flow(view: TheftView, method: string): Flow {
    const key = `${view.theft.id}|${method}`;
    const known = this.#flows.get(key);
    if (known !== undefined) return known;
    const { methods } = this.#thefts().find(({ theft }) => theft.id === view.theft.id)!;
    const result = methods[method];
    if (result === undefined) {
      throw new HaetaeError('E_NOT_FOUND', 'the case was not traced by this method', {
        context: { case: this.#head.id, method },
        remedy: `it has ${Object.keys(methods).join(', ')}`,
      });
    }
    const facts = { facts: this.#factsOf(), method };
    const flow = buildFlow(view.theft, result, this.#rows.get(key) ?? [], placeNames(methods), facts);
    this.#flows.set(key, flow);
    return flow;
  }

  #factsOf(): FlowFacts {
    this.#facts ??= flowFacts(this.#output, this.#stops());
    return this.#facts;
  }

  #stops(): FlowStops {
    const { evidence } = this.#read;
    const departures = this.#departures();
    const categories = new Map(
      evidence.labels.map(({ chain, address, category }) => [ownerKey(chain, address), category]),
    );
    return new Map(
      [...stopsOf(evidence, this.#file)].map(([owner, stop]) => {
        const final = stop === 'bridge' || stop === 'feeTaker' || stop === 'hopLimit';
        const category = categories.get(owner) ?? null;
        const recoverable = !final && CUSTODIAL.has(category ?? 'unknown');
        return [owner, { stop, category, recoverable, departs: departures.has(owner) }];
      }),
    );
  }

  /** Who was paid by the transfers that documented links start from. */
  #departures(): ReadonlySet<string> {
    const { links } = this.#file;
    const started = new Map(links.map(({ from }) => [`${from.chain.id}|${from.tx}`, from.to]));
    const paid = (movement: Movement): boolean => {
      const to = started.get(`${movement.chain}|${movement.tx?.toLowerCase()}`);
      return to !== undefined && (to === null || to === movement.to);
    };
    const moves = links.length === 0 ? [] : this.#allMovements().filter(paid);
    return new Set(moves.map(({ chain, to }) => ownerKey(chain, to ?? '')));
  }

  #allMovements(): readonly Movement[] {
    this.#movements ??= movementsOf(this.#output.rows);
    return this.#movements;
  }

  #taint(view: TheftView): MovementTaint {
    const known = this.#taints.get(view.theft.id);
    if (known !== undefined) return known;
    const taint = taintOf(this.#allMovements(), this.#moved(view));
    this.#taints.set(view.theft.id, taint);
    return taint;
  }

  /** As the trace itself told it: what rows carried needs no ledger. */
  *#moved({ theft, methods }: TheftView): Generator<MovedUnits> {
    const { places, runs, thefts } = this.#output.computation;
    const own = thefts.findIndex(({ id }) => id === theft.id);
    for (const { name: method } of methods) {
      for (const { row, to, units } of runs.find((run) => run.method === method)?.touches ?? []) {
        if (units[own] === 0n) continue;
        const outpoint = to < 0 ? null : places.name(to).outpoint;
        const output = outpoint === null ? null : Number(outpoint.slice(outpoint.lastIndexOf(':') + 1));
        yield { row, output, method, units: units[own]! };
      }
    }
  }
}
