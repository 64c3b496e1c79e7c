/** The process in which one row is measured. */
import { obeyAbout } from "../rows/measure.js";
import { LINEARIZABLE } from "./cases.js";

obeyAbout(LINEARIZABLE);
