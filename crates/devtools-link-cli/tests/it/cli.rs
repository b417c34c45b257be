//! The program, run in a home of its own.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use tempfile::TempDir;
use tokio::process::Command;

pub(crate) const TOKEN: &str = "a-token-that-nobody-sees-4f9d";

pub(crate) struct Home(TempDir);

#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// A program called `name`, first on the path, which runs `script`.
    pub(crate) fn install(&self, name: &str, script: &str) {
        let file = self.path().join(name);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Runs it, with these variables and no others of its own.
    pub(crate) async fn run(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_devtools-link"));
        let path = format!("{}:/usr/bin:/bin", self.path().display());
        command.env_clear().env("HOME", self.path()).env("PATH", path).envs(variables.iter().copied());
        let output = command.args(arguments).output().await.unwrap();
        let [stdout, stderr] = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap());
        let output = Output { code: output.status.code(), stdout, stderr };
        assert!(!format!("{output:?}").contains(TOKEN), "the token is told: {output:?}");
        output
    }

    /// The same, with the token, for the Worker at `url`.
    pub(crate) async fn ask(&self, url: &str, arguments: &[&str]) -> Output {
        self.run(&[("DEVTOOLS_LINK_URL", url), ("DEVTOOLS_LINK_TOKEN", TOKEN)], arguments).await
    }
}

impl Output {
    /// What it printed, when it succeeded.
    pub(crate) fn answer(&self) -> &str {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout.trim_end()
    }

    /// What it complained of, when it failed.
    pub(crate) fn complaint(&self) -> &str {
        assert_eq!((self.code, self.stdout.as_str()), (Some(1), ""), "{self:?}");
        self.stderr.trim_end()
    }
}
