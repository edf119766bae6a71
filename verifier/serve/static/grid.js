// Grids of numbers: the page and the notebook's widget have them in common.
"use strict";
export const SECTIONS = ["parameters", "initial", "inputs", "final"];
export const copy = value => JSON.parse(JSON.stringify(value));
export const rows = value => !Array.isArray(value) ? [[value]] : !Array.isArray(value[0]) ? [value] : value;
export const depth = value => Array.isArray(value) ? 1 + depth(value[0]) : 0;
export const like = (value, table) => depth(value) === 0 ? table[0][0] : depth(value) === 1 ? table[0] : table;
export const keyed = (section, name, at) => `${section}.${name}.${at}`;
export const fieldIn = (root, key) => root.querySelector(`[data-key="${CSS.escape(key)}"]`);
export function resized(table, high, wide) {
  return Array.from({length: high}, (_, i) => Array.from({length: wide}, (_, j) => (table[i] || [])[j] ?? "0"));
}
// A quantity's grid; `edited(value)` is told of a typed entry, `pasted(event, i, j)` of what is pasted into one.
export function grid(section, name, value, edited, pasted) {
  const box = document.createElement("fieldset"), legend = document.createElement("legend"), table = document.createElement("table");
  legend.textContent = name; box.append(legend, table); table.setAttribute("role", "presentation");
  const wrong = document.createElement("span"), wrongs = `error-${section}-${name}`;
  const field = (row, j) => row && row.cells[j] && row.cells[j].firstChild;
  rows(value).forEach((row, i) => { const line = table.insertRow(); row.forEach((entry, j) => {
    const f = document.createElement("input");
    f.value = entry; f.dataset.key = keyed(section, name, [i, j]); f.autocomplete = "off"; f.spellcheck = false;
    f.setAttribute("aria-label", `${name} ${i + 1}, ${j + 1}`); f.setAttribute("aria-describedby", wrongs);
    f.addEventListener("input", () => edited([...table.rows].map(r => [...r.cells].map(c => c.firstChild.value))));
    f.addEventListener("paste", event => {
      if (!/^\s*[-+−]?[\d.,/]+\s*$/.test(event.clipboardData.getData("text"))) { event.preventDefault(); pasted(event.clipboardData.getData("text"), i, j); }
    });
    f.addEventListener("keydown", event => {
      const step = {ArrowUp: -1, ArrowDown: 1, Enter: 1}[event.key], next = step && field(table.rows[i + step], j);
      if (next) { event.preventDefault(); next.focus(); next.select(); }
    });
    line.insertCell().append(f);
  }); });
  wrong.className = "error"; wrong.id = wrongs; box.append(wrong);
  return box;
}
// The value with a pasted matrix from an entry on, or null where it does not fit; `grows` if it may become larger.
export function placed(value, matrix, i, j, grows) {
  let table = copy(rows(value)), got = matrix;
  if (got[0].length === 1 && got.length > 1 && table.length === 1) got = [got.map(row => row[0])];
  if (grows && !i && !j && depth(value) && (got.length > table.length || got[0].length > table[0].length)) table = resized(table, got.length, got[0].length);
  if (i + got.length > table.length || j + got[0].length > table[0].length) return null;
  got.forEach((row, a) => row.forEach((entry, b) => { table[i + a][j + b] = entry; }));
  return depth(value) === 1 && table.length > 1 ? table : like(value, table);
}
// The field that an error's key leads to, if it is one of a grid.
export function faulty(value, section, name, index) {
  const d = depth(value);
  return keyed(section, name, d === 0 ? [0, 0] : d === 1 ? [0, index[0] || 0] : [index[0] || 0, index[1] || 0]);
}
