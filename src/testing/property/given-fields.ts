/**
 * Options that nobody knows: a misspelt one, or one in the wrong of two objects, would be left out
 * without a word, so it is refused, with the one that was likely meant.
 */
import { HarnessError } from "../../errors.js";
import { nearest } from "../../nearest.js";

/** All fields that an object may have; the compiler holds it against the object's type. */
export type Fields<Options> = { readonly [field in keyof Required<Options>]: true };

/** One of two objects of a call. */
export interface PlacedFields {
  /** `first` or `second`. */
  readonly place: string;
  readonly fields: { readonly [field: string]: true };
}

/** @throws HarnessError `bad-argument` for a field that is not one of these. */
export function assertFields(
  caller: string,
  given: object,
  fields: { readonly [field: string]: true },
): void {
  const names = Object.keys(fields);
  const unknown = unknownOf(given, fields);
  if (unknown === undefined) return;
  const near = nearest(unknown, names);
  throw new HarnessError(
    "bad-argument",
    `${caller} has no option ${unknown}${near === undefined ? "" : `; did you mean ${near}?`} (there are ${names.join(", ")})`,
  );
}

/**
 * The same for a call with two objects; what is in the other one is told to belong there.
 * @throws HarnessError `bad-argument` for a field that is not one of `here`.
 */
export function assertPlaced(
  caller: string,
  given: object,
  [here, other]: readonly [here: PlacedFields, other: PlacedFields],
): void {
  const unknown = unknownOf(given, here.fields);
  if (unknown === undefined) return;
  const of = (placed: PlacedFields): readonly string[] => Object.keys(placed.fields);
  if (Object.hasOwn(other.fields, unknown)) {
    const [test, how] =
      other.place === "second" ? ["…", `${unknown}: …`] : [`${unknown}: …, …`, "…"];
    throw new HarnessError(
      "bad-argument",
      `${unknown} goes into the ${other.place} object of ${caller}, not the ${here.place}: ${caller}({ ${test} }, { ${how} })`,
    );
  }
  const near = nearest(unknown, of(here)) ?? nearest(unknown, of(other));
  const isThere = near !== undefined && Object.hasOwn(other.fields, near);
  const hint =
    near === undefined ? "" : `; did you mean ${near}${isThere ? `, in the ${other.place}` : ""}?`;
  throw new HarnessError(
    "bad-argument",
    `${caller} has no option ${unknown} in its ${here.place} object${hint} ` +
      `(the ${here.place} has ${of(here).join(", ")}; the ${other.place} ${of(other).join(", ")})`,
  );
}

function unknownOf(given: object, fields: { readonly [field: string]: true }): string | undefined {
  return Object.keys(given).find((field) => !Object.hasOwn(fields, field));
}
