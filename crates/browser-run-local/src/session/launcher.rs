//! Browsers, ready for use: launched when they are wanted, or kept warm before.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    chromium::{
        devtools::DevTools,
        flags::Launch,
        process::{Chromium, ChromiumError},
    },
    guardrails::{http_proxy::HttpProxy, policy::Policy},
};

/// How long a warm browser may take to show that it is alive.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);
/// After how long a browser that could not be kept warm is tried again.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// Why there is no browser.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LaunchError {
    #[error(transparent)]
    Chromium(#[from] ChromiumError),
    #[error("this server is stopping")]
    Stopping,
}

/// A Chromium whose first page is there, and what it reaches the world through.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) chromium: Chromium,
    pub(crate) devtools: DevTools,
    /// Lets through what the session's guardrails allow, as long as this lives.
    _proxy: Option<HttpProxy>,
}

/// Launches browsers, any number at the same time.
#[derive(Debug)]
pub(crate) struct Launcher {
    launch: Launch,
    stopping: CancellationToken,
    warm: Mutex<VecDeque<Browser>>,
    /// How many to keep warm.
    wanted: usize,
    taken: Notify,
}

impl Launcher {
    pub(crate) fn new(launch: Launch, wanted: usize, stopping: CancellationToken) -> Self {
        Self { launch, stopping, warm: Mutex::default(), wanted, taken: Notify::new() }
    }

    /// A browser: a warm one if there is one. One with guardrails is always launched for its session.
    pub(crate) async fn browser(&self, policy: Option<&Arc<Policy>>) -> Result<Browser, LaunchError> {
        match policy {
            None => match self.take().await {
                Some(browser) => Ok(browser),
                None => self.launch(None).await,
            },
            Some(policy) => {
                let proxy = HttpProxy::start(Arc::clone(policy)).await.map_err(ChromiumError::from)?;
                self.launch(Some(proxy)).await
            }
        }
    }

    /// Keeps as many warm as are wanted, until the server stops and none is left.
    pub(crate) async fn keep_warm(self: Arc<Self>) {
        while !self.stopping.is_cancelled() {
            let pause = match self.fill().await {
                Ok(()) => Duration::MAX,
                Err(error) => {
                    tracing::warn!(%error, "no browser to keep warm");
                    TRY_AGAIN_AFTER
                }
            };
            tokio::select! {
                () = self.taken.notified() => {}
                () = tokio::time::sleep(pause) => {}
                () = self.stopping.cancelled() => {}
            }
        }
        let left = std::mem::take(&mut *self.warm());
        for browser in left {
            browser.chromium.stop().await;
        }
    }

    /// How many are warm.
    pub(crate) fn warm_count(&self) -> usize {
        self.warm().len()
    }

    async fn fill(&self) -> Result<(), LaunchError> {
        while self.warm_count() < self.wanted {
            let browser = self.launch(None).await?;
            self.warm().push_back(browser);
            tracing::debug!(warm = self.warm_count(), "a browser is warm");
        }
        Ok(())
    }

    async fn take(&self) -> Option<Browser> {
        loop {
            let mut browser = self.warm().pop_front()?;
            self.taken.notify_one();
            // One that has waited may have died, or hang.
            let answers = timeout(ANSWERS_WITHIN, browser.devtools.targets());
            if browser.chromium.is_running() && answers.await.is_ok_and(|targets| targets.is_ok()) {
                return Some(browser);
            }
            browser.chromium.stop().await;
        }
    }

    async fn launch(&self, proxy: Option<HttpProxy>) -> Result<Browser, LaunchError> {
        let started = Chromium::start(&self.launch, proxy.as_ref().map(HttpProxy::address)).await;
        let mut chromium = started.map_err(ChromiumError::Start)?;
        let ready = self.stopping.run_until_cancelled(with_first_page(&mut chromium)).await;
        match ready.map_or(Err(LaunchError::Stopping), |ready| ready.map_err(LaunchError::Chromium)) {
            Ok(devtools) => Ok(Browser { chromium, devtools, _proxy: proxy }),
            Err(error) => {
                chromium.stop().await;
                Err(error)
            }
        }
    }

    fn warm(&self) -> MutexGuard<'_, VecDeque<Browser>> {
        self.warm.lock().expect("nobody panics while holding it")
    }
}

async fn with_first_page(chromium: &mut Chromium) -> Result<DevTools, ChromiumError> {
    let devtools = chromium.ready().await?;
    devtools.open("about:blank").await?;
    Ok(devtools)
}
