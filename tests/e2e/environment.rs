//! The configurations of the Worker that the tests share. Each starts when the first test asks for it, which takes
//! seconds, and ends with this process, however that ends: so there are few.
//!
//! A test that needs another setting adds it to one of these, or a function like these.

use std::sync::LazyLock;

use tokio::{runtime::Runtime, sync::OnceCell};

use crate::{
    browser_run::BrowserRun,
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

/// The Worker over the REST API, with Browser Run on this machine. Shared: close nothing, and keep the clock.
pub(crate) async fn real() -> &'static Environment {
    static REAL: OnceCell<Environment> = OnceCell::const_new();
    REAL.get_or_init(|| {
        started(async || {
            let browser_run = BrowserRun::start("a-token-for-tests").await;
            let settings = Settings {
                api_token: Some(browser_run.token.clone()),
                variables: browser_run.variables().into(),
                binding: None,
            };
            Environment { worker: Worker::start(&settings).await, browser_run }
        })
    })
    .await
}

/// The pages that are debugged.
pub(crate) async fn site() -> &'static Site {
    static SITE: OnceCell<Site> = OnceCell::const_new();
    SITE.get_or_init(|| started(Site::start)).await
}

/// Starts something on the runtime that outlives the tests.
async fn started<T: Send + 'static>(start: impl AsyncFnOnce() -> T + Send + 'static) -> T {
    RUNTIME.spawn_blocking(|| RUNTIME.block_on(start())).await.unwrap()
}
