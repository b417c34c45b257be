// A HAR's requests as a table that can be filtered.

/** So many are shown: a page of more is slow, and nobody reads it. */
const MOST = 2_000;
const COLUMNS = ["Method", "Status", "URL", "Type", "Size", "Time"];

export function networkList(entries) {
  const rows = entries.map(rowOf);
  const filter = document.createElement("input");
  Object.assign(filter, { type: "search", placeholder: "Filter: an address, a method, a status", ariaLabel: "Filter" });
  const count = document.createElement("p");
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const name of COLUMNS) head.append(Object.assign(document.createElement("th"), { textContent: name, scope: "col" }));
  const body = table.createTBody();
  const update = () => {
    const words = filter.value.toLowerCase().split(/\s+/);
    const shown = rows.filter(({ text }) => words.every((word) => text.includes(word)));
    body.replaceChildren(...shown.slice(0, MOST).map(({ row }) => row));
    count.textContent = `${shown.length} of ${rows.length} requests${shown.length > MOST ? `, the first ${MOST} here` : ""}`;
  };
  filter.addEventListener("input", update);
  update();
  const list = document.createElement("div");
  const scroll = document.createElement("div");
  Object.assign(scroll, { className: "scroll", tabIndex: 0, role: "region", ariaLabel: "Requests" });
  scroll.append(table);
  list.append(filter, count, scroll);
  return list;
}

function rowOf({ request, response, time }) {
  const row = document.createElement("tr");
  const { status, content = {} } = response;
  const failed = !status || status >= 400;
  row.className = failed ? "failed" : "";
  const cells = [request.method, status || response._error || "failed", request.url, content.mimeType ?? "", bytes(content.size), milliseconds(time)];
  for (const cell of cells) row.insertCell().textContent = cell;
  row.cells[2].title = request.url;
  return { row, text: cells.slice(0, 4).join(" ").toLowerCase() };
}

function bytes(size) {
  if (!(size > 0)) return "";
  return size < 1_024 ? `${size} B` : `${(size / 1_024).toFixed(1)} KiB`;
}

const milliseconds = (time) => (time >= 0 ? `${Math.round(time)} ms` : "");
