//! Which Worker is asked, and the token for it: by flag, environment variable, or file, in this order.

use std::{
    env, fs, io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use clap::{Args, ValueHint};
use serde::Deserialize;
use ureq::http::Uri;

const DEFAULT_WORKER: &str = "http://localhost:8787";

/// What is said on the command line, or by the environment.
#[derive(Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Options {
    /// The Worker, as `https://devtools-link.example.workers.dev` [default: `url` in the file, else what `cargo xtask dev`
    /// runs]
    #[arg(long, env = "DEVTOOLS_LINK_URL", value_name = "URL", global = true, value_hint = ValueHint::Url)]
    worker: Option<String>,
    /// An access token of that Worker; better given by its variable or the file: a command line can be read by others
    #[arg(long, env = "DEVTOOLS_LINK_TOKEN", value_name = "TOKEN", global = true, hide_env_values = true)]
    token: Option<String>,
    /// TOML with `url` and `token`, for the owner's eyes only [default: ~/.config/devtools-link.toml]
    #[arg(long, env = "DEVTOOLS_LINK_CONFIG", value_name = "FILE", global = true, value_hint = ValueHint::FilePath)]
    config: Option<PathBuf>,
}

/// What it comes to.
pub(crate) struct Settings {
    /// Without a slash at the end.
    pub(crate) worker: String,
    pub(crate) token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    url: Option<String>,
    token: Option<String>,
}

impl Options {
    /// # Errors
    /// When the file can't be read, or the token would go where it may be overheard.
    pub(crate) fn settings(&self) -> Result<Settings> {
        let file = self.file()?;
        let trimmed = |url: &String| url.trim_end_matches('/').to_owned();
        let worker = self.worker.as_ref().or(file.url.as_ref()).map_or_else(|| DEFAULT_WORKER.to_owned(), trimmed);
        // The file's token is for the file's Worker, and no other.
        let is_files = file.url.as_ref().map(trimmed).is_none_or(|url| url == worker);
        let token = self.token.clone().or_else(|| file.token.filter(|_| is_files)).filter(|token| !token.is_empty());
        ensure!(token.is_none() || is_private(&worker), "a token is sent by https alone, and {worker} is not");
        Ok(Settings { worker, token })
    }

    fn file(&self) -> Result<File> {
        match (&self.config, default_file()) {
            (Some(named), _) => read(named).with_context(|| format!("{} can't be used", named.display())),
            (None, Some(usual)) if usual.exists() => {
                read(&usual).with_context(|| format!("{} can't be used", usual.display()))
            }
            (None, _) => Ok(File::default()),
        }
    }
}

fn default_file() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))?;
    Some(folder.join("devtools-link.toml"))
}

/// What is wrong with it is told without a line of it: that could be the token's.
fn read(path: &Path) -> Result<File> {
    let text = fs::read_to_string(path)?;
    let file: File = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(0, |span| text[..span.start].lines().count().max(1));
        io::Error::other(format!("line {line}: {}", error.message()))
    })?;
    let mode = fs::metadata(path)?.permissions().mode();
    ensure!(file.token.is_none() || mode & 0o077 == 0, "it has a token, and others may read it: chmod 600");
    Ok(file)
}

/// Whether nobody on the way can read what is sent there.
fn is_private(worker: &str) -> bool {
    let Ok(url) = worker.parse::<Uri>() else { return false };
    let is_here = |host: &str| matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost");
    url.scheme_str() == Some("https") || url.scheme_str() == Some("http") && url.host().is_some_and(is_here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_go_over_https_or_stay_on_this_machine() {
        let private = ["https://link.example.com", "http://localhost:8787", "http://127.0.0.1", "http://[::1]:1"];
        assert!(private.iter().all(|worker| is_private(worker)));
        let public = [
            "http://link.example.com",
            "http://localhost.example.com",
            "http://localhost:1@example.com",
            "localhost",
            "",
        ];
        assert!(public.iter().all(|worker| !is_private(worker)));
    }

    #[test]
    fn the_files_token_is_for_the_files_worker_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, "url = \"https://a.example/\"\ntoken = \"secret\"\n").unwrap();
        let options = |worker: Option<&str>, token: Option<&str>| Options {
            worker: worker.map(str::to_owned),
            token: token.map(str::to_owned),
            config: Some(path.clone()),
        };
        let told = |options: Options| options.settings().map(|settings| (settings.worker, settings.token));

        assert!(format!("{:#}", told(options(None, None)).unwrap_err()).contains("chmod 600"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let secret = || Some("secret".to_owned());
        assert_eq!(told(options(None, None)).unwrap(), ("https://a.example".to_owned(), secret()));
        assert_eq!(told(options(Some("https://a.example"), None)).unwrap().1, secret());
        assert_eq!(told(options(Some("https://b.example"), None)).unwrap(), ("https://b.example".to_owned(), None));
        assert_eq!(told(options(Some("https://b.example"), Some("other"))).unwrap().1, Some("other".to_owned()));

        fs::write(&path, "url = \"https://a.example\"\ntoken = secret\n").unwrap();
        let error = format!("{:#}", told(options(None, None)).unwrap_err());
        assert!(error.contains("line 2") && !error.contains("secret"), "{error}");
    }
}
