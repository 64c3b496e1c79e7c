/**
 * A queue of events for the simulated world whose order is chosen, not drawn.
 *
 * Messages, refusals, invocations, restarts and (where disks are explored) calls of disks may
 * happen in any order. Time passes only when none of them is left: it goes to the next timer, and
 * whatever is due by then may happen in any order again. So a message is faster than any timer,
 * unless it is *late*: then time may pass first, once or several times. In this way all clocks stay
 * right, and what is found can happen to a system that trusts its clocks. A node that was killed or
 * stands still may stay so while time passes. A client that waits with its next operation begins
 * it at the latest when an operation would have timed out, for else it could wait for ever.
 *
 * A message reaches whoever listens where it arrives, also when the node was started anew since it
 * was sent.
 *
 * Until exploration begins, and after it has ended, events happen by time.
 */
import {
  createEvent,
  createEventQueue,
  type EventQueue,
  type SimulatedEvent,
} from "../simulation/event-queue.js";
import { createScope, type Scope } from "../simulation/scope.js";
import { Allowance } from "./allowance.js";
import { Crashes } from "./crashes.js";
import { Cuts } from "./cuts.js";
import { DiskCalls, isAnyCall } from "./disk-calls.js";
import { GOINGS, type Act, type ChosenQueueOptions, type QueueHandles } from "./queue-options.js";
import { PlaceClocks } from "./place-clocks.js";
import { Recognition, type Surroundings } from "./recognition.js";
import type { Look } from "./sighting.js";
import {
  endsOfWaits,
  isPossible,
  latestNs,
  nextNs,
  Naming,
  withoutChosen,
  type Waiting,
} from "./waiting.js";

/** See above. */
export class ChosenQueue implements EventQueue {
  readonly #options: ChosenQueueOptions;
  readonly #scope: Scope;
  readonly #timed = createEventQueue();
  /** What is in `#timed` before exploration begins. */
  readonly #before = new Set<SimulatedEvent>();
  #handles: QueueHandles | undefined;
  #begun = false;
  #naming: Naming | undefined;
  #recognition: Recognition | undefined;
  readonly #look: Look = {
    idle: () => this.#recognition?.idle(this.#ready),
    sighting: () => (this.#recognition as Recognition).sighting(this.#surroundings()),
  };
  /** What the step under way has scheduled, and the operations that may begin from then on. */
  #fresh: SimulatedEvent[] = [];
  #offered: Waiting[] = [];
  #ready: Waiting[] = [];
  /** Late messages, nodes that stay away, and clients that wait. */
  #held: Waiting[] = [];
  #timers: Waiting[] = [];
  /** Behind calls of disks that are ready. */
  readonly #calls = new DiskCalls();
  readonly #clocks = new PlaceClocks();
  #current: Waiting | undefined;
  /** The node that the step under way has started, until it runs. */
  #booting: string | undefined;
  #steps = 0;
  #stretch = 0;
  #entered = true;
  readonly #allowance: Allowance;
  readonly #cuts: Cuts;
  readonly crashes: Crashes = new Crashes();
  #decidedBy: number | undefined;

  constructor(options: ChosenQueueOptions) {
    this.#options = options;
    this.#scope = createScope("explorer", options.onError);
    this.#allowance = new Allowance(options.bounds, (words) => options.chooser.choose(words));
    this.#cuts = new Cuts(this.#allowance);
  }

  /** Whether all nodes say what is in their memories. */
  get remembers(): boolean {
    return this.#recognition?.remembers === true;
  }

  /** The index of the step with which the last operation ended; undefined before. */
  get decidedBy(): number | undefined {
    return this.#decidedBy;
  }

  get steps(): number {
    return this.#steps;
  }

  get size(): number {
    return this.#handles === undefined ? this.#timed.size : this.#all().length;
  }

  /** Whether nothing but timers is under way; asked before exploration begins. */
  get quiet(): boolean {
    for (const { about, action } of this.#before) {
      if (about !== undefined && action !== undefined) return false;
    }
    return true;
  }

  /** From now on all orders are tried. */
  begin(handles: QueueHandles): void {
    this.#before.clear();
    this.#begun = true;
    for (let next = this.#timed.pop(); next !== undefined; next = this.#timed.pop()) {
      this.#fresh.push(next);
    }
    this.#handles = handles;
    this.#naming = new Naming(handles);
    this.#clocks.nowNs = handles.nowNs;
    const { looks } = this.#options;
    const insight = looks?.insight();
    if (looks === undefined || insight === undefined) return;
    this.#recognition = new Recognition({ ...looks, insight, nodes: handles.nodes });
  }

  /** What a worker does next may happen from now on. */
  offer(worker: number, action: () => void): void {
    const place = (this.#naming as Naming).placeOfWorker(worker);
    this.#offered.push(this.#own({ kind: "begin", place }, action));
  }

  /** All operations have ended, with the step under way. */
  decide(): void {
    this.#decidedBy = this.#steps - 1;
  }

  /** Events happen by time again. */
  end(): void {
    this.#handles = undefined;
    const nowNs = this.#clocks.latestNs();
    for (const event of this.#all()) {
      if (event.action === undefined || event.scope === this.#scope) continue;
      event.timeNs = Math.max(event.timeNs, nowNs);
      this.#timed.push(event);
    }
    this.clear();
  }

  push(event: SimulatedEvent): void {
    if (this.#handles !== undefined) {
      this.#fresh.push(event);
      return;
    }
    this.#timed.push(event);
    if (!this.#begun) this.#before.add(event);
  }

  cancel(event: SimulatedEvent): void {
    if (this.#handles === undefined || event.queued) this.#timed.cancel(event);
    else this.#disable((each) => each === event);
  }

  discard(scope: Scope): void {
    this.#timed.discard(scope);
    this.#disable((event) => event.scope === scope);
  }

  #disable(isMeant: (event: SimulatedEvent) => boolean): void {
    for (const { event, id } of this.#ready) {
      if (event.action !== undefined && isMeant(event)) this.#options.chooser.disable(id);
    }
    for (const event of this.#all()) if (isMeant(event)) event.action = undefined;
  }

  clear(): void {
    if (this.#handles !== undefined) this.#timed.clear();
    this.#fresh = [];
    this.#offered = [];
    this.#ready = [];
    this.#held = [];
    this.#timers = [];
    this.#calls.clear();
  }

  pop(): SimulatedEvent | undefined {
    const handles = this.#handles;
    if (handles === undefined) {
      const event = this.#timed.pop();
      if (event !== undefined) this.#before.delete(event);
      return event;
    }
    try {
      return this.#next(handles);
    } catch (error) {
      return this.#event(() => this.#options.onError(error));
    }
  }

  #next(handles: QueueHandles): SimulatedEvent | undefined {
    this.#sort();
    const atOnce = this.#takeAtOnce();
    if (atOnce !== undefined) return atOnce;
    for (;;) {
      if (this.#entered) this.#enter(handles);
      this.#ready = this.#ready.filter(isPossible);
      if (this.#decidedBy !== undefined && this.#options.endsDecided === true) {
        return this.#event(handles.onEnd);
      }
      if (this.#ready.length > 0) break;
      if (this.#decidedBy !== undefined) return this.#event(handles.onEnd);
      if (!this.#passTime()) return undefined;
    }
    const { bounds, chooser, onCut } = this.#options;
    if (this.#steps >= bounds.steps) return this.#event(() => onCut("too-long"));
    const index = chooser.schedule(this.#ready, this.#stretch, this.#look);
    if (index === undefined) return this.#event(() => onCut("asleep"));
    const chosen = this.#ready[index] as Waiting;
    this.#ready = withoutChosen(this.#ready, index);
    this.#steps++;
    this.#current = chosen;
    if (chosen.kind === "disk") this.#ready.push(...this.#calls.take(chosen, this.#steps - 1));
    const event = this.#happening(chosen);
    this.#recognition?.happens(chosen, event.timeNs);
    return event;
  }

  #surroundings(): Surroundings {
    return {
      ready: this.#ready,
      later: { held: this.#held, timers: this.#timers, calls: this.#calls.waiting },
      time: [this.#clocks.nowNs, endsOfWaits(this.#held)],
      wrong: [this.#allowance.left, this.#cuts.names],
      clocks: this.#clocks,
    };
  }

  /** Everything that may still happen. */
  #all(): readonly SimulatedEvent[] {
    const named = [
      this.#offered,
      this.#ready,
      this.#held,
      this.#timers,
      this.#calls.waiting,
    ].flat();
    return [...named.map(({ event }) => event), ...this.#fresh];
  }

  /** Names what the last step has scheduled, and chooses what becomes of it. */
  #sort(): void {
    const place = this.#current?.place;
    for (const begin of this.#offered.splice(0)) {
      const waits = this.#allowance.waits(begin.id);
      if (waits) begin.event.timeNs += this.#options.waitMs * 1e6;
      (waits ? this.#held : this.#ready).push(begin);
    }
    for (const event of this.#fresh.splice(0)) {
      if (event.action === undefined) continue;
      const waiting = (this.#naming as Naming).name(event, this.#steps - 1, place);
      if (waiting.kind === "timer") this.#timers.push(waiting);
      else if (waiting.kind === "message") this.#send(waiting);
      else if (waiting.kind === "disk" && this.#isBusy(waiting)) this.#calls.add(waiting);
      else if (waiting.kind === "refusal" && this.#isCut(event)) continue;
      else this.#ready.push(waiting);
    }
    this.#takeDue();
  }

  #isBusy({ place }: Waiting): boolean {
    return this.#options.bounds.disks && isAnyCall(this.#ready, place);
  }

  #takeDue(): void {
    const isDue = ({ event, place }: Waiting): boolean => event.timeNs <= this.#clocks.at(place);
    this.#ready.push(...this.#timers.filter(isDue));
    this.#timers = this.#timers.filter((timer) => isPossible(timer) && !isDue(timer));
  }

  #isCut({ about }: SimulatedEvent): boolean {
    return typeof about === "object" && this.#cuts.has(about.from, about.to);
  }

  #send(message: Waiting): void {
    const { about } = message.event;
    if (typeof about === "object") {
      about.receiver = undefined;
      this.#recognition?.sent(about);
    }
    // What becomes of messages after that is in no history any more, and those to oneself arrive.
    const isNear = typeof about === "object" && about.from === about.to;
    const matters = this.#decidedBy === undefined && !isNear;
    const isCut = this.#isCut(message.event);
    const fate = isCut ? "lose" : matters ? this.#allowance.fateOf(message.id) : "keep";
    if (fate === "keep") this.#ready.push(message);
    else if (fate === "delay") this.#held.push(message);
    else if (typeof about === "object") this.#options.onLost?.(about, this.#clocks.nowNs);
  }

  /** What is part of the step under way: see `#isAtOnce`. */
  #takeAtOnce(): SimulatedEvent | undefined {
    for (const list of [this.#timers, this.#ready]) {
      const index = list.findIndex((each) => isPossible(each) && this.#isAtOnce(each));
      if (index < 0) continue;
      const [found] = list.splice(index, 1) as [Waiting];
      if (this.#isBoot(found)) {
        this.#booting = undefined;
        this.#clocks.set(found.place, found.event.timeNs);
      }
      return this.#happening(found);
    }
    return undefined;
  }

  /** Starting a node; what the harness does for a step; calls of disks, unless explored. */
  #isAtOnce(waiting: Waiting): boolean {
    const { kind, event, creator } = waiting;
    if (kind === "disk") return !this.#options.bounds.disks;
    if (this.#isBoot(waiting)) return true;
    const isOwn = creator === this.#steps - 1 && event.timeNs <= this.#clocks.at(waiting.place);
    // A node that goes on takes up at once what has reached it meanwhile.
    const isHarness = event.scope.name === "harness";
    return kind === "timer" && isOwn && (isHarness || this.#current?.kind === "resume");
  }

  #isBoot({ kind, place, event, creator }: Waiting): boolean {
    const isOwn = creator === this.#steps - 1 && event.scope.name === place;
    return kind === "timer" && place === this.#booting && isOwn;
  }

  /** At the beginning of a stretch: who goes in it, and who comes back. */
  #enter({ nodes, onLink }: QueueHandles): void {
    this.#entered = false;
    this.#cuts.choose(nodes, onLink);
    this.#held = this.#held.filter((each) => {
      const mayWait = latestNs(each) > this.#clocks.nowNs;
      if (mayWait && this.#allowance.choose([`hold ${each.id}`, `release ${each.id}`]) === 0)
        return true;
      this.#ready.push(each);
      return false;
    });
    for (const going of GOINGS) {
      const { kind, budget } = going;
      // In the order of nodes, so that each set of nodes is chosen once.
      for (const node of nodes) {
        if (this.#allowance.left[budget] === 0) break;
        if (this.#allowance.choose([`no ${kind} ${node}`, `${kind} ${node}`]) === 0) continue;
        this.#allowance.left[budget]--;
        const fault = this.#own({ kind, place: node }, () => this.#strike(going, node));
        this.#ready.unshift({ ...fault, free: true });
      }
    }
  }

  #strike({ kind, coming, words }: (typeof GOINGS)[number], node: string): void {
    const act = (how: Act): boolean => this.#handles?.act(how, node) === true;
    if (!this.crashes.during(this.#allowance, () => act(kind))) return;
    // What happens to a node after that is in no history any more.
    if (this.#decidedBy !== undefined) return;
    const back = this.#own({ kind: coming, place: node }, () => {
      if (act(coming) && coming === "start") this.#booting = node;
    });
    const stays = this.#allowance.choose(words.map((word) => `${node} ${word}`)) === 1;
    (stays ? this.#held : this.#ready).push(back);
  }

  /** Lets time pass to the next timer. Says whether there was any. */
  #passTime(): boolean {
    this.#timers = this.#timers.filter(isPossible);
    const next = nextNs(this.#timers, this.#held);
    if (next === Infinity) {
      if (this.#held.length === 0) return false;
      // Nothing but what is late can still happen.
      this.#ready.push(...this.#held.splice(0));
    } else this.#clocks.nowNs = Math.max(this.#clocks.nowNs, next);
    this.#stretch++;
    this.#entered = true;
    this.#takeDue();
    return true;
  }

  /** Gives an event its time: not before what it follows from, as in Lamport's clocks. */
  #happening({ event, place }: Waiting): SimulatedEvent {
    const { about } = event;
    if (typeof about === "object" && about.sentNs > this.#clocks.at(place)) {
      this.#clocks.set(place, about.sentNs);
    }
    event.timeNs = this.#clocks.at(place);
    return event;
  }

  #own(what: Pick<Waiting, "kind" | "place">, action: () => void): Waiting {
    const event = this.#event(action);
    return (this.#naming as Naming).own({ ...what, event, creator: this.#steps - 1 });
  }

  #event(action: () => void): SimulatedEvent {
    return createEvent({ timeNs: this.#clocks.nowNs, sequence: 0, scope: this.#scope, action });
  }
}
