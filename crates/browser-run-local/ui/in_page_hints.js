// In the page: the cursor's shape, what has the focus, and what was copied.

let cursor;

function cursorAt(event) {
  const target = targetOf(event);
  if (!(target instanceof Element)) return "default";
  // Of images and what to show instead of them, the last is a name.
  const name = getComputedStyle(target).cursor.split(",").at(-1).trim();
  if (name !== "auto") return name;
  return isEditable(target) || isOverText(event, target) ? "text" : "default";
}

function isEditable(element) {
  const others = ["button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit"];
  if (element instanceof HTMLInputElement) return !others.includes(element.type) && !element.disabled;
  return element instanceof HTMLTextAreaElement || element?.isContentEditable === true;
}

function isOverText({ clientX, clientY }, target) {
  if (getComputedStyle(target).userSelect === "none") return false;
  const at = document.caretRangeFromPoint(clientX, clientY);
  if (at?.startContainer.nodeType !== Node.TEXT_NODE) return false;
  const around = document.createRange();
  around.setStart(at.startContainer, Math.max(at.startOffset - 1, 0));
  around.setEnd(at.startContainer, Math.min(at.startOffset + 1, at.startContainer.length));
  return [...around.getClientRects()].some(
    ({ left, top, right, bottom }) => left <= clientX && clientX <= right && top <= clientY && clientY <= bottom,
  );
}

addEventListener("mousemove", (event) => {
  const now = cursorAt(event);
  if (now !== cursor) tell({ kind: "cursor", cursor: (cursor = now) });
}, { capture: true, passive: true });
// Another frame says what it is there.
document.addEventListener("mouseleave", () => (cursor = undefined));
addEventListener("mouseover", (event) => {
  if (targetOf(event) instanceof HTMLIFrameElement) cursor = undefined;
}, true);

function tellFocus() {
  const element = focused();
  const editable = isEditable(element);
  const types = { email: "email", number: "decimal", tel: "tel", url: "url", search: "search" };
  const mode = element?.inputMode || types[element?.type] || "text";
  tell({ kind: "focus", editable, mode, box: editable ? boxOf(element) : undefined });
}

addEventListener("focusin", tellFocus, true);
addEventListener("focusout", () => setTimeout(tellFocus), true);
if (isEditable(focused())) tellFocus();

function selected() {
  const element = focused();
  if (element?.selectionStart === undefined || element.selectionStart === null) return getSelection().toString();
  return element.type === "password" ? "" : element.value.slice(element.selectionStart, element.selectionEnd);
}

for (const type of ["copy", "cut"]) {
  // Behind the page's own, which may have put something else there.
  addEventListener(type, (event) => {
    const text = event.defaultPrevented ? event.clipboardData.getData("text/plain") : selected();
    if (text) tell({ kind: "copied", text });
  });
}
