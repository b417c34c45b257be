// plain.js by the official SDK, with those parts of it that a click needs.

import { env } from "cloudflare:workers";
import { BaseBrowser } from "cloudflare/resources/browser-rendering/devtools/browser/browser";
import { BaseTargets } from "cloudflare/resources/browser-rendering/devtools/browser/targets";
import { createClient } from "cloudflare/tree-shakable";

const account_id = env.CLOUDFLARE_ACCOUNT_ID;
const { browser } = createClient({
  apiToken: env.CLOUDFLARE_API_TOKEN,
  baseURL: env.CLOUDFLARE_API_BASE_URL,
  resources: [BaseBrowser, BaseTargets],
}).browserRendering.devtools;

export default {
  async fetch(request) {
    const url = new URL(request.url).searchParams.get("url");
    if (!URL.canParse(url)) return new Response("?url= wants a URL", { status: 400 });

    const { sessionId } = await browser.create({ account_id, keep_alive: 600_000 });
    const tab = await browser.targets.create(sessionId, { account_id, url });
    return Response.redirect(tab.devtoolsFrontendUrl, 302);
  },
};
