/**
 * The links of the simulated network: one for each directed pair of addresses that was ever used,
 * made at its first use. Its random stream depends on the two addresses only, not on when that was.
 */
import type { Random } from "../random.js";
import type { Address } from "../world/network.js";
import type { LinkQuality } from "../world/world.js";

/** The way from one address to another. */
export interface Link {
  readonly random: Random;
  cut: boolean;
  /** Undefined for one that works well. */
  quality: LinkQuality | undefined;
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
  degrade(from: Address, to: Address, quality: LinkQuality): void;
  restore(): void;
  /** The links that do not work well as `from>to`, sorted. */
  degraded(): readonly string[];
}

/** Makes links that are whole. */
export function createLinks(random: Random): Links {
  const links = new Map<Address, Map<Address, Link>>();

  const between = (from: Address, to: Address): Link => {
    let outgoing = links.get(from);
    if (outgoing === undefined) links.set(from, (outgoing = new Map()));
    let link = outgoing.get(to);
    if (link === undefined) {
      link = {
        random: random.fork(`network:${from}>${to}`),
        cut: false,
        quality: undefined,
        lastArrivalNs: 0,
      };
      outgoing.set(to, link);
    }
    return link;
  };

  const every = function* (): Iterable<Link> {
    for (const outgoing of links.values()) yield* outgoing.values();
  };
  const named = (is: (link: Link) => boolean): readonly string[] => {
    const names: string[] = [];
    for (const [from, outgoing] of links) {
      for (const [to, link] of outgoing) if (is(link)) names.push(`${from}>${to}`);
    }
    return names.toSorted();
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
      for (const link of every()) link.cut = false;
    },
    cuts: () => named(({ cut }) => cut),
    degrade: (from, to, quality) => {
      between(from, to).quality = quality;
    },
    restore: () => {
      for (const link of every()) link.quality = undefined;
    },
    degraded: () => named(({ quality }) => quality !== undefined),
  };
}
