/** The nemeses that ordeal ships. */
export { compose } from "./compose.js";
export { crash } from "./crash.js";
export { membership } from "./membership.js";
export type { NodeFaultOptions } from "./node-fault.js";
export { partition, type PartitionOptions, type PartitionShape } from "./partition.js";
export { pause } from "./pause.js";
export { powerLoss } from "./power-loss.js";
