//! Makes the JavaScript that a compiled Worker needs: `xtask-bindgen INPUT.wasm FOLDER [--lean]` writes `index.js` and
//! `index_bg.wasm`; `xtask-bindgen --order FILE.wasm` puts its functions into another order. Run by `cargo xtask`.
//!
//! - [`lean`]: leaves out what nobody calls, or misses · [`order`]: puts beside each other what gzip finds alike

mod lean;
mod order;

use std::{env, fs};

use anyhow::{Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match *arguments.as_slice() {
        ["--order", file] => Ok(fs::write(file, order::by_likeness(&fs::read(file)?)?)?),
        [input, folder] => bind(input, folder, false),
        [input, folder, "--lean"] => bind(input, folder, true),
        _ => bail!("usage: xtask-bindgen INPUT.wasm FOLDER [--lean], or --order FILE.wasm"),
    }
}

fn bind(input: &str, folder: &str, is_lean: bool) -> Result<()> {
    let mut output = Bindgen::new()
        .module(true)?
        .input_path(input)
        .out_name("index")
        .typescript(false)
        // After a panic there is a new instance: src/js.js asks for it.
        .reset_state_function(true)
        .force_enable_abort_handler(true)
        .generate_output()?;
    if is_lean {
        lean::leave_out(output.wasm_mut());
    }
    output.emit(folder)
}
