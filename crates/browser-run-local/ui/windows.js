// In tab mode: tells of windows that the page has opened, and leads there and back.

/**
 * `linked` is the target of the link. Answers a function that is given the session's pages and the target that is shown;
 * `show` leads to one. A read-only link leads to its own page only.
 */
export function windowBar(element, linked, show) {
  return function update(pages, shown, readOnly) {
    const opened = openedBy(linked, pages);
    element.hidden = !opened.length;
    if (!opened.length) return;
    const number = opened.length > 1 ? `${opened.length} windows` : "a window";
    const entries = opened.map((page) => entry(page, page.targetId === shown, readOnly));
    const back = { targetId: linked, title: "Back to the page" };
    if (shown !== linked) entries.unshift(entry(back, false, readOnly));
    element.replaceChildren(`This page has opened ${number}:`, ...entries);
  };

  function entry({ targetId, title, url, dialog }, isShown, readOnly) {
    const name = `${title || url || "about:blank"}${dialog ? " (asks something)" : ""}`;
    if (readOnly) return Object.assign(document.createElement("b"), { textContent: name });
    const button = Object.assign(document.createElement("button"), { textContent: name, disabled: isShown });
    button.addEventListener("click", () => show(targetId));
    return button;
  }
}

/** What a page has opened, and what that has, oldest first. */
function openedBy(target, pages) {
  const family = new Set([target]);
  const opened = pages.filter(({ targetId, openerId }) => family.has(openerId) && family.add(targetId));
  return opened.filter(({ targetId }) => targetId !== target);
}
