//! `devtools-link links`: the caller's signed links. What opens them was shown once, when they were made.

use anyhow::Result;

use super::{field, list};
use crate::worker::Worker;

/// A line a link: its id, how often it was opened and may be, until when, its page, its note.
pub(super) fn links(worker: &Worker, json: bool) -> Result<()> {
    let answer = worker.get("/api/links")?;
    if json {
        println!("{answer}");
        return Ok(());
    }
    for link in list(&answer, "links")? {
        let [id, expires_at, url] = ["id", "expires_at", "url"].map(|name| field(link, name));
        let until = if link["revoked_at"].is_string() { "revoked" } else { expires_at? };
        let note = link["note"].as_str().map(|note| format!("  {note:?}")).unwrap_or_default();
        println!("{}  {}/{}  {until}  {}{note}", id?, link["opens"], link["max_opens"], url?);
    }
    Ok(())
}
