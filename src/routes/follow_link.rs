//! `/l/{token}`: a signed link. Whoever has it may open what it says, without any other access.

use crate::caller::Caller;
use crate::error::Error;
use crate::js;
use crate::reply::Reply;
use crate::router::Visit;
use crate::routes::open;
use crate::signed_link::SignedLink;

/// `GET` is the click, unless the link waits for the button of its preview, which is a `POST`.
pub(crate) async fn follow_link(visit: &Visit<'_>, token: &str) -> Result<Reply, Error> {
    let access = visit.app.config.access()?;
    let link = SignedLink::verify(token, &access.link_keys, js::now_ms() / 1_000)?;
    let pressed = visit.request.method == "POST";
    if !pressed && (link.confirm || access.confirm_links || !visit.is_click()) {
        return open::preview(visit, Some(&link.url));
    }
    let caller = Caller::unknown(format!("link {}", link.id), &visit.request.client());
    open::answer(visit, if pressed { 303 } else { 302 }, &caller, &link.click(), Some(&link.id)).await
}
