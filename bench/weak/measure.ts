/** The process in which one row is measured. */
import { obeyAbout } from "../rows/measure.js";
import { WEAK } from "./cases.js";

obeyAbout(WEAK);
