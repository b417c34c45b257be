// plain.js with a ledger: a Durable Object, asked by `fetch`, keeps callers to their limit and remembers each session
// before its tab is opened, so that a clean-up could close it.

import { DurableObject } from "cloudflare:workers";
import { call } from "./browser_run.js";

export default {
  async fetch(request, env) {
    const url = new URL(request.url).searchParams.get("url");
    if (!URL.canParse(url)) return new Response("?url= wants a URL", { status: 400 });

    const caller = request.headers.get("cf-connecting-ip") ?? "unknown";
    if (!(await tell(env, "claim", { caller }))) return new Response("Too many sessions", { status: 429 });
    const acquired = call(env, "POST", "/browser?keep_alive=600000");
    const { sessionId } = await acquired.catch(async (error) => {
      await tell(env, "abandon", { caller });
      throw error;
    });
    await tell(env, "session", { sessionId, caller });
    const tab = await call(env, "PUT", `/browser/${sessionId}/json/new?url=${encodeURIComponent(url)}`);
    await tell(env, "tab", { sessionId, tabId: tab.id, url });
    return Response.redirect(tab.devtoolsFrontendUrl, 302);
  },
};

export class SessionLedger extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.sql = ctx.storage.sql;
    this.sql.exec(`
      CREATE TABLE IF NOT EXISTS session (id TEXT PRIMARY KEY, caller TEXT, opened_at INTEGER, ended_at INTEGER);
      CREATE TABLE IF NOT EXISTS tab (id TEXT PRIMARY KEY, session_id TEXT, url TEXT, opened_at INTEGER)`);
    // Sessions that are open, or being opened, of each caller.
    const open = "SELECT caller, COUNT(*) FROM session WHERE ended_at IS NULL GROUP BY caller";
    this.open = new Map(this.sql.exec(open).raw());
  }

  async fetch(request) {
    const { sessionId, tabId, caller, url } = await request.json();
    const open = this.open.get(caller) ?? 0;
    switch (new URL(request.url).pathname) {
      case "/claim":
        if (open >= Number(this.env.MAX_SESSIONS_PER_CALLER)) return Response.json(false);
        this.open.set(caller, open + 1);
        break;
      case "/abandon":
        this.open.set(caller, open - 1);
        break;
      case "/session":
        this.sql.exec("INSERT INTO session VALUES (?, ?, ?, NULL)", sessionId, caller, Date.now());
        break;
      case "/tab":
        this.sql.exec("INSERT INTO tab VALUES (?, ?, ?, ?)", tabId, sessionId, url, Date.now());
    }
    return Response.json(true);
  }
}

async function tell(env, what, about) {
  const ledger = env.LEDGER.getByName("ledger");
  const response = await ledger.fetch(`https://ledger/${what}`, { method: "POST", body: JSON.stringify(about) });
  return response.json();
}
