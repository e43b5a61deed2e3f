// What the parts of the page share.

import type { GraphView } from "./graph";
import type { Index } from "./program";
import type { Store } from "./state";
import { revealed } from "./visible";

export class Page {
  graph!: GraphView;
  private hovering: ((nodes: readonly number[]) => void)[] = [];
  private live: HTMLElement | null = null;

  constructor(
    readonly index: Index,
    readonly store: Store,
  ) {}

  /** Calls `listener` with the nodes that the pointer or the focus is on. */
  onHover(listener: (nodes: readonly number[]) => void): void {
    this.hovering.push(listener);
  }

  hover(nodes: readonly number[]): void {
    for (const listener of this.hovering) listener(nodes);
  }

  forget(): void {
    this.hovering = [];
  }

  /** Shows a node on its own, opening what it is in, and selects it. */
  reveal(node: number): void {
    this.graph.anchor = null;
    this.store.set({ ...revealed(this.index, this.store.state, node), selected: `n${node}` });
    this.graph.center(node);
  }

  announce(live: HTMLElement): void {
    this.live = live;
  }

  /** Has a screen reader say something. */
  say(text: string): void {
    if (this.live !== null) this.live.textContent = text;
  }

  /** The edges of what is lit: chosen paths, or the trail of a finding. */
  lit(): Set<number> {
    const { paths, trail } = this.store.state;
    return new Set([...paths.flatMap((path) => this.index.program.paths[path]?.edges ?? []), ...trail]);
  }
}
