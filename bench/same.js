// rpc.js with what a click of ours has besides: the tab is recorded and the browser's blank page closed behind the answer, each
// call has a deadline, the request has an id and a line in the log, and the answer says what it is about.

export { SessionLedger } from "./rpc.js";

const DEADLINE_MS = 30_000;

export default {
  async fetch(request, env, ctx) {
    const id = crypto.randomUUID();
    const url = new URL(request.url).searchParams.get("url");
    if (!URL.canParse(url)) return new Response("?url= wants a URL", { status: 400 });

    const caller = request.headers.get("cf-connecting-ip") ?? "unknown";
    const ledger = env.LEDGER.getByName("ledger");
    const calls = [];
    if (!(await within(ledger.claim(caller)))) return new Response("Too many sessions", { status: 429 });
    const acquired = call(env, calls, "acquire", "POST", "/browser?keep_alive=600000&targets=true");
    const { sessionId, targets } = await acquired.catch(async (error) => {
      await ledger.abandon(caller);
      throw error;
    });
    const path = `/browser/${sessionId}/json`;
    const [tab] = await Promise.all([
      call(env, calls, "open_tab", "PUT", `${path}/new?url=${encodeURIComponent(url)}`),
      within(ledger.sessionOpened(sessionId, caller)),
    ]);
    const behind = async () => {
      await within(ledger.tabOpened(sessionId, tab.id, url));
      for (const target of targets) await call(env, calls, "close_tab", "GET", `${path}/close/${target.id}`);
      console.log(JSON.stringify({ request: id, route: "open", status: 302, caller, session: sessionId, tab: tab.id, calls }));
    };
    ctx.waitUntil(behind());
    const headers = {
      location: tab.devtoolsFrontendUrl,
      "content-location": `/s/${sessionId}/${tab.id}`,
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-request-id": id,
      "server-timing": calls.map(({ step, ms }) => `${step};dur=${ms}`).join(),
    };
    return new Response(`<!doctype html><title>DevTools</title><a href="${tab.devtoolsFrontendUrl}">DevTools</a>`, {
      status: 302,
      headers,
    });
  },
};

/** One call of Browser Run's REST API, which is timed, and followed nowhere else. */
async function call(env, calls, step, method, path) {
  const { CLOUDFLARE_API_BASE_URL: api, CLOUDFLARE_ACCOUNT_ID: account, CLOUDFLARE_API_TOKEN: token } = env;
  const begun = Date.now();
  const response = await fetch(`${api}/accounts/${account}/browser-rendering/devtools${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    redirect: "manual",
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const text = await response.text();
  calls.push({ step, ms: Date.now() - begun });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/** What comes of asking the ledger, or an error where it takes too long. */
function within(answer) {
  const late = new Promise((_, refuse) => setTimeout(refuse, DEADLINE_MS, new Error("the ledger does not answer")));
  return Promise.race([answer, late]);
}
