// One click with nothing around it: acquire a browser, open a tab, redirect. Nobody remembers the session.

import { call } from "./browser_run.js";

export default {
  async fetch(request, env) {
    const url = new URL(request.url).searchParams.get("url");
    if (!URL.canParse(url)) return new Response("?url= wants a URL", { status: 400 });

    const { sessionId } = await call(env, "POST", "/browser?keep_alive=600000");
    const tab = await call(env, "PUT", `/browser/${sessionId}/json/new?url=${encodeURIComponent(url)}`);
    return Response.redirect(tab.devtoolsFrontendUrl, 302);
  },
};
