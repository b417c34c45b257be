// A bar over any view of a page, our own or Chromium's front end: what its viewer is asked to do, and the buttons for "done" and
// for "failed" with the reason. The server completes a handoff once, whatever is pressed in however many views.

/** The link's address as it is, unencoded: in our own page, or in the front end's query. */
const address = document.body.dataset.socket ?? location.search.match(/[?&]wss?=([^&]+)/)?.[1];
const MAX_REASON = 1024;

const make = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

const bar = make("section", { id: "handoff", ariaLabel: "You are asked to help", ariaLive: "assertive", hidden: true });
// What is around it has keys of its own.
for (const type of ["keydown", "keyup", "keypress"]) bar.addEventListener(type, (event) => event.stopPropagation());
/** The requests that are shown, by their id: what somebody is typing is left alone. */
const shown = new Map();

function update(handoffs, readOnly, complete) {
  const asked = new Set(handoffs.map(({ handoffId }) => handoffId));
  for (const [id, element] of shown) {
    if (asked.has(id)) continue;
    element.remove();
    shown.delete(id);
  }
  for (const handoff of handoffs) {
    if (shown.has(handoff.handoffId)) continue;
    const element = request(handoff, readOnly, complete);
    shown.set(handoff.handoffId, element);
    bar.append(element);
  }
  bar.hidden = !handoffs.length;
}

/** One request, with its buttons for who may press them. */
function request({ handoffId, instructions }, readOnly, complete) {
  const text = make("p", { textContent: instructions || "Please take over this page, and say when you are done." });
  if (readOnly) return make("div", { className: "request" }, text);
  const reason = make("input", { name: "reason", maxLength: MAX_REASON, placeholder: "What went wrong?", autocomplete: "off" });
  reason.ariaLabel = "What went wrong?";
  const button = (textContent, className) => make("button", { textContent, className, type: "button" });
  const [done, failed, back] = [button("Done", "done"), button("Failed", "failed"), button("Back", "back")];
  const buttons = make("menu", {}, done, failed);
  const form = make("form", { hidden: true }, reason, make("button", { textContent: "Send", className: "send" }), back);
  const element = make("div", { className: "request" }, text, buttons, form);

  const end = (success, why) => {
    for (const control of element.querySelectorAll("button, input")) control.disabled = true;
    complete({ handoffId, success, reason: why || undefined });
  };
  const explain = (explaining) => {
    buttons.hidden = explaining;
    form.hidden = !explaining;
    (explaining ? reason : failed).focus();
  };
  done.addEventListener("click", () => end(true));
  failed.addEventListener("click", () => explain(true));
  back.addEventListener("click", () => explain(false));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    end(false, reason.value.trim());
  });
  return element;
}

if (address) {
  document.head.append(make("link", { rel: "stylesheet", href: "/ui/handoff.css" }));
  document.body.prepend(bar);
  const [page, credential] = address.split("?");
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${page}/handoffs?${credential}`);
  const complete = (completion) => socket.send(JSON.stringify(completion));
  socket.addEventListener("message", ({ data }) => {
    const { handoffs, readOnly } = JSON.parse(data);
    update(handoffs, readOnly, complete);
  });
  socket.addEventListener("close", () => update([], true));
}
