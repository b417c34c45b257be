//! Every route.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::Uri,
    middleware::{from_fn, from_fn_with_state},
    routing::{any, get, post, put},
};
use browser_run_api::paths;

use super::{app::App, authority::BelowClientV4, error::Error, middleware, routes};

/// Everything that this server answers.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .nest(paths::PREFIX, api(&app))
        .nest(paths::NEW_PREFIX, api(&app))
        .nest(paths::BINDING_PREFIX, api(&app))
        .nest(paths::RECORDINGS_PREFIX, recordings(&app))
        .nest(paths::NEW_RECORDINGS_PREFIX, recordings(&app))
        .merge(binding(&app))
        .merge(account(&app))
        // For holders of a link: it is the credential.
        .route("/api/devtools/browser/{session_id}/page/{target_id}", any(routes::linked_page_socket::handle))
        .route("/api/devtools/browser/{session_id}/page/{target_id}/events", any(routes::page_events::handle))
        .route("/api/devtools/browser/{session_id}/page/{target_id}/files", post(routes::upload::handle))
        .route("/api/devtools/browser/{session_id}/page/{target_id}/downloads/{guid}", get(routes::download::handle))
        .route("/api/devtools/browser/{session_id}/page/{target_id}/handoffs", any(routes::handoffs::handle))
        .route("/ui/view", get(routes::view::handle))
        .route("/ui/inspector", get(routes::view::handle))
        .route("/ui/{name}", get(routes::asset::handle))
        .route("/ui/{version}/inspector.html", get(routes::inspector::handle))
        .route("/ui/{version}/{*path}", get(routes::front_end_file::handle))
        .fallback(async || Error::NoRoute)
        .method_not_allowed_fallback(async || Error::Method)
        .layer(from_fn_with_state(Arc::clone(&app), middleware::own_host))
        .layer(from_fn(middleware::log))
        .with_state(app)
}

/// The API itself, for bearers of the token.
fn api(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route(paths::BROWSERS, post(routes::acquire::handle).get(routes::acquire_and_connect::handle))
        .route(paths::BROWSER, get(routes::browser_socket::handle).delete(routes::close::handle))
        .route(paths::NEW_TARGET, put(routes::new_target::handle))
        .route(paths::TARGETS, get(routes::targets::handle))
        .route(paths::TARGETS_SHORT, get(routes::targets::handle))
        .route(paths::TARGET, get(routes::target::handle))
        .route(paths::ACTIVATE_TARGET, get(routes::activate_target::handle))
        .route(paths::CLOSE_TARGET, get(routes::close_target::handle).delete(routes::close_target::handle))
        .route(paths::VERSION, get(routes::version::handle))
        .route(paths::PROTOCOL, get(routes::protocol::handle))
        .route(paths::PAGE, get(routes::page_socket::handle))
        .route(paths::LIVE_VIEW, post(routes::live_view::handle))
        .route(paths::SESSIONS, get(routes::sessions::handle))
        .route(paths::SESSION, get(routes::session::handle))
        .method_not_allowed_fallback(async || Error::Method)
        .layer(from_fn_with_state(Arc::clone(app), middleware::session_end))
        .layer(from_fn_with_state(Arc::clone(app), middleware::faults))
        .layer(from_fn_with_state(Arc::clone(app), middleware::token))
}

/// What is left of sessions that were recorded, for bearers of the token. A Workers binding cannot ask for it.
fn recordings(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route(paths::RECORDING, get(routes::recording::handle))
        .route(paths::RECORDING_NETWORK, get(routes::recording_network::handle))
        .method_not_allowed_fallback(async || Error::Method)
        .layer(from_fn_with_state(Arc::clone(app), middleware::faults))
        .layer(from_fn_with_state(Arc::clone(app), middleware::token))
}

/// What a Workers binding asks beside the API.
fn binding(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/v1/sessions", get(routes::binding_sessions::handle))
        .route("/v1/history", get(routes::binding_history::handle))
        .route("/v1/limits", get(routes::binding_limits::handle))
        .layer(from_fn_with_state(Arc::clone(app), middleware::token))
}

/// What clients ask about their token and their accounts before they start.
fn account(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/accounts", get(routes::accounts::accounts))
        .route("/accounts/{account_id}", get(routes::accounts::account))
        .route("/accounts/{account_id}/tokens/verify", get(routes::accounts::verify))
        .route("/memberships", get(routes::accounts::memberships))
        .route("/user", get(routes::accounts::user))
        .route("/user/tokens/verify", get(routes::accounts::verify))
        .route("/status", get(routes::status::handle))
        .layer(from_fn_with_state(Arc::clone(app), middleware::token))
}

/// The request as the routes know it: clients send `//accounts`, slashes at the end, and Cloudflare's `/client/v4`.
pub(crate) fn normalise<B>(mut request: Request<B>) -> Request<B> {
    let (path, below_client_v4) = plain_path(request.uri().path());
    if below_client_v4 {
        request.extensions_mut().insert(BelowClientV4);
    }
    if path != request.uri().path() {
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        if let Ok(uri) = Uri::try_from(format!("{path}{query}")) {
            *request.uri_mut() = uri;
        }
    }
    request
}

fn plain_path(path: &str) -> (String, bool) {
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.strip_prefix(["client", "v4"].as_slice()) {
        Some(parts) => (format!("/{}", parts.join("/")), true),
        None => (format!("/{}", parts.join("/")), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised_and_queries_left_alone() {
        let normalised = |uri: &str| normalise(Request::get(uri).body(()).unwrap()).uri().to_string();
        assert_eq!(normalised("/client/v4//accounts/a/x/?b=//c/"), "/accounts/a/x?b=//c/");
        assert_eq!(normalised("//accounts/a"), "/accounts/a");
        assert_eq!(normalised("/v1/devtools/session/"), "/v1/devtools/session");
        assert_eq!(normalised("/"), "/");
        assert_eq!(normalised("/client/v40/x"), "/client/v40/x");
    }
}
