/** The typed arrays of a history while it grows. */

/** One entry an event; what they hold is said in the history that is made of them. */
interface Columns {
  readonly types: Uint8Array;
  readonly processes: Int32Array;
  readonly functions: Uint16Array;
  readonly keys: Int32Array;
  readonly values: Int32Array;
  readonly errors: Int32Array;
  readonly timesNs: Float64Array;
  readonly pairs: Int32Array;
}

/** Columns with room for so many events. */
export function emptyColumns(capacity: number): Columns {
  return {
    types: new Uint8Array(capacity),
    processes: new Int32Array(capacity),
    functions: new Uint16Array(capacity),
    keys: new Int32Array(capacity),
    values: new Int32Array(capacity),
    errors: new Int32Array(capacity),
    timesNs: new Float64Array(capacity),
    pairs: new Int32Array(capacity),
  };
}

/** Larger ones with the same content. */
export function withCapacity(columns: Columns, capacity: number): Columns {
  const larger = emptyColumns(capacity);
  larger.types.set(columns.types);
  larger.processes.set(columns.processes);
  larger.functions.set(columns.functions);
  larger.keys.set(columns.keys);
  larger.values.set(columns.values);
  larger.errors.set(columns.errors);
  larger.timesNs.set(columns.timesNs);
  larger.pairs.set(columns.pairs);
  return larger;
}

/** Copies of their first entries. */
export function withLength(columns: Columns, length: number): Columns {
  return {
    types: columns.types.slice(0, length),
    processes: columns.processes.slice(0, length),
    functions: columns.functions.slice(0, length),
    keys: columns.keys.slice(0, length),
    values: columns.values.slice(0, length),
    errors: columns.errors.slice(0, length),
    timesNs: columns.timesNs.slice(0, length),
    pairs: columns.pairs.slice(0, length),
  };
}
