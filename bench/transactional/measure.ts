/** The process in which one row is measured. */
import { obeyAbout } from "../rows/measure.js";
import { TRANSACTIONAL } from "./cases.js";

obeyAbout(TRANSACTIONAL);
