// A page's alert, confirm, prompt or question before it is left, shown over any view of it. Enter says what the page's
// own dialog would: OK. Escape cancels.

/** What the buttons say; an alert can only be confirmed. */
const CHOICES = {
  alert: ["OK"],
  confirm: ["OK", "Cancel"],
  prompt: ["OK", "Cancel"],
  beforeunload: ["Leave", "Stay"],
};
const LEAVE = "This page asks whether it may be left: changes may not be saved.";

/**
 * Answers a function that shows a dialog of a target (none: closes it). `answer(targetId, accept, promptText)` is called
 * when somebody has chosen.
 */
export function dialogs(answer) {
  const { element, message, field, accept, cancel } = build();
  /** The dialog that is shown, as the server tells it. */
  let open;

  const choose = (accepted) => {
    const target = open?.target;
    hide();
    if (target) answer(target, accepted, field.value);
  };
  const hide = () => {
    open = undefined;
    element.close();
  };
  element.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    choose(true);
  });
  cancel.addEventListener("click", () => choose(false));
  element.addEventListener("cancel", (event) => {
    event.preventDefault();
    if (open) choose(false);
  });
  // What is around it has keys of its own.
  element.addEventListener("keydown", (event) => event.stopPropagation());

  return function show(target, dialog, readOnly) {
    if (!dialog) return open && hide();
    if (open && open.target === target && open.dialog === JSON.stringify(dialog)) return undefined;
    open = { target, dialog: JSON.stringify(dialog), readOnly };
    message.textContent = dialog.type === "beforeunload" ? dialog.message || LEAVE : dialog.message;
    field.value = dialog.defaultPrompt;
    field.hidden = dialog.type !== "prompt";
    field.disabled = readOnly;
    const [yes, no] = CHOICES[dialog.type] ?? CHOICES.confirm;
    Object.assign(accept, { textContent: yes, hidden: readOnly });
    Object.assign(cancel, { textContent: no ?? "", hidden: readOnly || !no });
    if (element.open) element.close();
    // Who can't answer it goes on looking.
    if (readOnly) element.show();
    else element.showModal();
    if (!readOnly) (field.hidden ? accept : field).focus();
    if (!field.hidden) field.select();
    return undefined;
  };
}

function build() {
  const make = (name, properties) => Object.assign(document.createElement(name), properties);
  const element = make("dialog", { id: "dialog" });
  element.setAttribute("aria-labelledby", "message");
  const message = make("p", { id: "message" });
  const field = make("input", { id: "answer", ariaLabel: "Answer", autocomplete: "off" });
  // The first one is what Enter presses.
  const accept = make("button", { value: "accept" });
  const cancel = make("button", { value: "", type: "button" });
  const menu = make("menu");
  menu.append(accept, cancel);
  const form = make("form", { method: "dialog" });
  form.append(message, field, menu);
  element.append(form);
  document.body.prepend(element);
  return { element, message, field, accept, cancel };
}
