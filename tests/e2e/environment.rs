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
    scripted::{self, Scripted, Switch},
    site::Site,
    worker::{Settings, Worker},
};

/// What is shared outlives the test, and the test's runtime, that started it.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// The Worker with Browser Run on this machine.
pub(crate) struct Environment {
    pub(crate) worker: Worker,
    pub(crate) browser_run: BrowserRun,
}

/// Over the REST API. Many tests use it at once: close nothing of theirs, and do not touch the clock.
pub(crate) async fn rest() -> &'static Environment {
    static REST: OnceCell<Environment> = OnceCell::const_new();
    REST.get_or_init(|| {
        started(async || {
            let browser_run = BrowserRun::start("a-token-for-the-rest-api").await;
            let settings = Settings {
                api_token: Some(browser_run.token.clone()),
                variables: browser_run.variables().into(),
                ..Settings::default()
            };
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
                variables: vec![("LIVE_VIEW_HOSTS", browser_run.url()), ("MAX_SESSION_MINUTES", "0.02".to_owned())],
                binding: Some((include_str!("fixtures/binding.js"), binding)),
                ..Settings::default()
            };
            Mutex::new(Environment { worker: Worker::start(&settings).await, browser_run })
        })
    });
    environment.await.lock().await
}

/// With an upstream that answers what the test says. One test at a time has it for itself.
pub(crate) async fn scripted() -> Scripted {
    static SCRIPTED: OnceCell<Mutex<(Worker, Switch)>> = OnceCell::const_new();
    let shared = SCRIPTED.get_or_init(|| {
        started(async || {
            let switch = Switch::start().await;
            let settings = Settings {
                api_token: Some(scripted::TOKEN.to_owned()),
                variables: switch.variables().into(),
                ..Settings::default()
            };
            Mutex::new((Worker::start(&settings).await, switch))
        })
    });
    Scripted::new(shared.await.lock().await).await
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
