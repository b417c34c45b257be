# Cloudflare's Python SDK, every method of its session API, with its validation of answers switched on. Prints what it was
# answered as a JSON object.
# Usage: python sdk.py BASE_URL TOKEN PAGE_URL

import json
import sys

import cloudflare

base_url, token, url = sys.argv[1:]
client = cloudflare.Cloudflare(base_url=base_url, api_token=token, max_retries=0, _strict_response_validation=True)
devtools = client.browser_rendering.devtools
account = {"account_id": "0123456789abcdef0123456789abcdef"}


def plain(answer):
    if isinstance(answer, list):
        return [plain(entry) for entry in answer]
    return answer and answer.model_dump(mode="json", by_alias=True, exclude_unset=True)


created = devtools.browser.create(**account, keep_alive=600_000, targets=True)
session_id = created.session_id
opened = devtools.browser.targets.create(session_id, **account, url=url)
target = {**account, "session_id": session_id}
answers = {
    "created": created,
    "opened": opened,
    "targets": devtools.browser.targets.list(session_id, **account),
    "target": devtools.browser.targets.get(opened.id, **target),
    "activated": devtools.browser.targets.activate(opened.id, **target),
    "liveView": devtools.browser.live_view.create(
        session_id, **account, mode="tab", target_id=opened.id, expires_in_ms=600_000
    ),
    "version": devtools.browser.version(session_id, **account),
    "sessions": devtools.session.list(**account),
    "session": devtools.session.get(session_id, **account),
}
domains = [domain.domain for domain in devtools.browser.protocol(session_id, **account).domains]
answers["closed"] = devtools.browser.targets.close(opened.id, **target)
answers["deleted"] = devtools.browser.delete(session_id, **account)
answers["after"] = devtools.session.list(**account)
answers["ended"] = devtools.session.get(session_id, **account)
answers["unknown"] = devtools.session.get("1909cef7-23e8-4394-bc31-27404bf4348f", **account)
told = {name: plain(answer) for name, answer in answers.items()}
try:
    devtools.browser.targets.list(session_id, **account)
except cloudflare.APIStatusError as error:
    told["gone"] = {"status": error.status_code, "message": str(error)}
print(json.dumps({**told, "domains": domains}))
