/**
 * Escapes for the places of a page where text from a history may stand: between tags, in a quoted
 * attribute, and in a script element that holds JSON.
 */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for between tags and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] as string)
    .replaceAll(/[^\t\n\r\P{Cc}]/gu, "\u{FFFD}");
}

/** JSON for a script element: no `<` at all, so that nothing in it can end or begin one. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll("<", "\\u003c")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}
