/**
 * The simulated network: every directed pair of endpoints is a link with its own random stream.
 *
 * What a message meets on its way, in this order:
 * 1. sent over a cut link: dropped (healing in the meantime does not save it);
 * 2. lost or duplicated, by chance, and more often on a link of bad quality; each copy draws its
 *    own latency, so copies and messages overtake each other;
 * 3. the link is cut when it arrives: dropped;
 * 4. nothing listens there: refused. The sender learns of it one latency later, unless the way back
 *    is cut or loses the news, or the message had been duplicated (another copy might still
 *    arrive);
 * 5. the node was restarted since the message was sent: dropped, as the connection that carried it
 *    is gone;
 * 6. the node is paused: it waits, in order, until the node is resumed (or is dropped if the node
 *    dies first).
 *
 * Messages of an endpoint to itself are never lost, duplicated or cut. Links of clients are never
 * cut.
 */
import type { Random } from "../random.js";
import type { Address, Message, Network } from "../world/network.js";
import type { LinkQuality } from "../world/world.js";
import { createLinks, type Link } from "./links.js";
import { copyMessage } from "./message.js";
import type { MessageTrip, NetworkOptions } from "./options.js";
import type { Scheduler } from "./scheduler.js";
import type { Scope } from "./scope.js";

/** The network of one world. */
export interface SimulatedNetwork {
  /** Attaches an endpoint, in place of the scope that had this address before. */
  attach(address: Address, scope: Scope): Network;
  /** Takes the endpoint of this scope off; nothing listens there any more. */
  detach(address: Address, scope: Scope): void;
  /** Lets go of all that is known about the links of an address. */
  forget(address: Address): void;
  cut(from: Address, to: Address): void;
  heal(): void;
  /** The cut links as `from>to`, sorted. */
  cuts(): readonly string[];
  /** See `QualityControl`. */
  degrade(from: Address, to: Address, quality: LinkQuality): void;
  restore(): void;
  degraded(): readonly string[];
  /** See `Insight`. */
  waitsFor(address: Address, request: string): boolean | undefined;
}

interface Attachment {
  readonly scope: Scope;
  onMessage: ((from: Address, message: Message) => void) | undefined;
  onRefused: ((to: Address, message: Message) => void) | undefined;
  /** See `Network.onInquiry`. */
  waitsFor: ((request: string) => boolean) | undefined;
}

/** A message on its way. */
interface Flight {
  readonly from: Address;
  readonly to: Address;
  readonly sender: Attachment;
  /** Who listened when it was sent; undefined when nobody did. */
  receiver: Attachment | undefined;
  readonly link: Link;
  readonly message: Message;
  readonly sentNs: number;
  readonly duplicated: boolean;
}

/** What a network is made of. */
export interface NetworkParts {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly options: NetworkOptions;
  /** Told of every message when its fate is known. */
  readonly onMessage?: ((trip: MessageTrip) => void) | undefined;
}

/** The latency of a message to oneself. */
const LOOPBACK_NS = 20_000;

/** Makes a network without endpoints. */
export function createNetwork(parts: NetworkParts): SimulatedNetwork {
  const { scheduler, random, options, onMessage } = parts;
  const attachments = new Map<Address, Attachment>();
  const links = createLinks(random);

  const delayNs = (link: Link): number => {
    const ms = options.latencyMsMin + link.random.exponential(options.latencyMsMean);
    const drawnNs = Math.round(ms * 1e6) + extraNs(link);
    if (!options.fifo) return drawnNs;
    link.lastArrivalNs = Math.max(link.lastArrivalNs, scheduler.nowNs() + drawnNs);
    return link.lastArrivalNs - scheduler.nowNs();
  };

  const tell = ({ from, to, sentNs, message }: Flight, fate: MessageTrip["fate"]): void => {
    onMessage?.({ from, to, sentNs, endNs: scheduler.nowNs(), fate, message });
  };

  const depart = (flight: Flight, latencyNs: number): void => {
    scheduler.after(latencyNs, scheduler.harness, land).about = flight;
  };

  /** Nobody else may change the message. */
  const send = (sender: Attachment, from: Address, to: Address, message: Message): void => {
    if (sender.scope.state === "dead") return;
    const link = links.between(from, to);
    const receiver = attachments.get(to);
    const sentNs = scheduler.nowNs();
    const { quality } = link;
    const near = from === to;
    const lost =
      !near && link.random.chance(atLeast(options.lossProbability, quality?.lossProbability));
    const duplicated =
      !near &&
      link.random.chance(atLeast(options.duplicationProbability, quality?.duplicationProbability));
    const flight: Flight = { from, to, sender, receiver, link, message, sentNs, duplicated };
    if (near) {
      depart(flight, LOOPBACK_NS);
      return;
    }
    const latencyNs = delayNs(link);
    if (lost || link.cut) {
      tell(flight, lost ? "lost" : "cut");
      return;
    }
    depart(flight, latencyNs);
    if (duplicated) depart({ ...flight, message: copyMessage(message) }, delayNs(link));
  };

  // The same for all, for a function made for each of them would be dear: it happens to a flight.
  const land = (about: unknown): void => arrive(about as Flight);

  const arrive = (flight: Flight): void => {
    const { from, to, link, message } = flight;
    if (link.cut) {
      tell(flight, "cut");
      return;
    }
    const attachment = attachments.get(to);
    if (attachment?.onMessage === undefined) {
      tell(flight, "refused");
      refuse(flight);
      return;
    }
    if (flight.receiver !== undefined && flight.receiver !== attachment) {
      tell(flight, "stale");
      return;
    }
    tell(flight, "delivered");
    const { scope, onMessage: receiver } = attachment;
    if (scope.state !== "paused") scheduler.receive(scope, receiver, flight);
    else scheduler.enter(scope, () => attachment.onMessage?.(from, message));
  };

  const refuse = ({ from, to, sender, message, sentNs, duplicated }: Flight): void => {
    if (duplicated || sender.scope.state === "dead") return;
    const back = links.between(to, from);
    if (from !== to && back.random.chance(options.lossProbability)) return;
    if (back.cut) return;
    const news = scheduler.after(
      from === to ? LOOPBACK_NS : delayNs(back),
      scheduler.harness,
      () => {
        if (!back.cut) scheduler.enter(sender.scope, () => sender.onRefused?.(to, message));
      },
    );
    news.about = { from: to, to: from, message, sentNs, refused: true };
  };

  return {
    attach: (address, scope) => {
      const attachment: Attachment = {
        scope,
        onMessage: undefined,
        onRefused: undefined,
        waitsFor: undefined,
      };
      attachments.set(address, attachment);
      return portOf(address, attachment, send);
    },
    detach: (address, scope) => {
      if (attachments.get(address)?.scope === scope) attachments.delete(address);
    },
    forget: (address) => links.forget(address),
    cut: (from, to) => links.cut(from, to),
    heal: () => links.heal(),
    cuts: () => links.cuts(),
    degrade: (from, to, quality) => links.degrade(from, to, quality),
    restore: () => links.restore(),
    degraded: () => links.degraded(),
    waitsFor: (address, request) => {
      const attachment = attachments.get(address);
      return attachment === undefined ? false : attachment.waitsFor?.(request);
    },
  };
}

/** What a bad link adds to the latency of a message; a link that works well draws nothing. */
function extraNs({ quality, random }: Link): number {
  if (quality === undefined) return 0;
  return Math.round((quality.delayMs + quality.spreadMs * random.float()) * 1e6);
}

function atLeast(usual: number, here = 0): number {
  return Math.max(usual, here);
}

/** The network as one endpoint sees it. */
function portOf(
  address: Address,
  attachment: Attachment,
  send: (sender: Attachment, from: Address, to: Address, message: Message) => void,
): Network {
  return {
    self: address,
    send: (to, message) => send(attachment, address, to, copyMessage(message)),
    give: (to, message) => send(attachment, address, to, message),
    onMessage: (receiver) => {
      attachment.onMessage = receiver;
    },
    onRefused: (receiver) => {
      attachment.onRefused = receiver;
    },
    onInquiry: (is) => {
      attachment.waitsFor = is;
    },
  };
}
