// chrome-devtools-mcp, as an agent uses it: opens a page, reads it, evaluates in it, takes its picture, goes back.
// Usage: node mcp.mjs WS_ENDPOINT TOKEN PAGE_URL; each step answers with a line of JSON.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const [endpoint, token, url] = process.argv.slice(2);
const entry = fileURLToPath(import.meta.resolve("chrome-devtools-mcp"));
const program = entry.replace(/index\.js$/, "bin/chrome-devtools-mcp.js");
const headers = JSON.stringify({ Authorization: `Bearer ${token}` });
const flags = ["--wsEndpoint", endpoint, "--wsHeaders", headers, "--no-usage-statistics", "--no-performance-crux"];
const server = spawn(process.execPath, [program, ...flags], { stdio: ["pipe", "pipe", "inherit"] });

const waiting = new Map();
createInterface({ input: server.stdout }).on("line", (line) => {
  const { id, result, error } = JSON.parse(line);
  if (!waiting.has(id)) return;
  const { resolve, reject } = waiting.get(id);
  if (error) reject(new Error(JSON.stringify(error)));
  else resolve(result);
});
const send = (message) => server.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
let last = 0;
const ask = (method, params) => {
  send({ id: ++last, method, params });
  return new Promise((resolve, reject) => waiting.set(last, { resolve, reject }));
};

const clientInfo = { name: "browser-run-local's tests", version: "0" };
await ask("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
send({ method: "notifications/initialized" });
/** Calls a tool; answers its text, and how many pictures it has. */
const use = async (name, args = {}) => {
  const { content, isError } = await ask("tools/call", { name, arguments: args });
  const text = content.filter(({ type }) => type === "text").map(({ text }) => text).join("\n");
  const pictures = content.filter(({ type }) => type === "image").length;
  console.log(JSON.stringify({ tool: name, isError: isError ?? false, text, pictures }));
};
await use("new_page", { url: `${url}/first` });
// The session's first page is the first.
const pageId = 2;
await use("take_snapshot", { pageId });
await use("navigate_page", { pageId, type: "url", url: `${url}/second` });
await use("navigate_page", { pageId, type: "back" });
const script = "() => location.pathname + ' ' + matchMedia('(hover: hover)').matches";
await use("evaluate_script", { pageId, function: script });
await use("list_network_requests", { pageId });
await use("take_screenshot", { pageId });
server.kill();
