// What pages get better by: buttons that copy, seconds that count, a list of browsers that stays true. Without it they are whole.

const LIST = "#sessions";
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
  setInterval(() => (counter.textContent = left > 1 ? `${(left -= 1)} seconds` : "a moment"), 1_000);
}

setInterval(async () => {
  const list = document.querySelector(LIST);
  if (!list) return;
  // Nobody looks, or somebody is at a button in it.
  if (document.hidden || list.contains(document.activeElement)) return;
  const response = await fetch("/", { headers: { accept: "text/html" } }).catch(() => undefined);
  if (!response?.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector(LIST);
  if (!fresh || fresh.innerHTML === list.innerHTML) return;
  list.replaceWith(fresh);
  offerCopies();
}, EVERY_MS);

offerCopies();
