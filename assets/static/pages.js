// What pages get better by: buttons that copy, seconds that count, a list of browsers that stays true. Without it they are whole.

const LIVE = ["#sessions", "#usage"];
const EVERY_MS = 15_000;

function offerCopies() {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
}

document.addEventListener("click", async ({ target }) => {
  if (!target.dataset.copy) return;
  await navigator.clipboard.writeText(target.dataset.copy);
  const label = target.textContent;
  target.textContent = "Copied";
  setTimeout(() => (target.textContent = label), 1_500);
});

for (const counter of document.querySelectorAll("[data-seconds]")) {
  let left = Number(counter.dataset.seconds);
  setInterval(() => {
    counter.textContent = left > 1 ? `${(left -= 1)} seconds` : "a moment";
    // A page that has been told before it knew of its error has no header for this.
    if (left === 1 && "retry" in counter.dataset) location.reload();
  }, 1_000);
}

setInterval(async () => {
  const parts = LIVE.map((selector) => document.querySelector(selector)).filter(Boolean);
  // Nobody looks, or somebody is at a button.
  if (!parts.length || document.hidden || parts.some((part) => part.contains(document.activeElement))) return;
  const response = await fetch("/", { headers: { accept: "text/html" } }).catch(() => undefined);
  if (!response?.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of parts) {
    const fresh = page.querySelector(`#${part.id}`);
    if (!fresh) continue;
    keepTitles(part, fresh);
    if (fresh.innerHTML !== part.innerHTML) part.replaceWith(fresh);
  }
  offerCopies();
}, EVERY_MS);

/** Titles are asked for by a person's visit alone: each takes a call. */
function keepTitles(part, fresh) {
  for (const page of fresh.querySelectorAll("[data-page]")) {
    const title = part.querySelector(`[data-page="${page.dataset.page}"] b`);
    if (title && !page.querySelector("b")) page.prepend(title.cloneNode(true), " ");
  }
}

offerCopies();
