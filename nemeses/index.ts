/** The nemeses that ordeal ships. */
export { bitRot } from "./bit-rot.js";
export { clock, type ClockNemesisOptions } from "./clock.js";
export { compose } from "./compose.js";
export { crash } from "./crash.js";
export { fullDisk } from "./full-disk.js";
export { membership } from "./membership.js";
export { network, type NetworkNemesisOptions, type NetworkTrouble } from "./network.js";
export type { NodeFaultOptions } from "./node-fault.js";
export { partition, type PartitionOptions, type PartitionShape } from "./partition.js";
export { pause } from "./pause.js";
export { powerLoss } from "./power-loss.js";
export { slowDisk } from "./slow-disk.js";
export { syncError } from "./sync-error.js";
