// In the page: finds out when Chromium opens a popup of a field, which no picture shows, and sets what somebody chooses
// instead.

const PICKED = ["date", "time", "month", "week", "datetime-local", "color"];
/** When Chromium may have opened a popup after a key or a click: at once, or after the page's own scripts. */
const LOOKS_MS = [0, 60, 250];

const asked = new Map();
const known = new Set();
let lastId = 0;

/** Fields with an open popup. One of the page's own drawing is in the picture. */
function opened() {
  const fields = [...document.querySelectorAll("select:open, input:open"), focused()];
  const isOpen = (field) => field?.matches("select:open, input:open");
  return fields.filter((field) => isOpen(field) && getComputedStyle(field).appearance !== "base-select");
}

function look() {
  const now = opened();
  for (const field of known) if (!now.includes(field)) known.delete(field);
  for (const field of now) {
    if (known.has(field)) continue;
    known.add(field);
    ask(field);
  }
}

function ask(field) {
  const isList = field instanceof HTMLSelectElement;
  if (!isList && !PICKED.includes(field.type)) return;
  const what = isList ? select(field) : picked(field);
  asked.set(++lastId, field);
  tell({ kind: "pick", id: lastId, label: labelOf(field), box: boxOf(field), ...what });
}

function labelOf(field) {
  const around = [...(field.labels?.[0]?.childNodes ?? [])].filter((node) => !node.contains(field));
  return field.ariaLabel || around.map((node) => node.textContent).join("").trim() || field.title || field.name;
}

function select(field) {
  const options = [...field.options].filter((option) => !option.hidden).map((option) => ({
    index: option.index,
    text: option.label,
    group: option.parentElement instanceof HTMLOptGroupElement ? option.parentElement.label : undefined,
    selected: option.selected,
    disabled: option.disabled || (option.parentElement instanceof HTMLOptGroupElement && option.parentElement.disabled),
  }));
  return { type: "select", options };
}

function picked({ type, value, min, max, step, required }) {
  return { type, value, min, max, step, required };
}

/** What a field with a `datalist` suggests for what is in it. */
function suggest(field) {
  if (!field?.list || PICKED.includes(field.type) || field.readOnly || field.disabled) return;
  const typed = field.value.toLowerCase();
  const fits = ({ value, label }) => !typed || [value, label].some((text) => text.toLowerCase().includes(typed));
  const options = [...field.list.options].filter((option) => !option.disabled && option.value && fits(option));
  const text = ({ value, label }) => (label && label !== value ? `${value} – ${label}` : value);
  const offered = options.map((option) => ({ value: option.value, text: text(option) }));
  asked.set(++lastId, field);
  tell({ kind: "suggest", id: lastId, label: "Suggestions", box: boxOf(field), options: offered });
}

/** Called by page_side.js: sets a field as its popup would. A list's value is an index; `isLast`: nothing follows. */
function choose(id, value, isLast) {
  const field = asked.get(id);
  if (!field?.isConnected) return;
  if (field instanceof HTMLSelectElement) {
    if (field.selectedIndex === value) return;
    field.selectedIndex = value;
  } else {
    field.value = value;
  }
  field.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  if (isLast) field.dispatchEvent(new Event("change", { bubbles: true }));
}

/** What has been closed since the last time may be opened again. */
function lookAround() {
  look();
  LOOKS_MS.forEach((ms) => setTimeout(look, ms));
}

for (const type of ["mousedown", "click", "keydown"]) {
  addEventListener(type, (event) => event.isTrusted && lookAround(), true);
}
for (const type of ["click", "input"]) {
  addEventListener(type, (event) => event.isTrusted && suggest(targetOf(event)), true);
}
addEventListener("keydown", (event) => {
  if (event.isTrusted && event.key === "ArrowDown" && targetOf(event).list && !PICKED.includes(targetOf(event).type)) {
    suggest(targetOf(event));
    tell({ kind: "enterSuggestions" });
  }
}, true);
addEventListener("focusout", () => tell({ kind: "suggest", options: [] }), true);
