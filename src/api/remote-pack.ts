import type { Hole, Packed } from './remote-message.ts';

/** Remembers something that the other side may call or read on, and gives its number. */
export type Keep = (kind: Hole['kind'], kept: object, methods: readonly string[]) => number;

/** Makes what stands for it on the other side. */
export type Revive = (hole: Hole) => object;

/**
 * Takes out of arguments what cannot be copied: functions, objects with methods, progress and async iterables, where they are an argument or a
 * property of one that is a plain object. What stands deeper must be data.
 */
export function packArguments(values: readonly unknown[], keep: Keep): Packed {
  const holes: Hole[] = [];
  const data = values.map((value, index) => {
    if (isPlain(value) && [null, 'object'].includes(kindOf(value))) return packFields(value, [index], keep, holes);
    return take(value, [index], keep, holes) ? null : value;
  });
  return { data, holes };
}

/** Of an answer only the whole may be something to read on; it is not searched, as it may be large. */
export function packAnswer(value: unknown, keep: Keep): Packed {
  if (!isStream(value)) return { data: value, holes: [] };
  return { data: null, holes: [{ path: [], kind: 'stream', ref: keep('stream', value, []), methods: [] }] };
}

export function unpack({ data, holes }: Packed, revive: Revive): unknown {
  let root = data;
  for (const hole of holes) {
    const last = hole.path.at(-1);
    const made = revive(hole);
    if (last === undefined) {
      root = made;
      continue;
    }
    const holder = hole.path
      .slice(0, -1)
      .reduce((place, name) => (place as Record<string | number, unknown>)[name], root) as Record<string, unknown>;
    const fields = holder[last];
    holder[last] = typeof fields === 'object' && fields !== null ? Object.assign(fields, made) : made;
  }
  return root;
}

type Place = readonly (string | number)[];

/** A plain object: its functions become methods of what stands for it, its fields are copied. */
function packFields(value: object, path: Place, keep: Keep, holes: Hole[]): object {
  const fields: Record<string, unknown> = {};
  const methods: string[] = [];
  for (const [name, item] of Object.entries(value)) {
    if (typeof item === 'function') methods.push(name);
    else fields[name] = take(item, [...path, name], keep, holes) ? null : item;
  }
  if (methods.length > 0) holes.push({ path, kind: 'object', ref: keep('object', value, methods), methods });
  return fields;
}

function take(value: unknown, path: Place, keep: Keep, holes: Hole[]): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const kind = kindOf(value);
  if (kind === null) return false;
  const methods = kind === 'object' ? methodsOf(value) : kind === 'progress' ? ['report'] : [];
  holes.push({ path, kind, ref: keep(kind, value, methods), methods });
  return true;
}

function kindOf(value: object): Hole['kind'] | null {
  if (typeof value === 'function') return 'function';
  if (isStream(value)) return 'stream';
  if ('report' in value && typeof value.report === 'function') return 'progress';
  return !isData(value) && methodsOf(value).length > 0 ? 'object' : null;
}

export function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const COPIED = [Array, Map, Set, Date, RegExp, ArrayBuffer, SharedArrayBuffer, Error];

function isData(value: object): boolean {
  return ArrayBuffer.isView(value) || COPIED.some((kind) => value instanceof kind);
}

/** Own functions, and those of its classes. */
function methodsOf(value: object): string[] {
  const names = new Set<string>();
  for (let at = value; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const [name, { value: held }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof held === 'function' && name !== 'constructor') names.add(name);
    }
  }
  return [...names];
}
