//! What can be asked: a file for each command, which has its flags, its calls, and what is printed.

mod close;
mod har;
mod link;
mod links;
mod ls;
mod open;
mod revoke;

use std::{io, mem};

use anyhow::{Context as _, Result};
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use serde_json::Value;

use crate::{settings::Options, worker::Worker};

/// Live Chrome DevTools on any page, in a browser that is not yours: a deployed devtools-link from the command line.
#[derive(Parser)]
#[command(name = "devtools-link", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    settings: Options,
    /// Print the Worker's own answer, JSON; and its problem, on standard error, where it has one
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Open a page: print the link to its DevTools, and open that here
    Open(open::Options),
    /// List your open browsers
    Ls(ls::Options),
    /// Close browsers of yours
    Close(close::Options),
    /// Print what a tab asked the network for, as HAR: of a browser that was recorded and has ended
    Har(har::Options),
    /// Make a signed link to a page, to be opened by whoever has it
    Link(link::Options),
    /// List your signed links, without what opens them
    Links,
    /// Revoke signed links of yours
    Revoke(revoke::Options),
    /// Print a shell's completions: `source <(devtools-link completions bash)`
    Completions {
        /// Whose
        shell: Shell,
    },
}

/// What a link shows.
#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    /// DevTools, with the page's picture beside its panels
    Devtools,
    /// The page alone
    Tab,
    /// The page with tabs and an address bar
    Full,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let context = || Ok::<_, anyhow::Error>(Worker::new(arguments.settings.settings()?));
    let json = arguments.json;
    match &arguments.command {
        Command::Open(options) => open::open(&context()?, options, json),
        Command::Ls(options) => ls::ls(&context()?, options, json),
        Command::Close(options) => close::close(&context()?, options),
        Command::Har(options) => har::har(&context()?, options),
        Command::Link(options) => link::link(&context()?, options, json),
        Command::Links => links::links(&context()?, json),
        Command::Revoke(options) => revoke::revoke(&context()?, options),
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Arguments::command(), "devtools-link", &mut io::stdout());
            Ok(())
        }
    }
}

/// Whether to record.
#[derive(Args)]
struct Recording {
    /// Record what happens in its browsers; `=false` where the Worker records by default
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    recording: Option<bool>,
}

/// Only what was said: the Worker knows the defaults.
fn said(mut options: Value) -> Value {
    if let Some(fields) = options.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    options
}

/// A flag, where it is set.
fn flag(is_set: bool) -> Option<bool> {
    is_set.then_some(true)
}

/// A field that the API promises.
fn field<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value[name].as_str().with_context(|| format!("the Worker's answer has no {name}: is it another version?"))
}

fn list<'a>(value: &'a Value, name: &str) -> Result<&'a Vec<Value>> {
    value[name].as_array().with_context(|| format!("the Worker's answer has no {name}: is it another version?"))
}

/// An id as it is, or that of a permalink's session, `…/s/{session}/{tab}`.
fn id(given: &str) -> Result<&str> {
    let id = permalink(given).next().unwrap_or(given);
    let is_plain = !id.is_empty() && id.chars().all(|character| character.is_ascii_alphanumeric() || character == '-');
    is_plain.then_some(id).with_context(|| format!("`{given}` is no id"))
}

/// The ids in a permalink: its session's, its tab's.
fn permalink(given: &str) -> impl Iterator<Item = &str> {
    let path = given.split_once("/s/").and_then(|(_, path)| path.split(['?', '#']).next());
    path.into_iter().flat_map(|path| path.split('/'))
}

/// One that fails is no reason to leave the others out; the last failure is the command's.
fn each(ids: &[String], carry_out: impl Fn(&str) -> Result<Value>) -> Result<()> {
    let mut outcome = Ok(());
    for given in ids {
        if let Err(error) = id(given).and_then(&carry_out)
            && let Err(before) = mem::replace(&mut outcome, Err(error))
        {
            eprintln!("Error: {before:#}");
        }
    }
    outcome
}

impl Mode {
    fn name(self) -> String {
        self.to_possible_value().expect("no mode is hidden").get_name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_session_is_named_by_its_id_or_by_its_permalink_and_by_nothing_else() {
        for given in ["1909-cef7", "https://x.example/s/1909-cef7", "https://x.example/s/1909-cef7/8E59?watch"] {
            assert_eq!(id(given).unwrap(), "1909-cef7");
        }
        for given in ["", "../sweep", "a?close", "https://x.example/s/", "https://x.example/"] {
            assert!(id(given).is_err(), "{given}");
        }
    }
}
