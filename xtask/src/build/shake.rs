//! What nobody uses of a Worker is left out: classes that crates export for everybody, and what of the WebAssembly only
//! they call. 5 KiB of what is deployed, gzipped.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result};

use super::FEATURES;
use crate::{
    project,
    run::{command, run},
};

/// Makes classes of wasm-bindgen's that esbuild can leave out: neither a finalizer nor `using` is a reason to keep one.
pub(super) fn shakable(javascript: &str) -> String {
    let lines = javascript.lines().filter(|line| !line.starts_with("if (Symbol.dispose)"));
    let lines: String = lines.flat_map(|line| [line, "\n"]).collect();
    lines.replace("new FinalizationRegistry(", "/* @__PURE__ */ new FinalizationRegistry(")
}

/// Leaves out what `wasm` exports and the bundled JavaScript does not name. `all` is the JavaScript before it was bundled,
/// which names all of it, as `wasm.name`.
pub(super) fn exports(all: &str, bundled: &str, wasm: &Path) -> Result<()> {
    let graph = wasm.with_extension("exports.json");
    fs::write(&graph, reachable(all, bundled).to_string())
        .with_context(|| format!("cannot write {}", graph.display()))?;
    let mut metadce = command(project::npm_tool("wasm-metadce"));
    metadce.args(FEATURES.split_whitespace()).args(["--debuginfo", "--quiet", "--graph-file"]).arg(graph);
    run(metadce.arg(wasm).arg("-o").arg(wasm))
}

/// A graph as wasm-metadce reads it: the exports, and those of them that JavaScript reaches.
fn reachable(all: &str, bundled: &str) -> serde_json::Value {
    let exports: BTreeSet<&str> = all.split("wasm.").skip(1).map(name).collect();
    let named: BTreeSet<&str> = bundled.split('.').map(name).collect();
    let root = serde_json::json!({ "name": "JavaScript", "root": true, "reaches": exports.intersection(&named).collect::<Vec<_>>() });
    let nodes = exports.iter().map(|export| serde_json::json!({ "name": export, "export": export }));
    std::iter::once(root).chain(nodes).collect()
}

/// The identifier that a text begins with.
fn name(text: &str) -> &str {
    let is_over = |one: char| !(one.is_ascii_alphanumeric() || one == '_' || one == '$');
    text.split(is_over).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_kept_where_the_bundled_javascript_names_it() {
        let graph = reachable("a(wasm.fetch); wasm.unused_free(0); wasm.$x_1", "_.fetch(r),_.$x_1;unused_free_too");
        assert_eq!(graph[0]["reaches"], serde_json::json!(["$x_1", "fetch"]));
        assert_eq!(graph[3], serde_json::json!({ "name": "unused_free", "export": "unused_free" }));
    }

    #[test]
    fn a_class_with_a_finalizer_can_be_left_out() {
        let class = "class A {}\nif (Symbol.dispose) A.prototype[Symbol.dispose] = A.prototype.free;\nconst f = new FinalizationRegistry(x);";
        assert_eq!(shakable(class), "class A {}\nconst f = /* @__PURE__ */ new FinalizationRegistry(x);\n");
    }
}
