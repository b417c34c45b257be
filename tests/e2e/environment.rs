//! The configurations of the Worker that the tests share. Each starts when the first test asks for it, which takes
//! seconds, and ends with this process, however that ends: so there are few.
//!
//! A test that needs another setting adds it to one of these, or a function like these.

use std::{panic::resume_unwind, sync::LazyLock};

use tokio::{
    runtime::Runtime,
    sync::{Mutex, MutexGuard, OnceCell},
};

use crate::{
    browser_run::BrowserRun,
    people::{Person, access_tokens},
    scripted::{self, Scripted, Switch},
    signed_links,
    site::Site,
    team::Team,
    worker::{Settings, Worker},
};

/// What is shared outlives the test, and the test's runtime, that started it.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// The Worker with Browser Run on this machine.
pub(crate) struct Environment {
    pub(crate) worker: Worker,
    pub(crate) browser_run: BrowserRun,
}

/// The same, with an Access team.
pub(crate) struct Guarded {
    pub(crate) worker: Worker,
    pub(crate) browser_run: BrowserRun,
    pub(crate) team: Team,
}

impl Guarded {
    pub(crate) fn person(&self, name: &'static str) -> Person<'_> {
        Person::new(&self.worker, name)
    }
}

/// A name under which [`rest`]'s Worker may be opened by everyone: not this machine's, so browsers don't trust it over http.
pub(crate) const PUBLIC_HOST: &str = "plain.example";

/// Over the REST API. Many tests use it at once: close nothing of theirs, and do not touch the clock.
pub(crate) async fn rest() -> &'static Environment {
    static REST: OnceCell<Environment> = OnceCell::const_new();
    REST.get_or_init(|| {
        started(async || {
            let browser_run = BrowserRun::start("a-token-for-the-rest-api").await;
            let mut variables = browser_run.variables().to_vec();
            variables.push(("PUBLIC_HOSTS", PUBLIC_HOST.to_owned()));
            let settings = Settings { secrets: vec![browser_run.secret()], variables, ..Settings::default() };
            Environment { worker: Worker::start(&settings).await, browser_run }
        })
    })
    .await
}

/// Over a Workers binding, with sessions that are too old after a second. One test at a time has it for itself.
pub(crate) async fn binding() -> MutexGuard<'static, Environment> {
    static BINDING: OnceCell<Mutex<Environment>> = OnceCell::const_new();
    let environment = BINDING.get_or_init(|| {
        started(async || {
            let browser_run = BrowserRun::start("a-token-for-the-binding").await;
            let binding = vec![("ORIGIN", browser_run.url()), ("TOKEN", browser_run.token.clone())];
            let settings = Settings {
                variables: vec![
                    ("LIVE_VIEW_HOSTS", browser_run.url()),
                    ("MAX_SESSION_MINUTES", "0.02".to_owned()),
                    ("OPERATORS", "anonymous".to_owned()),
                    ("RECORD", "true".to_owned()),
                ],
                binding: Some((include_str!("fixtures/binding.js"), binding)),
                ..Settings::default()
            };
            Mutex::new(Environment { worker: Worker::start(&settings).await, browser_run })
        })
    });
    environment.await.lock().await
}

/// For people with access tokens, members of an Access team, and holders of signed links; with low limits. Many tests
/// use it at once, each with [`people`] of its own.
///
/// [`people`]: crate::people
pub(crate) async fn guarded() -> &'static Guarded {
    static GUARDED: OnceCell<Guarded> = OnceCell::const_new();
    GUARDED
        .get_or_init(|| {
            started(async || {
                let browser_run = BrowserRun::start("a-token-for-the-guarded-worker").await;
                let team = Team::start().await;
                let mut variables = browser_run.variables().to_vec();
                variables.extend(team.variables());
                variables.extend([
                    ("ACCESS_OPEN", "false".to_owned()),
                    ("ALLOWED_HOSTS", "Example.com.,*.example.com,127.*".to_owned()),
                    ("MAX_SESSIONS_PER_CALLER", "2".to_owned()),
                    ("MAX_OPENS_PER_MINUTE", "4".to_owned()),
                    ("MAX_TABS", "2".to_owned()),
                ]);
                let secrets = vec![browser_run.secret(), access_tokens(), signed_links::keys()];
                let worker = Worker::start(&Settings { secrets, variables, ..Settings::default() }).await;
                Guarded { worker, browser_run, team }
            })
        })
        .await
}

const SCRIPTED_VARIABLES: [(&str, &str); 4] =
    [("ALLOWED_HOSTS", ""), ("COALESCE_SECONDS", "2"), ("IDLE_MINUTES", "0.02"), ("OPERATORS", "somebody, kim")];

/// With an upstream that answers what the test says, clicks that coalesce for two seconds, and sessions that are unused
/// after one, for who runs the clean-up: `kim` may. One test at a time has it for itself.
pub(crate) async fn scripted() -> Scripted {
    static SCRIPTED: OnceCell<Mutex<(Worker, Switch)>> = OnceCell::const_new();
    let shared = SCRIPTED.get_or_init(|| started(async || start_scripted(&SCRIPTED_VARIABLES, false).await));
    Scripted::new(shared.await.lock().await).await
}

/// The same, as the build that one develops with.
pub(crate) async fn scripted_dev() -> Scripted {
    static SCRIPTED_DEV: OnceCell<Mutex<(Worker, Switch)>> = OnceCell::const_new();
    let shared = SCRIPTED_DEV.get_or_init(|| started(async || start_scripted(&SCRIPTED_VARIABLES, true).await));
    Scripted::new(shared.await.lock().await).await
}

/// The same, with everything that can be forbidden, a day of two seconds, sessions of three, no history, and URLs in the log.
pub(crate) async fn strict() -> Scripted {
    static STRICT: OnceCell<Mutex<(Worker, Switch)>> = OnceCell::const_new();
    let variables = [
        ("ACCESS_OPEN", "false"),
        ("ALLOWED_HOSTS", "example.com,*.example.com"),
        ("CONFIRM_LINKS", "true"),
        ("GUARDRAILS", "true"),
        ("HISTORY_DAYS", "0"),
        ("MAX_BROWSER_MINUTES_PER_DAY", "0.03"),
        ("MAX_SESSION_MINUTES", "0.05"),
        ("LOG_URLS", "true"),
        ("OPERATOR_CONTACT", "Vera, vera@example.com"),
    ];
    let shared = STRICT.get_or_init(|| started(async move || start_scripted(&variables, false).await));
    Scripted::new(shared.await.lock().await).await
}

async fn start_scripted(variables: &[(&'static str, &str)], dev_build: bool) -> Mutex<(Worker, Switch)> {
    let switch = Switch::start().await;
    let secrets = vec![("CLOUDFLARE_API_TOKEN", scripted::TOKEN.to_owned()), access_tokens(), signed_links::keys()];
    let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned())).chain(switch.variables());
    let settings = Settings { secrets, variables: variables.collect(), dev_build, ..Settings::default() };
    Mutex::new((Worker::start(&settings).await, switch))
}

/// With neither an API token nor a binding.
pub(crate) async fn unconfigured() -> &'static Worker {
    static UNCONFIGURED: OnceCell<Worker> = OnceCell::const_new();
    UNCONFIGURED.get_or_init(|| started(async || Worker::start(&Settings::default()).await)).await
}

/// The pages that are debugged.
pub(crate) async fn site() -> &'static Site {
    static SITE: OnceCell<Site> = OnceCell::const_new();
    SITE.get_or_init(|| started(Site::start)).await
}

/// Starts something on the runtime that outlives the tests.
async fn started<T: Send + 'static>(start: impl AsyncFnOnce() -> T + Send + 'static) -> T {
    let started = RUNTIME.spawn_blocking(|| RUNTIME.block_on(start())).await;
    started.unwrap_or_else(|error| resume_unwind(error.into_panic()))
}
