// The rows of a layered drawing: a translation of chainrule/explain/drawing/rows.py, which says how and why.

export const GAP = 14;
const SWEEPS = 8;
const PLACEMENTS = 16;
/** What keeps an item in place that nothing pulls. */
const INERTIA = 1e-3;

/** A piece of a line, seen from one of its ends. */
export interface Piece {
  item: number;
  here: number;
  there: number;
  drop: number;
  weight: number;
}

/** The rows in the order with the fewest crossings that was met; the first of them, if there are several. */
export function inOrder(rows: number[][], lefts: Piece[][], rights: Piece[][]): number[][] {
  const place = new Array<number>(lefts.length).fill(0);
  for (const row of rows) row.forEach((item, n) => (place[item] = n));
  let best = rows;
  let fewest = crossings(rows, rights, place);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const backwards = sweep % 2 === 0;
    rows = backwards ? [...rows].reverse() : [...rows];
    const links = backwards ? rights : lefts;
    rows = rows.map((row) => {
      const keyed = row.map((item) => {
        let total = 0;
        for (const link of links[item]) total += place[link.item] + link.there;
        const count = links[item].length;
        return { mean: count > 0 ? total / count : place[item] + 0.5, place: place[item], item };
      });
      keyed.sort((a, b) => a.mean - b.mean || a.place - b.place || a.item - b.item);
      const sorted = keyed.map((each) => each.item);
      sorted.forEach((item, n) => (place[item] = n));
      return sorted;
    });
    if (backwards) rows.reverse();
    const now = crossings(rows, rights, place);
    if (now < fewest) {
      best = rows;
      fewest = now;
    }
  }
  return best;
}

/** How many pairs of pieces cross, between all neighbouring rows. */
function crossings(rows: number[][], rights: Piece[][], place: number[]): number {
  let count = 0;
  for (const row of rows) {
    const ends: [number, number][] = [];
    for (const item of row) for (const link of rights[item]) ends.push([place[item] + link.here, place[link.item] + link.there]);
    ends.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const above: number[] = [];
    for (const [, end] of ends) {
      let low = 0;
      let high = above.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (end < above[middle]) high = middle;
        else low = middle + 1;
      }
      count += above.length - low;
      above.splice(low, 0, end);
    }
  }
  return count;
}

/** The heights of the items' centres at which the lines are as level as the gaps allow. */
export function heights(rows: number[][], sizes: number[], lefts: Piece[][], rights: Piece[][]): number[] {
  const y = new Array<number>(sizes.length).fill(0);
  for (const row of rows) {
    let total = GAP * (row.length - 1);
    for (const item of row) total += sizes[item];
    let top = -total / 2;
    for (const item of row) {
      y[item] = top + sizes[item] / 2;
      top += sizes[item] + GAP;
    }
  }
  for (let sweep = 0; sweep < PLACEMENTS; sweep++) {
    const backwards = sweep % 2 === 0;
    const both = sweep >= PLACEMENTS / 4;
    for (const row of backwards ? [...rows].reverse() : rows) {
      const wanted: number[] = [];
      const weights: number[] = [];
      for (const item of row) {
        let total = INERTIA * y[item];
        let weight = INERTIA;
        const pull = (links: Piece[]): void => {
          for (const link of links) {
            total += link.weight * (y[link.item] - link.drop);
            weight += link.weight;
          }
        };
        if (both || !backwards) pull(lefts[item]);
        if (both || backwards) pull(rights[item]);
        wanted.push(total / weight);
        weights.push(weight);
      }
      const settled = pooled(
        wanted,
        weights,
        row.map((item) => sizes[item]),
      );
      row.forEach((item, n) => (y[item] = settled[n]));
    }
  }
  return y;
}

/** Makes the waypoints of each line level with each other, as many in a row as their neighbours leave room for. */
export function straighten(rows: number[][], sizes: number[], chains: number[][], y: number[]): void {
  const above = new Array<number>(sizes.length).fill(-1);
  const below = new Array<number>(sizes.length).fill(-1);
  for (const row of rows) {
    for (let n = 1; n < row.length; n++) {
      above[row[n]] = row[n - 1];
      below[row[n - 1]] = row[n];
    }
  }
  for (const chain of chains) {
    for (let n = 0; n < chain.length; ) {
      let [least, greatest, total, end] = [-Infinity, Infinity, 0, n];
      while (end < chain.length) {
        const item = chain[end];
        let [low, high] = [least, greatest];
        if (above[item] >= 0) low = Math.max(low, y[above[item]] + sizes[above[item]] / 2 + GAP + sizes[item] / 2);
        if (below[item] >= 0) high = Math.min(high, y[below[item]] - sizes[below[item]] / 2 - GAP - sizes[item] / 2);
        if (low > high && end > n) break;
        [least, greatest, total, end] = [low, high, total + y[item], end + 1];
      }
      if (least <= greatest) {
        const level = Math.min(Math.max(total / (end - n), least), greatest);
        for (const item of chain.slice(n, end)) y[item] = level;
      }
      n = end;
    }
  }
}

/** The heights y that minimise Σ weight · (y - wanted)², in this order and at least `GAP` apart. */
export function pooled(wanted: number[], weights: number[], sizes: number[]): number[] {
  let distance = 0;
  const distances: number[] = [];
  const pools: { mean: number; weight: number; count: number }[] = [];
  for (let n = 0; n < wanted.length; n++) {
    if (n > 0) distance += sizes[n - 1] / 2 + GAP + sizes[n] / 2;
    distances.push(distance);
    let pool = { mean: wanted[n] - distance, weight: weights[n], count: 1 };
    while (pools.length > 0 && pools[pools.length - 1].mean > pool.mean) {
      const other = pools.pop()!;
      const weight = pool.weight + other.weight;
      pool = { mean: (pool.mean * pool.weight + other.mean * other.weight) / weight, weight, count: pool.count + other.count };
    }
    pools.push(pool);
  }
  const y: number[] = [];
  for (const { mean, count } of pools) for (let n = 0; n < count; n++) y.push(mean + distances[y.length]);
  return y;
}
