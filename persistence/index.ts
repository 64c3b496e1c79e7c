/** The stores of states that ordeal ships. */
export { memoryPersistence } from "./memory.js";
