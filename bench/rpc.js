// ledgered.js with its Durable Object called as one calls an object, and a session remembered while its tab opens.

import { DurableObject } from "cloudflare:workers";
import { call } from "./browser_run.js";

export default {
  async fetch(request, env) {
    const url = new URL(request.url).searchParams.get("url");
    if (!URL.canParse(url)) return new Response("?url= wants a URL", { status: 400 });

    const caller = request.headers.get("cf-connecting-ip") ?? "unknown";
    const ledger = env.LEDGER.getByName("ledger");
    if (!(await ledger.claim(caller))) return new Response("Too many sessions", { status: 429 });
    const acquired = call(env, "POST", "/browser?keep_alive=600000");
    const { sessionId } = await acquired.catch(async (error) => {
      await ledger.abandon(caller);
      throw error;
    });
    const [tab] = await Promise.all([
      call(env, "PUT", `/browser/${sessionId}/json/new?url=${encodeURIComponent(url)}`),
      ledger.sessionOpened(sessionId, caller),
    ]);
    await ledger.tabOpened(sessionId, tab.id, url);
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

  claim(caller) {
    const open = this.open.get(caller) ?? 0;
    if (open >= Number(this.env.MAX_SESSIONS_PER_CALLER)) return false;
    this.open.set(caller, open + 1);
    return true;
  }

  abandon(caller) {
    this.open.set(caller, this.open.get(caller) - 1);
  }

  sessionOpened(sessionId, caller) {
    this.sql.exec("INSERT INTO session VALUES (?, ?, ?, NULL)", sessionId, caller, Date.now());
  }

  tabOpened(sessionId, tabId, url) {
    this.sql.exec("INSERT INTO tab VALUES (?, ?, ?, ?)", tabId, sessionId, url, Date.now());
  }
}
