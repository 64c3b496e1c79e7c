/**
 * The links of the simulated network: one for each directed pair of addresses that was ever used,
 * made at its first use. Its random stream depends on the two addresses only, not on when that was.
 */
import type { Random } from "../random.js";
import type { Address } from "../world/network.js";

/** The way from one address to another. */
export interface Link {
  readonly random: Random;
  cut: boolean;
  /** When the last message of a FIFO link arrives. */
  lastArrivalNs: number;
}

/** All links of a network. */
export interface Links {
  between(from: Address, to: Address): Link;
  /** Lets go of all links from and to an address. */
  forget(address: Address): void;
  cut(from: Address, to: Address): void;
  heal(): void;
  /** The cut links as `from>to`, sorted. */
  cuts(): readonly string[];
}

/** Makes links that are whole. */
export function createLinks(random: Random): Links {
  const links = new Map<Address, Map<Address, Link>>();

  const between = (from: Address, to: Address): Link => {
    let outgoing = links.get(from);
    if (outgoing === undefined) links.set(from, (outgoing = new Map()));
    let link = outgoing.get(to);
    if (link === undefined) {
      link = { random: random.fork(`network:${from}>${to}`), cut: false, lastArrivalNs: 0 };
      outgoing.set(to, link);
    }
    return link;
  };

  return {
    between,
    forget: (address) => {
      links.delete(address);
      for (const outgoing of links.values()) outgoing.delete(address);
    },
    cut: (from, to) => {
      between(from, to).cut = true;
    },
    heal: () => {
      for (const outgoing of links.values()) for (const link of outgoing.values()) link.cut = false;
    },
    cuts: () =>
      [...links]
        .flatMap(([from, outgoing]) =>
          [...outgoing].filter(([, link]) => link.cut).map(([to]) => `${from}>${to}`),
        )
        .toSorted(),
  };
}
