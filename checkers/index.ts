/**
 * The checkers that ordeal ships.
 */
export { compose } from "./compose.js";
export { linearizable, type LinearizableOptions } from "./linearizable.js";
export { perKey } from "./per-key.js";
export { sequential, type SequentialOptions } from "./sequential.js";
export { uniqueIds, type UniqueIdsOptions } from "./unique-ids.js";
