/** Something about the last element of beginnings of lists, by key and by what they begin with. */

interface Beginning<Of> {
  readonly next: Map<string, Beginning<Of>>;
  of: Of | undefined;
}

/** A tree for each key. */
export class Beginnings<Of> {
  readonly #keys = new Map<string, Beginning<Of>>();

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Notes what is to be known of the last of these elements. */
  set(key: string, elements: readonly string[], of: Of): void {
    let beginning = this.#keys.get(key) ?? { next: new Map(), of: undefined };
    this.#keys.set(key, beginning);
    for (const element of elements) {
      const next = beginning.next.get(element) ?? { next: new Map(), of: undefined };
      beginning.next.set(element, next);
      beginning = next;
    }
    beginning.of = of;
  }

  /** What is known of each element of a list. */
  walk(key: string, elements: readonly string[]): (Of | undefined)[] {
    let beginning = this.#keys.get(key);
    return elements.map((element) => {
      beginning = beginning?.next.get(element);
      return beginning?.of;
    });
  }
}
