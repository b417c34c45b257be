#!/usr/bin/env bash
# What action.yml runs: signed links to a pull request's pages, in one comment that later runs edit. Links that an edit takes
# away are revoked; so are all when the pull request is closed. Neither a token nor a link is in the log.
set -euo pipefail

fail() {
  echo "::error::devtools-link: $1"
  exit 1
}

# request TOKEN METHOD URL [BODY]: prints the answer. Tokens and bodies are on no command line: those can be read by others.
request() {
  local answer status
  answer=$(curl --silent --show-error --max-time 60 --request "$2" --write-out '\n%{http_code}' \
    --header 'accept: application/json' --header 'content-type: application/json' \
    --header @<(printf 'authorization: Bearer %s\n' "$1") --data-binary @<(printf '%s' "${4-}") "$3") || return 1
  status=${answer##*$'\n'} answer=${answer%$'\n'*}
  case $status in
    2??) printf '%s' "$answer" ;;
    *) # A problem of the Worker's, or GitHub's message.
      jq --raw-output --arg status "$status" '"\($status): \(.title // "") \(.detail // .message // "")"' <<<"$answer" >&2 2>/dev/null ||
        echo "$status" >&2
      return 1
      ;;
  esac
}

worker() { request "$TOKEN" "$1" "${WORKER%/}$2" "${3-}"; }
github() { request "$GITHUB_TOKEN" "$1" "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY$2" "${3-}"; }

# Ours is by us: anybody can write what looks like it.
find_comment() {
  local page comments found
  for ((page = 1; page <= 50; page++)); do
    comments=$(github GET "/issues/$number/comments?per_page=100&page=$page") || return 1
    found=$(jq --arg author "$AUTHOR" \
      'map(select(.user.login == $author and (.body | startswith("<!-- devtools-link [")))) | first // empty' <<<"$comments")
    if [ -n "$found" ] || [ "$(jq length <<<"$comments")" -lt 100 ]; then break; fi
  done
  printf '%s' "$found"
}

write_comment() { # BODY
  local body path
  body=$(jq --null-input --arg body "$1" '{$body}')
  path=$(jq --raw-output '"/issues/comments/\(.id)"' <<<"$comment")
  if [ -n "$comment" ]; then github PATCH "$path" "$body"; else github POST "/issues/$number/comments" "$body"; fi >/dev/null
}

# Lines of ids; one that is gone already is no failure.
revoke() { # QUERY
  local id
  while read -r id; do
    worker DELETE "/api/links/$id$1" >/dev/null || echo "::warning::devtools-link: link $id could not be revoked"
  done
}

# A line of JSON for each page; those that were made before one fails are revoked.
make_links() {
  local url body link
  while read -r url; do
    [ -n "$url" ] || continue
    body=$(jq --null-input --arg url "$url" --arg note "$GITHUB_REPOSITORY#$number" --argjson minutes "$MINUTES" \
      --argjson max_opens "$MAX_OPENS" --argjson readonly "$READONLY" --argjson recording "$RECORDING" \
      '{$url, $note, expires_in: ($minutes * 60), $max_opens, $readonly, $recording, confirm: true}')
    if ! link=$(worker POST /api/links "$body"); then
      revoke '' < <(jq --raw-output .id <<<"$links")
      fail "no link to a page could be made"
    fi
    links+=$(jq --compact-output --arg url "$url" '. + {$url}' <<<"$link")$'\n'
  done <<<"$URLS"
}

body() { # of the comment
  jq --slurp --raw-output --arg max_opens "$MAX_OPENS" --argjson recording "$RECORDING" --arg commit "$(jq -r '.pull_request.head.sha[:7]' "$GITHUB_EVENT_PATH")" '
    def cell: @html | gsub("[|]"; "&#124;");
    "<!-- devtools-link \(map(.id) | tojson) -->\n**Live DevTools** on this pull request, as of \($commit):\n\n| page | |\n|---|---|\n" +
    (map("| <code>\(.url | cell)</code> | [open DevTools](\(.link)) |\n") | add) +
    "\nEach link opens a browser of its own\(if $recording then ", which is recorded," else "" end) for whoever presses its button, \($max_opens) of them at most, until " +
    "\(map(.expires_at) | min)."' <<<"$links"
}

number=$(jq '.pull_request.number // empty' "$GITHUB_EVENT_PATH")
if [ -z "$number" ]; then echo "devtools-link: this event is no pull request's"; exit 0; fi
if [ -z "$TOKEN" ]; then echo "devtools-link: no token here, as on forks: no links"; exit 0; fi
[[ $WORKER =~ ^https:// || $WORKER =~ ^http://(localhost|127\.0\.0\.1)(:[0-9]+)?/?$ ]] || fail "the Worker has to be at https://"
[[ $MINUTES =~ ^[0-9]+$ && $MAX_OPENS =~ ^[0-9]+$ && "$READONLY $RECORDING" =~ ^(true|false)\ (true|false)$ ]] ||
  fail "minutes, max-opens, readonly or recording is wrong"

comment=$(find_comment) || fail "the pull request's comments could not be read"
old=$(jq --raw-output '.body | capture("^<!-- devtools-link (?<ids>\\[[^\\]]*\\]) -->").ids | fromjson | .[]' <<<"$comment")

if [ "$(jq --raw-output .action "$GITHUB_EVENT_PATH")" = closed ]; then
  [ -n "$old" ] || exit 0
  revoke '?close' <<<"$old"
  write_comment $'<!-- devtools-link [] -->\n**Live DevTools**: this pull request is closed, and its links are revoked.' ||
    fail "the comment could not be edited"
  exit 0
fi

links=''
make_links
[ -n "$links" ] || fail "urls names no page"
if ! write_comment "$(body)"; then
  revoke '' < <(jq --raw-output .id <<<"$links")
  fail "the comment could not be written: does the job have pull-requests: write?"
fi
if [ -n "$old" ]; then revoke '' <<<"$old"; fi
