// Twin of src/lastwords/case/plot.py: the trend as a picture, one strip for each sign over a common time axis.
// It is drawn as a tree first, so that a test without a browser can look at it. Its colours are the page's own, black
// on white in print. The table beside it says the same.
import type { Drawn, Series, Trend } from "./handover.js";
import { awaySeconds, DAY, HOUR, MINUTE, shownShort } from "./moment.js";

export const WIDTH = 680;
const LEFT = 118;
const RIGHT = 24;
const STRIP = 50;
const TOP = 22;
const AXIS = 34;
const LEAST_ROOM = 14;

/** How much of its unit a strip shows at least, so that a change of one is not drawn as a cliff. */
const LEAST_SPAN: Readonly<Record<string, number>> = {
  breaths_per_minute: 12,
  spo2_percent: 10,
  systolic_mmhg: 60,
  pulse_per_minute: 40,
  temperature_tenths: 20,
  pain: 10,
  news2: 20,
};
const STEPS = [
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  28 * DAY,
];
const MOST_TICKS = 8;

/** A piece of the picture: an element of SVG, its attributes, and what is in it. */
export interface Shape {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly text?: string;
  readonly inner?: readonly Shape[];
}

/** Where an instant, in UTC seconds, lies on the time axis. */
type Axis = (at: number) => number;

/** The plot as an SVG element with title and description, or nothing when nothing was observed. */
export function picture(trend: Trend): SVGElement | undefined {
  const found = shapeOf(trend);
  return found && drawn(found);
}

/** The plot as a tree, or nothing when nothing was observed. */
export function shapeOf(trend: Trend): Shape | undefined {
  if (trend.series.length === 0) return undefined;
  const instants = [...trend.series.flatMap((one) => one.points), ...trend.marks].map((one) => one.at);
  const [first, last] = [Math.min(...instants), Math.max(...instants)];
  const room = Math.max(Math.floor((last - first) / 20), 10 * MINUTE);
  const [start, end] = [first - room, last + room];
  const axis: Axis = (at) => LEFT + ((at - start) / (end - start)) * (WIDTH - LEFT - RIGHT);
  const height = TOP + STRIP * trend.series.length + AXIS;
  const box = { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "font-family": "sans-serif", "font-size": 9 };
  return {
    name: "svg",
    attributes: box,
    inner: [
      { name: "title", attributes: {}, text: title(trend) },
      { name: "desc", attributes: {}, text: "The table beside it gives the same values." },
      ...ticks(axis, start, end, trend.zone, height),
      ...marks(trend, axis, height),
      ...trend.series.flatMap((one, number) => strip(one, axis, TOP + number * STRIP)),
    ],
  };
}

function drawn({ name, attributes, text, inner = [] }: Shape): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  element.append(...inner.map(drawn));
  return element;
}

function title({ series, rows }: Trend): string {
  const names = series.map((one) => one.name).join(", ");
  return `Trend of ${names}, from ${rows[0]?.[0] ?? ""} to ${rows.at(-1)?.[0] ?? ""}`;
}

function strip(series: Series, axis: Axis, top: number): Shape[] {
  const base = top + STRIP;
  const name = series.name.charAt(0).toUpperCase() + series.name.slice(1);
  const parts: Shape[] = [
    line(LEFT, base, WIDTH - RIGHT, base, 0.6, { "stroke-opacity": 0.5 }),
    {
      name: "text",
      attributes: { x: 4, y: top + STRIP / 2 + 3, "font-size": 10, fill: "currentColor" },
      text: name,
    },
  ];
  const labelled = withRoom(series.points, axis);
  if (series.field === "consciousness") {
    return [...parts, ...labelled.flatMap((one) => plate(axis(one.at), top + STRIP / 2 + 5, one.shown, 13))];
  }
  const [low, high] = spanOf(series);
  const y = (value: number): number => base - 7 - ((value - low) / (high - low)) * (STRIP - 25);
  const path = series.points.map((one) => `${tenth(axis(one.at))},${tenth(y(one.high))}`).join(" ");
  return [
    ...parts,
    {
      name: "polyline",
      attributes: { points: path, fill: "none", stroke: "currentColor", "stroke-width": 1 },
    },
    ...series.points.flatMap((one) => point(axis(one.at), y(one.low), y(one.high))),
    ...labelled.flatMap((one) => plate(axis(one.at), y(one.high) - 6, label(one.shown), 9)),
  ];
}

/** The points whose labels do not touch; the newest always is one of them. */
function withRoom(points: readonly Drawn[], axis: Axis): Drawn[] {
  const kept: Drawn[] = [];
  for (const one of points.toReversed()) {
    const last = kept.at(-1);
    const room = last && (0.62 * 9 * (label(last.shown).length + label(one.shown).length)) / 2 + 6;
    if (!last || axis(last.at) - axis(one.at) >= Math.max(room ?? 0, LEAST_ROOM)) kept.push(one);
  }
  return kept;
}

/** The value without its unit: the strip's name says what it is. */
function label(shown: string): string {
  return (shown.split(" ")[0] ?? "").replace(/\/min$/, "");
}

function point(x: number, low: number, high: number): Shape[] {
  const dot = { name: "circle", attributes: { cx: tenth(x), cy: tenth(high), r: 2.6, fill: "currentColor" } };
  return low === high ? [dot] : [dot, line(x, high, x, low, 1), line(x - 3, low, x + 3, low, 1)];
}

function spanOf({ field, points }: Series): readonly [low: number, high: number] {
  const low = Math.min(...points.map((one) => one.low));
  const high = Math.max(...points.map((one) => one.high));
  const lacking = Math.max((LEAST_SPAN[field] ?? 0) - (high - low), 0);
  const below = Math.floor(lacking / 2);
  return [low - below, high + lacking - below];
}

/** Full hours or days of the report's zone, at most eight of them. */
function ticks(axis: Axis, start: number, end: number, zone: string, height: number): Shape[] {
  const step = STEPS.find((one) => (end - start) / one <= MOST_TICKS) ?? 28 * DAY;
  const away = awaySeconds(start, zone);
  const parts: Shape[] = [];
  for (let at = Math.ceil((start + away) / step) * step - away; at < end; at += step) {
    const [day = "", month = "", clock = ""] = shownShort({ at, zone, about: false }, zone).split(" ");
    const x = axis(at);
    parts.push(
      line(x, TOP, x, height - AXIS, 0.5, { "stroke-opacity": 0.2 }),
      ...plate(x, height - AXIS + 13, clock, 9),
      ...plate(x, height - AXIS + 25, `${day} ${month}`, 9),
    );
  }
  return parts;
}

function marks(trend: Trend, axis: Axis, height: number): Shape[] {
  const letters: [x: number, letter: string][] = [];
  const lines = trend.marks
    .toSorted((one, other) => one.at - other.at)
    .map((mark) => {
      const x = axis(mark.at);
      const last = letters.at(-1);
      if (last && x - last[0] < 9) last[1] += `, ${mark.letter}`;
      else letters.push([x, mark.letter]);
      return line(x, TOP - 4, x, height - AXIS, 0.7, { "stroke-dasharray": "3 3" });
    });
  return [...lines, ...letters.flatMap(([x, letter]) => plate(x, TOP - 8, letter, 10))];
}

/** A centred text on a plate of the page's own colour, so that no line runs through a number. */
function plate(x: number, y: number, text: string, size: number): Shape[] {
  const width = 0.62 * size * text.length;
  const under = { x: tenth(x - width / 2), y: tenth(y - 0.8 * size), width: tenth(width), height: size };
  const over = { x: tenth(x), y: tenth(y), "font-size": size, "text-anchor": "middle", fill: "currentColor" };
  return [
    { name: "rect", attributes: { ...under, fill: "Canvas" } },
    { name: "text", attributes: over, text },
  ];
}

function line(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  width: number,
  more: Readonly<Record<string, string | number>> = {},
): Shape {
  const ends = { x1: tenth(x1), y1: tenth(y1), x2: tenth(x2), y2: tenth(y2) };
  return { name: "line", attributes: { ...ends, stroke: "currentColor", "stroke-width": width, ...more } };
}

function tenth(number: number): string {
  return number.toFixed(1);
}
