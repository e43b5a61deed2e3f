// What the page shows at the moment; every part of the page listens for the fields that it draws.

export interface State {
  tab: Tab;
  step: number;
  direction: "reverse" | "forward";
  labels: "symbols" | "numbers";
  split: boolean;
  /** `n3` a node, `e5` an edge, `g2` a group; null if nothing is selected. */
  selected: string | null;
  /** Places of the paths that are lit. */
  paths: readonly number[];
  /** Edges that are lit because something else asked for them: the path of a finding. */
  trail: readonly number[];
  open: ReadonlySet<number>;
  /** Which repetitions are drawn on their own, from and up to, by the first of them. */
  unfolded: ReadonlyMap<number, readonly [number, number]>;
  heat: "none" | "time" | "bytes" | "flow";
  /** The inputs that the numbers are for, if these are not the recorded ones. */
  at: readonly number[] | null;
  view: { x: number; y: number; scale: number } | null;
  playing: boolean;
  language: "en" | "zh";
  scheme: "system" | "light" | "dark";
}

export const tabs = ["paths", "derivation", "shapes", "health", "cost"] as const;
export type Tab = (typeof tabs)[number];

type Listener = (state: State, before: State) => void;

export class Store {
  private listeners: { fields: (keyof State)[]; listener: Listener }[] = [];

  constructor(public state: State) {}

  /** Calls `listener` when one of the fields has changed. */
  on(fields: (keyof State)[], listener: Listener): void {
    this.listeners.push({ fields, listener });
  }

  set(change: Partial<State>): void {
    const before = this.state;
    const changed = (Object.keys(change) as (keyof State)[]).filter((field) => before[field] !== change[field]);
    if (changed.length === 0) return;
    this.state = { ...before, ...change };
    for (const { fields, listener } of this.listeners) {
      if (fields.some((field) => changed.includes(field))) listener(this.state, before);
    }
  }
}
