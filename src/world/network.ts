/**
 * Messages between endpoints (nodes and clients), as a port. Delivery is best effort, as on a real
 * network: a message may be lost, delayed, reordered or duplicated. Requests and answers are built
 * on it in `rpc.ts`.
 */

/** The name of a node: `n1`, `n2`, … */
export type NodeId = string;

/** The name of any endpoint: a node or a client. */
export type Address = string;

/** What travels: plain JSON. The receiver gets its own copy. */
export type Message =
  | null
  | boolean
  | number
  | string
  | readonly Message[]
  | { readonly [key: string]: Message };

/** One endpoint's view of the network. */
export interface Network {
  readonly self: Address;
  /** Sends without waiting; nothing is reported when the message is lost on the way. */
  send(to: Address, message: Message): void;
  /**
   * The same for a message that is given away: plain JSON that nobody changes any more, neither
   * sender nor receiver, so that no copy is needed. Absent where all messages are copied anyway.
   */
  give?(to: Address, message: Message): void;
  /** Sets the one receiver of this endpoint's messages. */
  onMessage(receiver: (from: Address, message: Message) => void): void;
  /**
   * Sets the one receiver of certain refusals: nothing listens at `to`, and no copy of the message
   * has been or will ever be delivered (a refused connection). Losses on the way are not reported.
   */
  onRefused(receiver: (to: Address, message: Message) => void): void;
  /**
   * Tells who compares states of a world for which requests this endpoint waits for an answer: `is`
   * says of the name of a request whether it does. Absent where nobody compares.
   */
  onInquiry?(is: (request: string) => boolean): void;
}
