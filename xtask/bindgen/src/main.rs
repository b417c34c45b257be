//! Makes the JavaScript that a compiled Worker needs: `xtask-bindgen INPUT.wasm FOLDER` writes `index.js` and
//! `index_bg.wasm`. Run by `cargo xtask`.

use std::{env, path::PathBuf};

use anyhow::{Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<_> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [input, folder] = arguments.as_slice() else { bail!("usage: xtask-bindgen INPUT.wasm FOLDER") };
    Bindgen::new()
        .module(true)?
        .input_path(input)
        .out_name("index")
        .typescript(false)
        // After a panic the next call finds a new instance: src/lib.rs asks for that when it starts.
        .reset_state_function(true)
        .force_enable_abort_handler(true)
        .generate(folder)
}
