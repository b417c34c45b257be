//! `assets/openapi.json`: what the Worker answers, described from its own types. A test keeps the file as it is
//! generated here, and the end-to-end tests hold it against what the Worker really answers.

/// The document, as the platform serves it.
pub(crate) const DOCUMENT: &str = include_str!("../../assets/openapi.json");

mod tests {
    use super::*;
    use crate::domain::{ClickRequest, SweepReport};
    use crate::http::problem::{Kind, Problem};
    use crate::http::routes::links::LinkRequest;
    use crate::http::routes::sweep::SweepRequest;
    use crate::http::views::{LinksView, MadeLinkView, OpenedView, SessionView, SessionsView};
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

        fn made<T: JsonSchema>(&mut self, description: &str) -> Value {
            let mut answer = self.answer::<T>(description);
            answer["headers"]["location"] = header("Where it is in this API.");
            answer
        }

        /// Every operation can be answered with a problem: a page where `accept` has `text/html`.
        fn operation(&mut self, summary: &str, responses: Value) -> Value {
            let problem = json!({
                "description": "What went wrong, as RFC 9457 has it; a page for whoever accepts text/html.",
                "content": {
                    "application/problem+json": { "schema": self.schema::<Problem>() },
                    "text/html": { "schema": { "type": "string" } },
                },
            });
            let mut operation = json!({ "summary": summary, "responses": responses });
            operation["responses"]["default"] = problem;
            for response in operation["responses"].as_object_mut().unwrap().values_mut() {
                response["headers"]["x-request-id"] = json!({ "$ref": "#/components/headers/RequestId" });
            }
            operation
        }

        fn with_body<T: JsonSchema>(&mut self, mut operation: Value, required: bool) -> Value {
            operation["requestBody"] = self.body::<T>();
            operation["requestBody"]["required"] = required.into();
            operation
        }
    }

    fn parameter(place: &str, name: &str, schema: Value, description: &str) -> Value {
        json!({ "in": place, "name": name, "description": description, "required": place == "path", "schema": schema })
    }

    fn text() -> Value {
        json!({ "type": "string" })
    }

    /// `?readonly` alone means `true`.
    fn flag() -> Value {
        json!({ "type": "string", "enum": ["", "true", "1", "false", "0"], "default": "false" })
    }

    fn page(description: &str) -> Value {
        json!({ "description": description, "content": { "text/html": { "schema": text() } } })
    }

    fn header(description: &str) -> Value {
        json!({ "description": description, "schema": text() })
    }

    /// The kinds of problems, one a line.
    fn kinds() -> String {
        let kinds = Kind::ALL.iter().map(|kind| format!("- `{}` ({}): {}", kind.urn(), kind.status(), kind.title()));
        kinds.collect::<Vec<_>>().join("\n")
    }

    const ABOUT: &str = "One click from any URL to live Chrome DevTools on that page. Times are RFC 3339.\n\n\
        The prefix form, `/https://example.com/a?b=c`, is `/?url=…` without options: everything behind the first slash is \
        the page's URL, its query included. A path template can't say that.";

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
            "/api/sessions/{id}/recording": recorded(describe, &[], "What a browser that has ended showed, as rrweb's events", "By tab: {\"events\": {tab: [...]}}, in Cloudflare's envelope or bare."),
            "/api/sessions/{id}/tabs/{tab}/har": recorded(describe, &["tab"], "What a tab of it asked the network for, as HAR 1.2", "Without cookies and tokens."),
            "/api/links": links(describe),
            "/api/links/{id}": link(describe),
            "/api/sweep": sweep(describe),
            "/metrics": metrics(describe),
            "/healthz": { "get": describe.operation("Whether this Worker is set up", healthy()) },
        });
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "devtools-link",
                "version": env!("CARGO_PKG_VERSION"),
                "description": format!("{ABOUT}\n\nThe problems' types:\n\n{}", kinds()),
            },
            "security": [{ "bearer": [] }, { "basic": [] }, { "access": [] }, {}],
            "paths": paths,
            "components": {
                "headers": { "RequestId": header("What the log calls this request; a problem has it, too.") },
                "schemas": describe.schemas.take_definitions(true),
                "securitySchemes": {
                    "bearer": { "type": "http", "scheme": "bearer", "description": "A token of ACCESS_TOKENS" },
                    "basic": { "type": "http", "scheme": "basic", "description": "The same as the password" },
                    "access": { "type": "apiKey", "in": "header", "name": "cf-access-jwt-assertion" },
                },
            },
        })
    }

    fn healthy() -> Value {
        let schema = json!({ "type": "object", "required": ["status"], "properties": { "status": text() } });
        json!({ "200": { "description": "It is.", "content": { "application/json": { "schema": schema } } } })
    }

    fn redirect() -> Value {
        let mut redirect = page("To DevTools on the page.");
        redirect["headers"] = json!({
            "location": header("A link that can start a connection for five minutes: a credential."),
            "content-location": header("The permalink, which leads to a new link for as long as the session lives."),
        });
        redirect
    }

    fn preview() -> Value {
        page(
            "No click, such as a chat's preview or a prefetch: a page with a button, which posts here. Nothing is opened.",
        )
    }

    fn clicks(describe: &mut Describe) -> Value {
        let url = json!({ "type": "string", "format": "uri", "maxLength": 2_048 });
        let keep_alive = json!({ "type": "integer", "minimum": 10, "maximum": 1_200 });
        let mut url = parameter("query", "url", url, "The page, percent-encoded: http or https, at most 2048 bytes");
        url["required"] = true.into();
        json!({
            "parameters": [
                url,
                parameter("query", "keep_alive", keep_alive, "The session's inactivity timeout in seconds"),
                parameter("query", "mode", json!({ "type": "string", "enum": ["devtools", "tab", "full"] }), "What the link shows"),
                parameter("query", "readonly", flag(), "Whoever has the link can look, and change nothing"),
                parameter("query", "recording", flag(), "Record the session"),
                parameter("query", "fresh", flag(), "A session of its own even where the caller has one"),
            ],
            "get": describe.operation("Open a page in DevTools", json!({ "200": preview(), "302": redirect() })),
            "post": describe.operation("The same, by the button of its preview", json!({ "303": redirect() })),
        })
    }

    fn permalink(describe: &mut Describe, names: &[&str]) -> Value {
        let permalink = |name: &&str| parameter("path", name, text(), "As the permalink has it");
        json!({
            "parameters": names.iter().map(permalink).collect::<Vec<_>>(),
            "get": describe.operation(
                "Follow a permalink; 410 once its session has ended, with the page's URL for who opened it and its host for others, and where its recording is",
                json!({ "200": preview(), "302": redirect() }),
            ),
            "post": describe.operation(
                "The same, by a button; once its session has ended, open the same page again: 403 for who did not open it",
                json!({ "303": redirect() }),
            ),
        })
    }

    fn signed_link(describe: &mut Describe) -> Value {
        let cookie = || {
            header("devtools-link-{uuid}, where there was none: each browser that follows the link gets one of ours.")
        };
        let (mut preview, mut opened, mut pressed) = (preview(), redirect(), redirect());
        for response in [&mut preview, &mut opened, &mut pressed] {
            response["headers"]["set-cookie"] = cookie();
        }
        opened["description"] =
            "To DevTools on the page; for a browser's first GET (sec-fetch-dest: document, neither \
            cookie nor marker) back here with the marker, without content-location."
                .into();
        let marker = json!({ "type": "string", "format": "uuid" });
        let mut get = describe
            .operation("Open a signed link, or see what it would open", json!({ "200": preview, "302": opened }));
        let mut post =
            describe.operation("Open a signed link that waits for a button press", json!({ "303": pressed }));
        for operation in [&mut get, &mut post] {
            operation["security"] = json!([]);
        }
        json!({
            "parameters": [
                parameter("path", "token", text(), "As it was made at /api/links"),
                parameter("query", "browser", marker, "The marker: tells browsers apart that refuse the cookie"),
            ],
            "get": get,
            "post": post,
        })
    }

    fn sessions(describe: &mut Describe) -> Value {
        let opened = json!({ "201": describe.made::<OpenedView>("It is open.") });
        let open = describe.operation("Open a page in DevTools", opened);
        let listed = json!({ "200": describe.answer::<SessionsView>("A part of the list.") });
        let mut list = describe.operation("List one's own sessions, newest first", listed);
        list["parameters"] = json!([
            parameter(
                "query",
                "state",
                json!({ "type": "string", "enum": ["open", "closing", "ended"] }),
                "All where it is not said"
            ),
            parameter(
                "query",
                "limit",
                json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }),
                "How many"
            ),
            parameter(
                "query",
                "offset",
                json!({ "type": "integer", "minimum": 0, "default": 0 }),
                "How many to leave out"
            ),
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
            "parameters": [parameter("path", "id", text(), "The session's id")],
            "get": describe.operation("Show one of one's own sessions", shown),
            "delete": describe.operation("Close one of one's own sessions", closed),
        })
    }

    /// What is passed on as Browser Run has it.
    fn recorded(describe: &mut Describe, names: &[&str], summary: &str, content: &str) -> Value {
        let path = |name: &&str| parameter("path", name, text(), "As the permalink has it");
        let raw = json!({ "type": "string", "enum": [""] });
        let raw = parameter("query", "raw", raw, "With cookies and tokens: for who opened it");
        let passed_on =
            json!({ "description": content, "content": { "application/json": { "schema": { "type": "object" } } } });
        let parameters: Vec<_> = ["id"].iter().chain(names).map(path).chain([raw]).collect();
        json!({
            "parameters": parameters,
            "get": describe.operation(summary, json!({ "200": passed_on })),
        })
    }

    fn links(describe: &mut Describe) -> Value {
        let made = json!({ "201": describe.made::<MadeLinkView>("It is made. The link is shown this once.") });
        let make = describe.operation("Make a signed link, which opens a page without other access", made);
        let listed = json!({ "200": describe.answer::<LinksView>("The links, newest first.") });
        json!({
            "get": describe.operation("List one's own signed links", listed),
            "post": describe.with_body::<LinkRequest>(make, true),
        })
    }

    fn link(describe: &mut Describe) -> Value {
        let revoked = json!({
            "204": { "description": "It is revoked." },
            "202": { "description": "It is revoked; a browser could not be closed now, and will be." },
        });
        json!({
            "parameters": [
                parameter("path", "id", text(), "The link's id"),
                parameter("query", "close", flag(), "Also close the browsers that it opened"),
            ],
            "delete": describe.operation("Revoke a signed link at once", revoked),
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

    fn metrics(describe: &mut Describe) -> Value {
        let text = json!({ "text/plain": { "schema": text() } });
        let metrics = json!({ "200": { "description": "In Prometheus' text format 0.0.4.", "content": text } });
        json!({ "get": describe.operation("What was counted, for operators", metrics) })
    }

    #[test]
    fn the_document_is_the_one_that_the_types_make() {
        let generated = serde_json::to_string_pretty(&document()).unwrap() + "\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/openapi.json");
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            std::fs::write(path, &generated).unwrap();
        }
        assert!(
            generated == std::fs::read_to_string(path).unwrap(),
            "assets/openapi.json is not what the types make: run `UPDATE_OPENAPI=1 cargo test -p devtools-link openapi`"
        );
        assert!(!DOCUMENT.is_empty());
    }

    #[test]
    fn every_kind_of_problem_and_every_bound_is_in_the_document() {
        let document = document();
        let schemas = &document["components"]["schemas"];
        let kinds = schemas["Problem"]["properties"]["type"]["enum"].as_array().unwrap();
        for kind in Kind::ALL {
            assert!(kinds.contains(&kind.urn().into()), "{kind:?}");
            assert!(document["info"]["description"].as_str().unwrap().contains(kind.urn()), "{kind:?}");
        }
        let bounds = |schema: &str, name: &str| {
            let property = &schemas[schema]["properties"][name];
            (property["minimum"].as_u64(), property["maximum"].as_u64())
        };
        assert_eq!(bounds("ClickRequest", "keep_alive"), (Some(10), Some(1_200)));
        assert_eq!(bounds("LinkRequest", "keep_alive"), (Some(10), Some(1_200)));
        assert_eq!(bounds("LinkRequest", "expires_in"), (Some(1), Some(90 * 24 * 60 * 60)));
        assert_eq!(bounds("LinkRequest", "max_opens"), (Some(1), Some(10_000)));
        assert_eq!(schemas["LinkRequest"]["properties"]["note"]["maxLength"], 500);
        for schema in ["ClickRequest", "LinkRequest"] {
            assert_eq!(schemas[schema]["required"], json!(["url"]));
        }
        assert_eq!(schemas["Mode"]["enum"], json!(["devtools", "tab", "full"]));
    }
}
