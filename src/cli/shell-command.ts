/**
 * Commands to copy: words quoted as a POSIX shell needs it.
 */

/** The words as one line that a shell takes apart again. */
export function shellCommand(words: readonly string[]): string {
  return words
    .map((word) =>
      /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`,
    )
    .join(" ");
}
