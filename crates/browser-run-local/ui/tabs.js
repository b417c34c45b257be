// Full mode: every tab of the session in a strip, and what the address bar's buttons do.

/** `view` has `cdp`, `readOnly`, `shown()`, `show(target)`, `describe()` and `tell(method, params)`. */
export function tabStrip(element, view) {
  /** Every tab by its target's id, in the order of their opening. */
  const tabs = new Map();
  /** The pages by their targets, as the server tells of them: with their titles and dialogs. */
  let pages = new Map();
  /** Whether those that were there at first are known. */
  let settled = false;

  function list() {
    const entries = [...tabs.values()].map(({ targetId, title, url }) => {
      const tab = Object.assign(document.createElement("span"), { className: "tab", role: "tab" });
      tab.ariaSelected = String(targetId === view.shown());
      const page = pages.get(targetId);
      const name = `${page?.title || title || url}${page?.dialog ? " (asks something)" : ""}`;
      const close = () => view.cdp.send("Target.closeTarget", { targetId });
      tab.append(button(name, "title", () => view.show(targetId)), button("×", "close", close, view.readOnly));
      return tab;
    });
    const add = button("+", "", () => view.cdp.send("Target.createTarget", { url: "about:blank" }), view.readOnly);
    add.id = "new";
    element.replaceChildren(...entries, add);
  }

  function known(info, isNew) {
    if (info.type !== "page" || info.url.startsWith("devtools:")) return;
    tabs.set(info.targetId, info);
    list();
    if (info.targetId === view.shown()) view.describe();
    // A tab that opens while somebody is in control comes to the front.
    else if (isNew && settled && !view.readOnly) view.show(info.targetId);
  }

  view.cdp.on("Target.targetCreated", ({ targetInfo }) => known(targetInfo, true));
  view.cdp.on("Target.targetInfoChanged", ({ targetInfo }) => known(targetInfo, false));
  view.cdp.on("Target.targetDestroyed", async ({ targetId }) => {
    tabs.delete(targetId);
    list();
    if (targetId === view.shown() && tabs.size) await view.show(tabs.keys().next().value);
  });
  view.cdp.opened
    .then(() => view.cdp.send("Target.setDiscoverTargets", { discover: true }))
    .then(() => (settled = true));

  return {
    list,
    update(now) {
      pages = new Map(now.map((page) => [page.targetId, page]));
      list();
    },
  };
}

function button(text, className, act, disabled = false) {
  const made = Object.assign(document.createElement("button"), { textContent: text, title: text, className, disabled });
  made.addEventListener("click", act);
  return made;
}

/** Goes back or forward in the shown tab. */
export async function travel(tell, steps) {
  const history = await tell("Page.getNavigationHistory");
  const entry = history?.entries[history.currentIndex + steps];
  if (entry) await tell("Page.navigateToHistoryEntry", { entryId: entry.id });
}
