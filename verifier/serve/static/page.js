"use strict";
import {SECTIONS, copy, depth, faulty, fieldIn, grid as made, like, placed, resized, rows} from "./grid.js";
const $ = id => document.getElementById(id);
const words = JSON.parse($("words").textContent);
const lang = document.documentElement.lang;
let state = null, names = {}, optional = [], past = [], future = [], asking = null, checked = false, shown = "", notice = "";
const ask = async (request, signal) => {
  const reply = await fetch("answer", {method: "POST", signal, headers: {"content-type": "application/json"}, body: JSON.stringify(request)});
  return reply.json();
};
const say = text => { if ($("status").textContent !== text) $("status").textContent = text; };
const tell = error => say(error.what + (error.accepted ? ` (${error.accepted})` : ""));
// Parts that have not changed stay; focus and open folds survive where they have.
const put = (id, text) => {
  const part = $(id);
  if (text === undefined || part.source === text) return;
  const focusable = () => [...part.querySelectorAll("button, summary, input, [tabindex]")];
  const at = focusable().indexOf(document.activeElement);
  const open = [...part.querySelectorAll("details")].map(fold => fold.open);
  const typed = new Map([...part.querySelectorAll("input[data-name]")].map(f => [f.getAttribute("aria-label"), f.value]));
  part.source = text;
  part.innerHTML = text;
  [...part.querySelectorAll("details")].forEach((fold, k) => { fold.open = open[k] || false; });
  for (const f of part.querySelectorAll("input[data-name]")) f.value = typed.get(f.getAttribute("aria-label")) || "";
  if (at >= 0 && focusable()[at]) focusable()[at].focus();
};
const keep = () => { try { sessionStorage.setItem("verifier", JSON.stringify(state)); } catch { /* not kept */ } };
const field = key => fieldIn(document, key);
function mark(error) {
  for (const f of document.querySelectorAll("[aria-invalid]")) f.removeAttribute("aria-invalid");
  for (const e of document.querySelectorAll(".error")) e.textContent = "";
  if (!error) return;
  const text = error.what + (error.accepted ? ` (${error.accepted})` : "");
  const [section, name, ...index] = error.key;
  let place = null;
  if (section === "equations") { $("equations-text").setAttribute("aria-invalid", "true"); place = $("equations-error"); }
  else if (SECTIONS.includes(section) && name) {
    const found = field(faulty((state[section] || {})[name], section, name, index));
    if (found) found.setAttribute("aria-invalid", "true");
    place = $(`error-${section}-${name}`);
  }
  if (place) place.textContent = (error.line ? `${error.line}:${error.column}: ` : "") + text;
  say(place ? words.stale : `${text} ${words.stale}`);
}
async function refresh() {
  keep();
  if (asking) asking.abort();
  const own = asking = new AbortController(), problem = {...copy(state), language: lang};
  delete problem.student;
  const hides = $("student").checked && !checked;
  $("key").hidden = hides;
  try {
    const found = await ask({action: "solve", problem}, own.signal);
    if (asking !== own) return;
    put("equations", found.equations);
    if (found.error) { $("key").classList.add("stale"); mark(found.error); return; }
    mark(null);
    put("blanks", found.blanks);
    $("key").classList.remove("stale");
    if (hides) { for (const id of ["results", "policies", "worked", "posed"]) put(id, ""); say(words.waits); return; }
    put("results", found.results);
    put("policies", found.policies);
    say(notice || (found.undecided ? words.undecided : words.current));
    notice = "";
    performance.mark("painted");
    const lines = await ask({action: "solve", problem, worked: true}, own.signal);
    if (asking !== own || lines.error) return;
    put("worked", lines.worked);
    put("posed", lines.posed);
  } catch (error) { if (error.name !== "AbortError") say(words.offline); }
}
function changed(draw = false, key = "") {
  const now = JSON.stringify(state);
  if (now === shown) return;
  past.push(shown); if (past.length > 300) past.shift();
  future = []; shown = now; checked = false;
  if (draw) grids();
  refresh();
}
function back(from, to) {
  if (!from.length) return;
  to.push(shown); shown = from.pop(); state = JSON.parse(shown);
  const at = document.activeElement.dataset.key;
  const drawn = () => { grids(); if (at && field(at)) field(at).focus(); refresh(); };
  controls(); names_().then(drawn, drawn);  // without an answer the names are those that were
}
function grids() {
  const at = document.activeElement && document.activeElement.dataset.key;
  $("grids").replaceChildren();
  for (const section of SECTIONS) {
    const used = (names[section] || []).filter(name => (state[section] || {})[name] !== undefined);
    if (!used.length) continue;
    const head = document.createElement("h3"); head.textContent = words[`section.${section}`]; $("grids").append(head);
    for (const name of used) $("grids").append(grid(section, name));
  }
  if (at && field(at)) field(at).focus();
}
function grid(section, name) {
  const edited = table => { state[section][name] = like(state[section][name], table); changed(); };
  const box = made(section, name, state[section][name], edited, (text, i, j) => pasted(text, section, name, i, j));
  if (!state.cell) box.insertBefore(shape(section, name), box.lastChild);
  return box;
}
// Sizes of a grid of one's own equations: 0 rows are a vector, 0 columns a number.
function shape(section, name) {
  const value = state[section][name], line = document.createElement("p"); line.className = "fields";
  const sizes = [depth(value) > 1 ? value.length : 0, depth(value) ? rows(value)[0].length : 0];
  const inputs = ["rows", "columns"].map((what, k) => {
    const label = document.createElement("label"), f = document.createElement("input");
    f.type = "number"; f.min = 0; f.max = 32; f.value = sizes[k]; f.dataset.key = `${section}.${name}.${what}`;
    label.append(`${words[what]} `, f); f.setAttribute("aria-label", `${name}: ${words[what]}`); line.append(label);
    return f;
  });
  for (const f of inputs) f.addEventListener("change", () => {
    const [high, wide] = inputs.map(x => Math.min(32, Math.max(0, Math.floor(x.value) || 0)));
    const table = resized(rows(state[section][name]), high || 1, wide || 1);
    state[section][name] = !wide && !high ? table[0][0] : !high ? table[0] : !wide ? table.map(r => r[0]) : table;
    changed(true);
  });
  return line;
}
async function pasted(text, section, name, i, j) {
  const found = await ask({action: "paste", text}), wrong = $(`error-${section}-${name}`);
  if (found.error) { wrong.textContent = found.error.what; say(found.error.what); return; }
  const value = state[section][name], got = found.matrix, table = rows(value), size = m => `${m.length} × ${m[0].length}`;
  const now = placed(value, got, i, j, !state.cell);
  if (now === null) {
    const what = words.unfit.replace("{pasted}", size(got)).replace("{grid}", size(table));
    wrong.textContent = what; say(what); return;
  }
  state[section][name] = now; changed(true);
}
async function names_() {
  const found = await ask({action: "names", problem: state});
  if (!found.error) { names = found.names; optional = found.optional; }
  return found;
}
async function equations() {
  state.equations = $("equations-text").value;
  const found = await names_();
  if (!found.error) for (const section of SECTIONS) {
    const had = state[section] || {};
    state[section] = Object.fromEntries(names[section].filter(n => had[n] !== undefined || ["parameters", "inputs"].includes(section))
      .map(n => [n, had[n] ?? (section === "inputs" ? ["0.5"] : "0.5")]));
  }
  const focus = document.activeElement; changed(true); focus.focus();
}
async function start() {
  const cell = $("cell").value;
  if (!cell) {
    const text = state.cell ? $("equations-text").value : state.equations;
    state = {title: state.title, equations: text || "h[t] = tanh(w * x[t] + r * h[t-1] + b)", rounding: state.rounding};
    controls(); return equations();
  }
  const sizes = Object.fromEntries(["steps", "inputs", "hidden"].map(id => [id, Math.min(32, Math.max(1, Math.floor($(id).value) || 1))]));
  const found = await ask({action: "start", cell, ...sizes, biases: $("biases").checked});
  if (found.error) return tell(found.error);
  const old = state; state = {...found.problem, ...(old && {rounding: old.rounding})}; names = found.names;
  if (old && old.cell === cell) for (const s of SECTIONS) for (const n of Object.keys(state[s] || {})) {
    const before = old[s] && old[s][n];
    if (before === undefined || depth(before) !== depth(state[s][n])) continue;
    const kept = rows(before);
    state[s][n] = like(state[s][n], rows(state[s][n]).map((row, i) => row.map((entry, j) => (kept[i] || [])[j] ?? entry)));
  }
  controls(); changed(true);
}
function controls() {
  const rule = state.rounding = {places: 4, mode: "half-even", policy: "final", ...(state.rounding || {})};
  $("cell").value = state.cell || ""; $("own").hidden = !!state.cell; $("sizes").hidden = !state.cell;
  if (document.activeElement !== $("equations-text")) $("equations-text").value = state.equations || "";
  if (document.activeElement !== $("title")) $("title").value = state.title || "";
  $("places").value = rule.places; $("mode").value = rule.mode; $("policy").value = rule.policy;
}
async function use(problem) {
  state = problem; const found = await names_();
  controls(); if (found.error) tell(found.error); changed(true);
}
const squeeze = async (text, how) => new Uint8Array(await new Response(new Blob([text]).stream().pipeThrough(how)).arrayBuffer());
async function link() {
  const raw = await squeeze(JSON.stringify({...state, student: $("student").checked}), new CompressionStream("deflate-raw"));
  const text = btoa(String.fromCharCode(...raw)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  if (text.length > words["link.most"]) return say(words.toolong);
  history.replaceState(null, "", `#p=${text}`);
  try { await navigator.clipboard.writeText(location.href); } catch { /* it stands in the address bar */ }
  say(words.linked);
}
async function linked() {
  const text = location.hash.startsWith("#p=") && location.hash.slice(3);
  if (!text) return null;
  try {
    if (text.length > words["link.most"]) throw new Error();
    const raw = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0));
    const plain = await squeeze(raw, new DecompressionStream("deflate-raw"));
    return plain.length < 2e6 ? JSON.parse(new TextDecoder().decode(plain)) : null;
  } catch { return {broken: true}; }
}
async function download() {
  const kind = $("kind").value, student = $("student").checked && !checked;
  if (kind === "solution" && student) return say(words.waits);
  const found = await ask({action: "document", kind, format: $("format").value, problem: {...state, language: lang}});
  if (found.error) return tell(found.error);
  const raw = Uint8Array.from(atob(found.base64), c => c.charCodeAt(0)), a = document.createElement("a");
  a.href = URL.createObjectURL(new Blob([raw])); a.download = found.name; a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 10000);
  say(found.name);
}
async function check() {
  const given = [...$("blanks").querySelectorAll("input[data-name]")].filter(f => f.value.trim()).map(f => ({step: f.dataset.step,
    name: f.dataset.name, index: f.dataset.index ? f.dataset.index.split(",") : [], value: f.value.trim()}));
  if (!given.length) return say(words.nothing);
  const found = await ask({action: "check", problem: {...state, language: lang}, rows: given});
  if (found.error) return tell(found.error);
  put("feedback", found.feedback);
  checked = true; refresh();
}
$("language").value = lang;
$("language").addEventListener("change", () => { keep(); location.search = `?lang=${$("language").value}`; });
for (const id of ["cell", "steps", "inputs", "hidden", "biases"]) $(id).addEventListener("change", start);
$("equations-text").addEventListener("input", equations);
$("title").addEventListener("input", () => { state.title = $("title").value; changed(); });
$("places").addEventListener("input", () => { state.rounding.places = $("places").valueAsNumber; changed(); });
for (const id of ["mode", "policy"]) $(id).addEventListener("change", () => { state.rounding[id] = $(id).value; changed(); });
$("student").addEventListener("change", refresh);
$("undo").addEventListener("click", () => back(past, future));
$("redo").addEventListener("click", () => back(future, past));
document.addEventListener("keydown", event => {
  if (!(event.ctrlKey || event.metaKey) || event.target.closest("#blanks")) return;
  const key = event.key.toLowerCase(), again = key === "y" || (key === "z" && event.shiftKey);
  if (key === "z" || again) { event.preventDefault(); if (again) back(future, past); else back(past, future); }
});
$("link").addEventListener("click", link); $("download").addEventListener("click", download); $("check").addEventListener("click", check);
$("open").addEventListener("change", async () => {
  const file = $("open").files[0]; if (!file) return;
  if (file.size > 1e6) return say(words.toolarge);
  const found = await ask({action: "open", text: await file.text(), name: file.name});
  if (found.error) tell(found.error); else await use(found.problem);
});
const given = await linked(), kept = sessionStorage.getItem("verifier");
if (given && given.broken) notice = words.broken;  // told with the first key that is drawn, which would say something else
if (given && !given.broken) { $("student").checked = !!given.student; delete given.student; await use(given); }
else if (kept && !given) await use(JSON.parse(kept));
else { $("cell").value = "gru"; await start(); }
past = [];
document.body.dataset.ready = "1";
