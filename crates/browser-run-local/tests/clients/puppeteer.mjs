// What a Puppeteer user does with Browser Run's CDP endpoint: acquires and connects in one step, works, disconnects,
// reconnects to the same session, finds everything as it was, and closes the browser.
// Usage: node puppeteer.mjs WS_BASE TOKEN PAGE_URL; each step answers with a line of JSON.

import puppeteer from "puppeteer-core";

const [base, token, url] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${token}` };
const say = (step, said) => console.log(JSON.stringify({ step, ...said }));

const first = await puppeteer.connect({ browserWSEndpoint: `${base}/browser?keep_alive=600000`, headers });
const page = await first.newPage();
await page.goto(url);
say("worked", {
  version: await first.version(),
  heading: await page.$eval("h1", (heading) => heading.textContent),
  screenshot: (await page.screenshot()).length,
  pages: (await first.pages()).length,
});
await page.evaluate(() => (document.title = "left by the first connection"));
await first.disconnect();

const sessions = await (await fetch(`${base.replace(/^ws/, "http")}/session`, { headers })).json();
const { sessionId } = sessions[0];
say("disconnected", { sessions: sessions.length, sessionId });

const second = await puppeteer.connect({ browserWSEndpoint: `${base}/browser/${sessionId}`, headers });
const titles = await Promise.all((await second.pages()).map((page) => page.title()));
say("reconnected", { titles });
await second.close();
say("closed", {});
