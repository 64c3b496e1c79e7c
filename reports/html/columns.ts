/**
 * Columns of integers as text: each number zigzagged and written in groups of seven bits (as
 * protocol buffers do), the bytes in base64. An operation costs about 20 characters in the page.
 * Shared with the page, so it must not need Node.
 */

/** Packs integers between -2^52 and 2^52. */
export function packColumn(numbers: ArrayLike<number>): string {
  const bytes: number[] = [];
  let text = "";
  for (let at = 0; at < numbers.length; at++) {
    const number = numbers[at] as number;
    // Arithmetic and not bits: nanoseconds do not fit in 32.
    let rest = number < 0 ? -2 * number - 1 : 2 * number;
    while (rest >= 128) {
      bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    bytes.push(rest);
    // Whole groups of three bytes, so that the pieces can be joined.
    if (bytes.length >= 6144) text += btoa(String.fromCharCode(...bytes.splice(0, 6144)));
  }
  return text + btoa(String.fromCharCode(...bytes));
}

/** Unpacks so many integers. */
export function unpackColumn(text: string, count: number): Float64Array {
  const bytes = atob(text);
  const numbers = new Float64Array(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    let value = 0;
    let scale = 1;
    let byte: number;
    do {
      byte = bytes.charCodeAt(at++);
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte >= 128);
    numbers[i] = value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }
  return numbers;
}
