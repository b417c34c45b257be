// One call of Browser Run's REST API, for those comparators that do without an SDK.

export async function call(env, method, path) {
  const { CLOUDFLARE_API_BASE_URL: api, CLOUDFLARE_ACCOUNT_ID: account, CLOUDFLARE_API_TOKEN: token } = env;
  const response = await fetch(`${api}/accounts/${account}/browser-rendering/devtools${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}
