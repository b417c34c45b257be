// Lists and pickers for the page's fields, whose own popups are in no picture: the viewer's browser draws them.

/**
 * `place` says where a point of the page is on this screen, `choose(asked, value, isLast)` has the page set it, `done`
 * gives the focus back to the page.
 */
export class Pickers {
  #place;
  #choose;
  #done;
  #pick = popover("picker", "auto");
  #suggestions = popover("suggestions", "manual");

  constructor({ place, choose, done }) {
    [this.#place, this.#choose, this.#done] = [place, choose, done];
    this.#pick.addEventListener("toggle", ({ newState }) => newState === "closed" && this.#done());
  }

  /** A field that somebody wants to choose something for; it is at `pointer` if it does not say where. */
  pick(asked, pointer) {
    const content = asked.type === "select" ? this.#list(asked) : this.#input(asked);
    this.#pick.replaceChildren(content.element);
    this.#show(this.#pick, asked, pointer);
    content.focus();
  }

  /** What a field suggests while somebody types; the focus stays with them. */
  suggest(asked, pointer) {
    if (!asked.options.length) return this.hideSuggestions();
    const list = optionList(asked);
    list.addEventListener("click", () => this.#take(asked, list));
    list.addEventListener("keydown", (event) => {
      if (event.key === "Enter") [event.preventDefault(), this.#take(asked, list)];
      if (event.key === "Escape") [this.hideSuggestions(), this.#done()];
    });
    this.#suggestions.replaceChildren(list);
    return this.#show(this.#suggestions, asked, pointer);
  }

  enterSuggestions() {
    const list = this.#suggestions.querySelector("select");
    if (!this.#suggestions.matches(":popover-open") || !list) return;
    list.selectedIndex = 0;
    list.focus();
  }

  hideSuggestions() {
    if (this.#suggestions.matches(":popover-open")) this.#suggestions.hidePopover();
  }

  #take(asked, list) {
    const option = asked.options[list.selectedIndex];
    if (!option) return;
    this.#choose(asked, option.value, true);
    this.hideSuggestions();
    this.#done();
  }

  #list(asked) {
    const list = optionList(asked);
    const finish = (event) => {
      // What comes after it is no input for the page.
      event?.preventDefault();
      if (list.value) this.#choose(asked, Number(list.value), true);
      this.#pick.hidePopover();
    };
    list.addEventListener("keydown", (event) => event.key === "Enter" && finish(event));
    list.addEventListener("click", ({ target }) => {
      if (!(target instanceof HTMLOptionElement) || target.disabled) return;
      target.selected = true;
      finish();
    });
    // A phone draws a list of its own, in which nothing is clicked.
    list.addEventListener("change", () => matchMedia("(pointer: coarse)").matches && finish());
    return { element: list, focus: () => list.focus() };
  }

  #input(asked) {
    const { type, value, min, max, step, required, label } = asked;
    const properties = { type, value, min, max, step, ariaLabel: label || type };
    const input = Object.assign(document.createElement("input"), properties);
    const choose = (chosen, isLast) => this.#choose(asked, chosen, isLast);
    const finish = (chosen) => [choose(chosen, true), this.#pick.hidePopover()];
    if (type === "color") input.addEventListener("input", () => choose(input.value, false));
    const clear = type === "color" || required ? [] : [["Clear", () => finish("")]];
    const element = form(() => finish(input.value), [["OK"], ...clear], input);
    return { element, focus: () => open(input) };
  }

  #show(element, { box }, pointer) {
    const below = box ? this.#place({ x: box.left, y: box.bottom }) : pointer;
    element.showPopover();
    const { width, height } = element.getBoundingClientRect();
    element.style.left = `${Math.max(4, Math.min(below.x, innerWidth - width - 4))}px`;
    element.style.top = `${Math.max(4, Math.min(below.y, innerHeight - height - 4))}px`;
  }
}

function popover(id, kind) {
  const element = Object.assign(document.createElement("div"), { id, popover: kind });
  document.body.append(element);
  return element;
}

/** A browser's own list has keys, groups and what a screen reader needs. */
function optionList({ options, label }) {
  const groups = new Set(options.map((option) => option.group).filter(Boolean));
  const size = Math.max(2, Math.min(options.length + groups.size, 12));
  const list = Object.assign(document.createElement("select"), { size, ariaLabel: label || "Options" });
  let group;
  for (const { index, text, value, selected, disabled, group: name } of options) {
    if (name !== group?.label) {
      group = name && Object.assign(document.createElement("optgroup"), { label: name });
      if (group) list.append(group);
    }
    const option = new Option(text, index ?? value, false, selected);
    option.disabled = disabled;
    (group || list).append(option);
  }
  return list;
}

/** `buttons` are `[text, what it does]`; without that it submits. */
function form(submit, buttons, field) {
  const element = document.createElement("form");
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  element.append(field);
  for (const [text, act] of buttons) {
    const type = act ? "button" : "submit";
    const button = Object.assign(document.createElement("button"), { textContent: text, type });
    if (act) button.addEventListener("click", act);
    element.append(button);
  }
  return element;
}

function open(input) {
  input.focus();
  try {
    input.showPicker();
  } catch {
    // Only just after a click of theirs: then they open it themselves.
  }
}
