/**
 * Sorts by places in a history: by counting, in time linear in the part and the events that it
 * spans; by comparison where a small part spans many events of others, so that a history of many
 * keys is not counted through once for each of them.
 */

/** The positions of `keys`, by ascending key, equal keys in their order. Keys are 0 or more. */
export function sortedByKey(keys: Int32Array): Int32Array {
  const count = keys.length;
  let highest = 0;
  let lowest = 0x7fff_ffff;
  for (let i = 0; i < count; i++) {
    const key = keys[i] as number;
    if (key > highest) highest = key;
    if (key < lowest) lowest = key;
  }
  const span = highest - lowest + 1;
  return span <= 8 * count + 64 ? counted(keys, lowest, span) : compared(keys);
}

function counted(keys: Int32Array, lowest: number, span: number): Int32Array {
  const count = keys.length;
  if (count === 0) return new Int32Array(0);
  const ends = new Int32Array(span + 1);
  for (let i = 0; i < count; i++) (ends[(keys[i] as number) - lowest + 1] as number)++;
  for (let i = 1; i <= span; i++) ends[i] = (ends[i] as number) + (ends[i - 1] as number);
  const sorted = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const key = (keys[i] as number) - lowest;
    const place = ends[key] as number;
    sorted[place] = i;
    ends[key] = place + 1;
  }
  return sorted;
}

function compared(keys: Int32Array): Int32Array {
  const count = keys.length;
  // Key and position in one number: exact, for both are below 2^31 and parts have far fewer
  // operations than 2^22 when they come here.
  const pairs = new Float64Array(count);
  for (let i = 0; i < count; i++) pairs[i] = (keys[i] as number) * count + i;
  pairs.sort();
  const sorted = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const pair = pairs[i] as number;
    sorted[i] = pair - Math.floor(pair / count) * count;
  }
  return sorted;
}
