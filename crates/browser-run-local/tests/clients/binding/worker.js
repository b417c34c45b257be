// A Worker that uses Browser Run by its binding, once with each of Cloudflare's own packages. The binding is these few lines:
// it forwards what the packages send to browser-run-local.

import playwright from "@cloudflare/playwright";
import puppeteer from "@cloudflare/puppeteer";

const binding = (env) => ({
  fetch(resource, init = {}) {
    const { pathname, search } = new URL(resource);
    const headers = { ...init.headers, authorization: `Bearer ${env.BROWSER_RUN_TOKEN}` };
    return fetch(env.BROWSER_RUN + pathname + search, { ...init, headers });
  },
});

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const use = { "/puppeteer": withPuppeteer, "/playwright": withPlaywright }[pathname];
    return Response.json(await use(binding(env), searchParams.get("site")));
  },
};

async function withPuppeteer(endpoint, site) {
  const before = await puppeteer.limits(endpoint);
  const browser = await puppeteer.launch(endpoint, { keep_alive: 600_000 });
  const page = await browser.newPage();
  await page.goto(`${site}/first`);
  await page.goto(`${site}/second`);
  await page.goBack();
  const worked = {
    heading: await page.$eval("h1", (heading) => heading.textContent),
    url: page.url(),
    screenshot: (await page.screenshot()).length,
  };
  const during = await lists(puppeteer, endpoint);
  const sessionId = browser.sessionId();
  await browser.disconnect();
  const again = await puppeteer.connect(endpoint, sessionId);
  const pages = (await again.pages()).length;
  await again.close();
  const refused = await puppeteer.launch(endpoint, { browser: "kitesurf" }).catch((error) => error.message);
  return { before, worked, sessionId, during, pages, refused };
}

async function withPlaywright(endpoint, site) {
  const before = await playwright.limits(endpoint);
  const browser = await playwright.launch(endpoint, { keep_alive: 600_000 });
  const page = await browser.newPage();
  await page.goto(`${site}/first`);
  await page.goto(`${site}/second`);
  await page.goBack();
  const worked = {
    heading: await page.locator("h1").textContent(),
    url: page.url(),
    screenshot: (await page.screenshot()).length,
  };
  const during = await lists(playwright, endpoint);
  const sessionId = browser.sessionId();
  await browser.close();
  return { before, worked, sessionId, during };
}

async function lists(client, endpoint) {
  const [sessions, history, limits] = await Promise.all(["sessions", "history", "limits"].map((ask) => client[ask](endpoint)));
  return { sessions, history, limits };
}
