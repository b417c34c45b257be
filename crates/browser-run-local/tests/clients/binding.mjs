// Runs the Worker in binding/ in workerd, and asks it for some paths; prints each answer on a line.
// Usage: node binding.mjs ORIGIN TOKEN PATH …

import { fileURLToPath } from "node:url";
import { unstable_startWorker } from "wrangler";

const [origin, token, ...paths] = process.argv.slice(2);
const text = (value) => ({ type: "plain_text", value });
const worker = await unstable_startWorker({
  config: fileURLToPath(new URL("binding/wrangler.toml", import.meta.url)),
  bindings: { BROWSER_RUN: text(origin), BROWSER_RUN_TOKEN: text(token) },
  dev: { logLevel: "error", server: { port: 0 }, inspector: false, watch: false, persist: false },
});
for (const path of paths) {
  const response = await worker.fetch(`http://worker${path}`);
  console.log(await response.text());
}
await worker.dispose();
process.exit();
