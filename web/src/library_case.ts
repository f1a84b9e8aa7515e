// Everything of the case under one roof, as library.ts has signing and sealing.
export * as entries from "./case/entries.js";
export * as caseMoment from "./case/moment.js";
export * as ladder from "./case/ladder.js";
export * as news2 from "./case/news2.js";
export * as observation from "./case/observation.js";
export * as plain from "./case/plain.js";
export * as plot from "./case/plot.js";
export * as report from "./case/report.js";
export * as text from "./case/text.js";
export * as rows from "./case/rows.js";
export * as sheets from "./case/sheets.js";
export * as state from "./case/state.js";
export { CaseRefused } from "./case/refusals.js";
