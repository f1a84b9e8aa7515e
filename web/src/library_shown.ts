// How opened words are shown and kept, under one roof: what the tests drive with texts that mean harm. No page loads it.
export { archive } from "./shown/archive.js";
export { items } from "./shown/items.js";
export { markdown, plainText } from "./shown/markdown.js";
export { keepable, keepableNames, savedAs } from "./shown/names.js";
