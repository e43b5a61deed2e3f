// What the parts of the page share.

import type { GraphView } from "./graph";
import type { Index } from "./program";
import type { Store } from "./state";
import { revealed } from "./visible";

export class Page {
  graph!: GraphView;
  private stepped = false;
  private hovering: ((nodes: readonly number[]) => void)[] = [];

  constructor(
    readonly index: Index,
    readonly store: Store,
  ) {
    store.on(["step"], ({ step }, before) => (this.stepped ||= step !== before.step && Number.isFinite(before.step)));
  }

  /** Calls `listener` with the nodes that the pointer or the focus is on. */
  onHover(listener: (nodes: readonly number[]) => void): void {
    this.hovering.push(listener);
  }

  hover(nodes: readonly number[]): void {
    for (const listener of this.hovering) listener(nodes);
  }

  /** Shows a node on its own, opening what it is in, and selects it. */
  reveal(node: number): void {
    this.graph.anchor = null;
    this.store.set({ ...revealed(this.index, this.store.state, node), selected: `n${node}` });
    this.graph.center(node);
  }

  /** Whether nothing has been stepped yet: all is known, and no step is the current one. */
  atRest(): boolean {
    return !this.stepped && this.store.state.step === this.graph.last;
  }

  /** The edges of what is lit: chosen paths, or the trail of a finding. */
  lit(): Set<number> {
    const { paths, trail } = this.store.state;
    return new Set([...paths.flatMap((path) => this.index.program.paths[path]?.edges ?? []), ...trail]);
  }
}
