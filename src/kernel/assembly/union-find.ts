import { AHEAD, keep } from './chunk';

@inline function parentOf(parent: usize, member: u32): u32 {
  return load<u32>(parent + ((<usize>member) << 2));
}

@inline function setParent(parent: usize, member: u32, to: u32): void {
  store<u32>(parent + ((<usize>member) << 2), to);
}

/** Reads the parents of members at `at` to `end` - 1. */
@inline function touchParents(parent: usize, capacity: u32, at: usize, end: usize): u32 {
  let sum: u32 = 0;
  for (; at < end; at += 4) {
    const member = load<u32>(at);
    if (member < capacity) sum += parentOf(parent, member);
  }
  return sum;
}

/** See union-find-twin.ts. */
@inline function join(parent: usize, a: u32, b: u32): void {
  let x = a;
  let y = b;
  let px = parentOf(parent, x);
  let py = parentOf(parent, y);
  while (px != py) {
    if (px < py) {
      setParent(parent, y, px);
      if (y == py) return;
      y = py;
      py = parentOf(parent, y);
    } else {
      setParent(parent, x, py);
      if (x == px) return;
      x = px;
      px = parentOf(parent, x);
    }
  }
}

/** Groups of the chunk: members between the positions in `starts`. Not 0 where a member is not below the capacity. */
export function unionGroups(parent: usize, capacity: u32, members: usize, starts: usize, groups: u32): u32 {
  let bad: u32 = 0;
  let sum: u32 = 0;
  const end = members + ((<usize>load<u32>(starts + ((<usize>groups) << 2))) << 2);
  let at = members + ((<usize>load<u32>(starts)) << 2);
  let touched = at;
  for (let group: u32 = 0; group < groups; group += 1) {
    const stop = members + ((<usize>load<u32>(starts + ((<usize>(group + 1)) << 2))) << 2);
    const first = load<u32>(at);
    for (; at < stop; at += 4) {
      if (at >= touched) {
        const until = min(end, at + (AHEAD << 2));
        sum += touchParents(parent, capacity, at, until);
        touched = until;
      }
      const member = load<u32>(at);
      if (member >= capacity || first >= capacity) bad = 1;
      else if (member != first) join(parent, first, member);
    }
  }
  keep(sum);
  return bad;
}

export function unionPairs(parent: usize, capacity: u32, a: usize, b: usize, count: u32): u32 {
  let bad: u32 = 0;
  let sum: u32 = 0;
  const bytes = (<usize>count) << 2;
  for (let at: usize = 0; at < bytes; at += 4) {
    if ((at & ((AHEAD << 2) - 1)) == 0) {
      const until = min(bytes, at + (AHEAD << 2));
      sum += touchParents(parent, capacity, a + at, a + until) + touchParents(parent, capacity, b + at, b + until);
    }
    const x = load<u32>(a + at);
    const y = load<u32>(b + at);
    if (x >= capacity || y >= capacity) bad = 1;
    else join(parent, x, y);
  }
  keep(sum);
  return bad;
}

/** Words of roots: see ../_union-find.ts. */
@inline const ROOT: u32 = 0x8000_0000;
@inline const LABELLED: u32 = 0x4000_0000;
@inline const SIZE: u32 = 0x3fff_ffff;

@inline function rootOf(parent: usize, member: u32): u32 {
  let x = member;
  while (true) {
    const p = parentOf(parent, x);
    if (p >= ROOT) return x;
    const above = parentOf(parent, p);
    if (above >= ROOT) return p;
    setParent(parent, x, above);
    x = above;
  }
}

/** Where refusals of this chunk are written; 7 words each. */
let refusals: usize = 0;
let refused: u32 = 0;

/** Refusals that the last guarded call wrote. */
export function refusedUnions(): u32 {
  return refused;
}

function labelOf(label: usize, root: u32, word: u32): u32 {
  return (word & LABELLED) == 0 ? 0 : parentOf(label, root);
}

function refuse(group: u32, a: u32, b: u32, labelX: u32, labelY: u32, sizeX: u32, sizeY: u32): void {
  const out = refusals + <usize>refused * 28;
  store<u32>(out, group);
  store<u32>(out, a, 4);
  store<u32>(out, b, 8);
  store<u32>(out, labelX, 12);
  store<u32>(out, labelY, 16);
  store<u32>(out, sizeX, 20);
  store<u32>(out, sizeY, 24);
  refused += 1;
}

/** Joins the cluster of root `x` with that of root `y` and gives the root of the first after it, which may be the same. */
@inline function joinRoots(parent: usize, label: usize, limit: u32, x: u32, y: u32, a: u32, b: u32, group: u32): u32 {
  const atX = parentOf(parent, x);
  const atY = parentOf(parent, y);
  const sizeX = atX & SIZE;
  const sizeY = atY & SIZE;
  const meet = (atX & atY & LABELLED) != 0 && parentOf(label, x) != parentOf(label, y);
  if (meet || (sizeX > limit && sizeY > limit)) {
    refuse(group, a, b, labelOf(label, x, atX), labelOf(label, y, atY), sizeX, sizeY);
    return x;
  }
  const root = min(x, y);
  const other = max(x, y);
  if ((parentOf(parent, other) & LABELLED) != 0) setParent(label, root, parentOf(label, other));
  setParent(parent, other, root);
  setParent(parent, root, ROOT | ((atX | atY) & LABELLED) | (sizeX + sizeY));
  return root;
}

export function unionGroupsGuarded(
  parent: usize,
  capacity: u32,
  members: usize,
  starts: usize,
  groups: u32,
  label: usize,
  limit: u32,
  first: u32,
  out: usize,
): u32 {
  refusals = out;
  refused = 0;
  let bad: u32 = 0;
  let sum: u32 = 0;
  const end = members + ((<usize>load<u32>(starts + ((<usize>groups) << 2))) << 2);
  let at = members + ((<usize>load<u32>(starts)) << 2);
  let touched = at;
  for (let group: u32 = 0; group < groups; group += 1) {
    const stop = members + ((<usize>load<u32>(starts + ((<usize>(group + 1)) << 2))) << 2);
    const a = load<u32>(at);
    // The root of the first member goes along: it is found once a group.
    let x: u32 = a < capacity && at < stop ? rootOf(parent, a) : 0;
    const head = at;
    for (; at < stop; at += 4) {
      if (at >= touched) {
        const until = min(end, at + (AHEAD << 2));
        sum += touchParents(parent, capacity, at, until);
        touched = until;
      }
      const b = load<u32>(at);
      if (a >= capacity || b >= capacity) {
        bad = 1;
        continue;
      }
      if (at == head) continue;
      const y = rootOf(parent, b);
      if (x != y) x = joinRoots(parent, label, limit, x, y, a, b, first + group);
    }
  }
  keep(sum);
  return bad;
}

export function unionPairsGuarded(
  parent: usize,
  capacity: u32,
  a: usize,
  b: usize,
  count: u32,
  label: usize,
  limit: u32,
  first: u32,
  out: usize,
): u32 {
  refusals = out;
  refused = 0;
  let bad: u32 = 0;
  let sum: u32 = 0;
  for (let pair: u32 = 0; pair < count; pair += 1) {
    const at = (<usize>pair) << 2;
    if ((pair & (AHEAD - 1)) == 0) {
      const until = (<usize>min(count, pair + AHEAD)) << 2;
      sum += touchParents(parent, capacity, a + at, a + until) + touchParents(parent, capacity, b + at, b + until);
    }
    const one = load<u32>(a + at);
    const other = load<u32>(b + at);
    if (one >= capacity || other >= capacity) {
      bad = 1;
      continue;
    }
    const x = rootOf(parent, one);
    const y = rootOf(parent, other);
    if (x != y) joinRoots(parent, label, limit, x, y, one, other, first + pair);
  }
  keep(sum);
  return bad;
}

/** Every parent becomes a root, in a forest without a guard. */
export function compress(parent: usize, capacity: u32): void {
  for (let member: u32 = 0; member < capacity; member += 1)
    setParent(parent, member, parentOf(parent, parentOf(parent, member)));
}
