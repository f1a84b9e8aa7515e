// A square (QR) as an SVG of nodes, so that no text has to become markup.
import encodeQR from "qr";

const SVG = "http://www.w3.org/2000/svg";

/** The square of a text, named for those who do not see it. */
export function square(text: string, name: string): SVGSVGElement {
  const rows = encodeQR(text, "raw", { ecc: "quartile", border: 4 });
  const size = rows.length;
  const svg = document.createElementNS(SVG, "svg");
  const attributes = {
    viewBox: `0 0 ${size} ${size}`,
    width: "200",
    height: "200",
    role: "img",
    "aria-label": name,
  };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  svg.append(shape("rect", { width: "100%", height: "100%", fill: "#fff" }));
  const steps: string[] = [];
  for (const [y, row] of rows.entries()) {
    for (const [x, dark] of row.entries()) if (dark) steps.push(`M${x} ${y}h1v1h-1z`);
  }
  svg.append(shape("path", { d: steps.join(""), fill: "#000", "shape-rendering": "crispEdges" }));
  return svg;
}

function shape(kind: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS(SVG, kind);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
