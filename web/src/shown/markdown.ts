// A small part of Markdown, as elements: headings, paragraphs, lists, quotations, rules, emphasis, code.
//
// Everything else stays the text that it is. Nothing in it can load, run or lead anywhere: an address is shown, not
// followed, and a picture is its description.
import { el } from "../client/dom.js";

/** Show a text of this small Markdown. */
export function markdown(text: string): DocumentFragment {
  const made = document.createDocumentFragment();
  for (const block of blocks(text)) made.append(elementOf(block));
  return made;
}

/** Show plain text: paragraphs by empty lines, lines as they were broken. */
export function plainText(text: string): DocumentFragment {
  const made = document.createDocumentFragment();
  for (const paragraph of text.replace(/\r\n?/g, "\n").split(/\n{2,}/)) {
    if (paragraph.trim() !== "")
      made.append(el("p", { class: "as-written" }, paragraph.replace(/^\n+|\n+$/g, "")));
  }
  return made;
}

function blocks(text: string): string[][] {
  const found: string[][] = [];
  let block: string[] = [];
  const end = (): void => {
    if (block.length > 0) found.push(block);
    block = [];
  };
  for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
    const [last] = block.slice(-1);
    if (line.trim() === "") end();
    else {
      if (last !== undefined && kindOf(last) !== kindOf(line)) end();
      block.push(line);
      if (kindOf(line) === "heading" || kindOf(line) === "rule") end();
    }
  }
  end();
  return found;
}

type Kind = "heading" | "rule" | "quote" | "bullets" | "numbers" | "text";

function kindOf(line: string): Kind {
  if (/^#{1,4} +\S/.test(line)) return "heading";
  if (/^ {0,3}([-*_])( *\1){2,} *$/.test(line)) return "rule";
  if (line.startsWith(">")) return "quote";
  if (/^ {0,3}[-*+] +\S/.test(line)) return "bullets";
  if (/^ {0,3}\d{1,9}[.)] +\S/.test(line)) return "numbers";
  return "text";
}

function elementOf(block: readonly string[]): HTMLElement {
  const [first = ""] = block;
  switch (kindOf(first)) {
    case "heading":
      return el(
        first.startsWith("# ") ? "h3" : "h4",
        {},
        ...inline(first.replace(/^#+ +/, "").replace(/ +#+ *$/, "")),
      );
    case "rule":
      return el("hr");
    case "quote":
      return el("blockquote", {}, markdown(block.map((line) => line.replace(/^> ?/, "")).join("\n")));
    case "bullets":
      return el("ul", {}, ...block.map((line) => el("li", {}, ...inline(line.replace(/^ *[-*+] +/, "")))));
    case "numbers":
      return el("ol", {}, ...block.map((line) => el("li", {}, ...inline(line.replace(/^ *\d+[.)] +/, "")))));
    case "text":
      return el("p", {}, ...inline(block.join("\n")));
  }
}

const SPAN =
  /`([^`\n]+)`|\*\*(?=\S)([^*\n]+?)\*\*|__(?=\S)([^_\n]+?)__|\*(?=\S)([^*\n]+?)\*|(?<![\w])_(?=\S)([^_\n]+?)_(?![\w])|!\[([^\]\n]*)\]\([^)\n]*\)|\[([^\]\n]+)\]\(([^)\s]+)\)/;

function inline(text: string): (Node | string)[] {
  const made: (Node | string)[] = [];
  let left = text;
  for (;;) {
    const found = SPAN.exec(left);
    if (!found) break;
    if (found.index > 0) made.push(left.slice(0, found.index));
    made.push(...spanOf(found));
    left = left.slice(found.index + found[0].length);
  }
  if (left !== "") made.push(left);
  return made;
}

function spanOf(found: RegExpExecArray): (Node | string)[] {
  const [whole, code, bold, bolder, slanted, leaning, picture, label, address] = found;
  if (code !== undefined) return [el("code", {}, code)];
  const strong = bold ?? bolder;
  if (strong !== undefined) return [el("strong", {}, ...inline(strong))];
  const emphasis = slanted ?? leaning;
  if (emphasis !== undefined) return [el("em", {}, ...inline(emphasis))];
  if (picture !== undefined) return [picture === "" ? "(a picture)" : `(a picture: ${picture})`];
  if (label !== undefined && address !== undefined) {
    return label === address ? [label] : [...inline(label), ` (${address})`];
  }
  return [whole];
}
