//! `devtools-link`: a deployed Worker from the command line.
//!
//! - `commands`: what can be asked, a file for each command; what is printed
//! - `worker`: the Worker's API, as far as that needs it, and its problems
//! - `settings`: which Worker, and the token for it

mod commands;
mod settings;
mod worker;

use std::process::ExitCode;

use clap::Parser as _;

use commands::Arguments;
use worker::Problem;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let Err(error) = commands::run(&arguments) else { return ExitCode::SUCCESS };
    match error.downcast_ref::<Problem>() {
        Some(problem) if arguments.json => eprintln!("{}", problem.as_json()),
        _ => eprintln!("Error: {error:#}"),
    }
    ExitCode::FAILURE
}
