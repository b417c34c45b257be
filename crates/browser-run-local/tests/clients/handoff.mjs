// A Puppeteer user who needs a person: Cloudflare's documented structured handoff, but for its endpoint and the page it goes to.
// Usage: node handoff.mjs WS_ENDPOINT TOKEN PAGE_URL; each step answers with a line of JSON.

import puppeteer from "puppeteer-core";

const [browserWSEndpoint, token, url] = process.argv.slice(2);
const browser = await puppeteer.connect({ browserWSEndpoint, headers: { Authorization: `Bearer ${token}` } });
const page = await browser.newPage();
await page.goto(url);

const cdp = await page.createCDPSession();
const { devtoolsFrontendUrl } = await cdp.send("Cloudflare.getLiveView", { mode: "tab" });
const handoffComplete = new Promise((resolve) => cdp.once("Cloudflare.handoffComplete", resolve));
await cdp.send("Cloudflare.handoff", { instructions: "Log in as Ada, then press Done", timeout: 600_000 });
console.log(JSON.stringify({ devtoolsFrontendUrl }));

const result = await handoffComplete;
console.log(JSON.stringify({ result, title: await page.title() }));
await browser.close();
