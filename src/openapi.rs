//! `docs/openapi.json`: what the Worker answers, described from its own types. A test keeps the file as it is
//! generated here, and the end-to-end tests hold it against what the Worker really answers.

/// The document, as it is served.
pub(crate) const DOCUMENT: &str = include_str!("../docs/openapi.json");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::click::ClickRequest;
    use crate::error::Problem;
    use crate::routes::links::LinkRequest;
    use crate::routes::sweep::SweepRequest;
    use crate::sweep::SweepReport;
    use crate::views::{LinksView, MadeLinkView, OpenedView, SessionView, SessionsView};
    use schemars::generate::SchemaSettings;
    use schemars::{JsonSchema, SchemaGenerator};
    use serde_json::{Value, json};

    /// What an operation is described from.
    struct Describe {
        schemas: SchemaGenerator,
    }

    impl Describe {
        fn schema<T: JsonSchema>(&mut self) -> Value {
            self.schemas.subschema_for::<T>().to_value()
        }

        fn body<T: JsonSchema>(&mut self) -> Value {
            json!({ "content": { "application/json": { "schema": self.schema::<T>() } } })
        }

        fn answer<T: JsonSchema>(&mut self, description: &str) -> Value {
            let mut answer = self.body::<T>();
            answer["description"] = description.into();
            answer
        }

        /// Every operation can be answered with a problem.
        fn operation(&mut self, summary: &str, responses: Value) -> Value {
            let problem = json!({
                "description": "What went wrong, as RFC 9457 has it.",
                "content": { "application/problem+json": { "schema": self.schema::<Problem>() } },
            });
            let mut operation = json!({ "summary": summary, "responses": responses });
            operation["responses"]["default"] = problem;
            operation
        }

        fn with_body<T: JsonSchema>(&mut self, mut operation: Value, required: bool) -> Value {
            operation["requestBody"] = self.body::<T>();
            operation["requestBody"]["required"] = required.into();
            operation
        }
    }

    fn parameter(place: &str, name: &str, description: &str) -> Value {
        let schema = json!({ "type": "string" });
        json!({ "in": place, "name": name, "description": description, "required": place == "path", "schema": schema })
    }

    fn document() -> Value {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        let describe = &mut Describe { schemas: settings.into_generator() };
        let paths = json!({
            "/": clicks(describe),
            "/s/{session}": permalink(describe, &["session"]),
            "/s/{session}/{target}": permalink(describe, &["session", "target"]),
            "/l/{token}": signed_link(describe),
            "/api/sessions": sessions(describe),
            "/api/sessions/{id}": session(describe),
            "/api/links": links(describe),
            "/api/links/{id}": link(describe),
            "/api/sweep": sweep(describe),
            "/healthz": { "get": describe.operation("Whether this Worker is set up", json!({ "200": { "description": "It is." } })) },
        });
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "devtools-link",
                "version": env!("CARGO_PKG_VERSION"),
                "description": "One click from any URL to live Chrome DevTools on that page. Times are RFC 3339.",
            },
            "security": [{ "bearer": [] }, { "basic": [] }, { "access": [] }, {}],
            "paths": paths,
            "components": {
                "schemas": describe.schemas.take_definitions(true),
                "securitySchemes": {
                    "bearer": { "type": "http", "scheme": "bearer", "description": "A token of ACCESS_TOKENS" },
                    "basic": { "type": "http", "scheme": "basic", "description": "The same as the password" },
                    "access": { "type": "apiKey", "in": "header", "name": "cf-access-jwt-assertion" },
                },
            },
        })
    }

    fn redirect(status: &str) -> Value {
        let header = |description: &str| json!({ "description": description, "schema": { "type": "string" } });
        json!({ status: { "description": "To DevTools on the page.", "headers": {
            "location": header("A link that can start a connection for five minutes: a credential."),
            "content-location": header("The permalink, which leads to a new link for as long as the session lives."),
        } } })
    }

    fn clicks(describe: &mut Describe) -> Value {
        let mut get = describe.operation("Open a page in DevTools", redirect("302"));
        get["parameters"] = json!([
            parameter("query", "url", "The page, percent-encoded: http or https, at most 2048 bytes"),
            parameter("query", "keep_alive", "The session's inactivity timeout in seconds, 10 to 1200"),
            parameter("query", "mode", "What the link shows: devtools, tab or full"),
            parameter("query", "readonly", "Whoever has the link can look, and change nothing"),
            parameter("query", "recording", "Record the session"),
            parameter("query", "fresh", "A session of its own even where the caller has one"),
        ]);
        json!({ "get": get })
    }

    fn permalink(describe: &mut Describe, names: &[&str]) -> Value {
        let parameters: Vec<_> = names.iter().map(|name| parameter("path", name, "As the permalink has it")).collect();
        json!({
            "parameters": parameters,
            "get": describe.operation("Follow a permalink; 410 once its session has ended", redirect("302")),
            "post": describe.operation("Open the same page again", redirect("303")),
        })
    }

    fn signed_link(describe: &mut Describe) -> Value {
        json!({
            "parameters": [parameter("path", "token", "As it was made at /api/links")],
            "get": describe.operation("Open a signed link, or see what it would open", redirect("302")),
            "post": describe.operation("Open a signed link that waits for a button press", redirect("303")),
        })
    }

    fn sessions(describe: &mut Describe) -> Value {
        let opened = json!({ "201": describe.answer::<OpenedView>("It is open.") });
        let open = describe.operation("Open a page in DevTools", opened);
        let listed = json!({ "200": describe.answer::<SessionsView>("A part of the list.") });
        let mut list = describe.operation("List one's own sessions, newest first", listed);
        list["parameters"] = json!([
            parameter("query", "state", "open, closing or ended"),
            parameter("query", "limit", "1 to 200; 50 where it is not said"),
            parameter("query", "offset", "How many to leave out"),
        ]);
        json!({ "get": list, "post": describe.with_body::<ClickRequest>(open, true) })
    }

    fn session(describe: &mut Describe) -> Value {
        let shown = json!({ "200": describe.answer::<SessionView>("The session, its tabs with links made now.") });
        let closed = json!({
            "204": { "description": "It is closed." },
            "202": { "description": "It could not be closed now, and will be." },
        });
        json!({
            "parameters": [parameter("path", "id", "The session's id")],
            "get": describe.operation("Show one of one's own sessions", shown),
            "delete": describe.operation("Close one of one's own sessions", closed),
        })
    }

    fn links(describe: &mut Describe) -> Value {
        let made = json!({ "201": describe.answer::<MadeLinkView>("It is made. The link is shown this once.") });
        let make = describe.operation("Make a signed link, which opens a page without other access", made);
        let listed = json!({ "200": describe.answer::<LinksView>("The links, newest first.") });
        json!({
            "get": describe.operation("List one's own signed links", listed),
            "post": describe.with_body::<LinkRequest>(make, true),
        })
    }

    fn link(describe: &mut Describe) -> Value {
        json!({
            "parameters": [parameter("path", "id", "The link's id")],
            "delete": describe.operation("Revoke a signed link at once", json!({ "204": { "description": "It is revoked." } })),
        })
    }

    fn sweep(describe: &mut Describe) -> Value {
        let swept = json!({ "200": describe.answer::<SweepReport>("What was done, or would be.") });
        let sweep = describe.operation("Clean up now, as the cron job does", swept.clone());
        json!({
            "get": describe.operation("What the last clean-up did", swept),
            "post": describe.with_body::<SweepRequest>(sweep, false),
        })
    }

    #[test]
    fn the_document_is_the_one_that_the_types_make() {
        let generated = serde_json::to_string_pretty(&document()).unwrap() + "\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            std::fs::write(path, &generated).unwrap();
        }
        assert!(
            generated == std::fs::read_to_string(path).unwrap(),
            "docs/openapi.json is not what the types make: run `UPDATE_OPENAPI=1 cargo test -p devtools-link openapi`"
        );
        assert!(!DOCUMENT.is_empty());
    }
}
