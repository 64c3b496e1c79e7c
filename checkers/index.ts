/**
 * The checkers that ordeal ships.
 */
export { linearizable, type LinearizableOptions } from "./linearizable.js";
export { sequential, type SequentialOptions } from "./sequential.js";
