/** The time, which is the same everywhere but where starting a node has taken some. */
export class PlaceClocks {
  readonly #localNs = new Map<string, number>();
  nowNs = 0;

  at(place: string): number {
    return Math.max(this.nowNs, this.#localNs.get(place) ?? 0);
  }

  /** It is this late at a place. */
  set(place: string, timeNs: number): void {
    this.#localNs.set(place, timeNs);
  }

  /** When it is at a place; undefined when it is no other time than elsewhere. */
  ahead(place: string): number | undefined {
    const localNs = this.at(place);
    return localNs > this.nowNs ? localNs : undefined;
  }

  /** It is nowhere later than this. */
  latestNs(): number {
    return Math.max(this.nowNs, ...this.#localNs.values());
  }
}
