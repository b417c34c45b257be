//! The Worker, compiled and put together. Each command that builds one has a folder of its own, so that none takes
//! away what another runs.

mod player;

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};

use crate::{
    project,
    run::{command, run, words},
    setup::{self, Need},
    steps::Steps,
};

/// What `wrangler dev` tells the build that it asks for.
pub(crate) const FOR: &str = "XTASK_BUILD";

/// What wasm-opt may count on: what rustc compiles to, and what wasm-bindgen's glue needs. All that it knows would
/// be more than every workerd runs.
const FEATURES: &str = "--enable-mutable-globals --enable-sign-ext --enable-nontrapping-float-to-int \
                        --enable-bulk-memory --enable-multivalue --enable-reference-types --enable-exception-handling";

/// Twice, since what is smaller can be made smaller still. A function that is called in one place stays one unless it is
/// small: in a large one, more locals take longer numbers. 11 KiB.
const OPTIMISE: &str = "-Oz --low-memory-unused -Oz --one-caller-inline-max-function-size=15 --debuginfo";

const STRIP: &str = "--strip-debug --strip-producers";

/// Of everything that is deployed, gzipped: bytes are start-up time. docs/performance.md says what is in them.
const MOST_KIB: usize = 200;

#[derive(Args)]
pub(crate) struct Options {
    /// What the build is for
    #[arg(value_enum, env = FOR, default_value_t = Build::Deploy)]
    build: Build,
}

/// What a build is for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Build {
    /// To be deployed: in build/
    Deploy,
    /// To be developed with, made in seconds: in build/dev/
    Dev,
    /// The same as for deploying, to be tested: in build/test/
    Test,
    /// The same as to be developed with, to be tested: in build/test-dev/
    TestDev,
}

pub(crate) fn build(options: &Options) -> Result<()> {
    setup::check(Need::Build)?;
    let mut steps = Steps::new(setup::BUILD_STEPS + 2);
    let npm = setup::for_build(&mut steps)?;
    steps.run("tools", tools)?;
    npm.wait();
    steps.run("the Worker", || worker(options.build))?;
    if options.build == Build::Deploy {
        match gzipped_bytes(&Build::Deploy.folder()) {
            Ok(bytes) => eprintln!("build/: {} KiB gzipped", bytes.div_ceil(1024)),
            Err(error) => eprintln!("build/: size unknown, {error:#}"),
        }
    }
    Ok(())
}

/// Compiles what builds a Worker. By itself: with other packages cargo would choose other features of what they share,
/// and compile it anew the next time.
pub(crate) fn tools() -> Result<()> {
    run(&mut words("cargo build --package xtask-bindgen"))
}

/// Compiles, binds, optimises and bundles.
pub(crate) fn worker(build: Build) -> Result<()> {
    let profile = if build.is_optimised() { "release" } else { "debug" };
    let mut cargo = words("cargo build --lib --target wasm32-unknown-unknown");
    if build.is_optimised() {
        cargo.arg("--release");
    }
    run(&mut cargo)?;

    let target = project::target()?;
    let bindings = target.join("xtask").join(build.name());
    let wasm = target.join("wasm32-unknown-unknown").join(profile).join("devtools_link.wasm");
    let mut bindgen = command(project::program("xtask-bindgen")?);
    bindgen.arg(wasm).arg(&bindings);
    if build.is_optimised() {
        bindgen.arg("--lean");
    }
    run(&mut bindgen)?;

    let folder = project::root().join(build.folder());
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    player::player()?;
    bundle(build, &bindings, &folder)?;
    put_wasm(build, &bindings, &folder)
}

fn put_wasm(build: Build, bindings: &Path, folder: &Path) -> Result<()> {
    let (bound, to) = (bindings.join("index_bg.wasm"), folder.join("index_bg.wasm"));
    let from = if build.is_optimised() { optimised(&bound)? } else { bound };
    fs::copy(&from, &to).with_context(|| format!("cannot write {}", to.display()))?;
    // Deployed without the functions' names, a tenth of its bytes: a panic says its file and line, and is logged so. The
    // same build for tests keeps them: a profile is nothing without.
    if build == Build::Deploy { strip(&to, &to) } else { Ok(()) }
}

/// The same, optimised: ten seconds' work, and done already where nothing has changed that it depends on.
fn optimised(bound: &Path) -> Result<PathBuf> {
    let [optimised, done] = ["optimised.wasm", "optimised"].map(|name| bound.with_file_name(name));
    let tools = fs::read(project::root().join("package-lock.json"))?;
    let inputs = [OPTIMISE.as_bytes(), FEATURES.as_bytes(), &tools, &fs::read(bound)?].concat();
    if optimised.exists() && fs::read(&done).is_ok_and(|done| done == inputs) {
        return Ok(optimised);
    }
    // What is begun and not ended is not done.
    fs::write(&done, "")?;
    wasm_opt(OPTIMISE, bound, &optimised)?;
    fs::write(&done, inputs)?;
    Ok(optimised)
}

/// Leaves out the names, and puts functions beside each other that gzip finds alike, for which the names were in the way.
fn strip(from: &Path, to: &Path) -> Result<()> {
    wasm_opt(STRIP, from, to)?;
    run(command(project::program("xtask-bindgen")?).arg("--order").arg(to))
}

fn wasm_opt(passes: &str, from: &Path, to: &Path) -> Result<()> {
    let mut wasm_opt = command(project::npm_tool("wasm-opt"));
    run(wasm_opt.args(passes.split_whitespace()).args(FEATURES.split_whitespace()).arg(from).arg("-o").arg(to))
}

/// One module of what wasm-bindgen made and src/entry.js, which exports it as the platform wants it.
fn bundle(build: Build, bindings: &Path, folder: &Path) -> Result<()> {
    let index = bindings.join("index.js");
    // workerd takes the module by an import; it knows no source phase yet.
    let javascript = fs::read_to_string(&index)?.replace("import source ", "import ");
    fs::write(&index, named_once(&javascript))?;
    for ours in ["entry.js", "js.js", "redaction.js", "relay.js"] {
        fs::copy(project::root().join("src").join(ours), bindings.join(ours))?;
    }
    let mut esbuild = command(project::npm_tool("esbuild"));
    esbuild.arg(bindings.join("entry.js")).arg(format!("--outfile={}", folder.join("index.js").display()));
    esbuild.args(["--bundle", "--format=esm", "--log-level=warning"]);
    esbuild.args(["--external:./index_bg.wasm", "--external:cloudflare:*"]);
    if build.is_optimised() {
        esbuild.arg("--minify");
    }
    run(&mut esbuild)
}

/// wasm-bindgen names a module once for each function that needs no glue. Whoever bundles that is warned, as by wrangler.
fn named_once(javascript: &str) -> String {
    let mut named = HashSet::new();
    let is_named = |line: &str| line.trim_start().split_once(": import").map(|(name, _)| name.to_owned());
    let lines = javascript.lines().filter(|line| is_named(line).is_none_or(|name| named.insert(name)));
    lines.map(|line| format!("{line}\n")).collect()
}

/// Checks that what would be deployed is small enough, by the same build for tests.
pub(crate) fn check_size() -> Result<()> {
    let (built, folder) = (project::root().join(Build::Test.folder()), project::scratch("size")?);
    fs::copy(built.join("index.js"), folder.join("index.js"))?;
    strip(&built.join("index_bg.wasm"), &folder.join("index_bg.wasm"))?;
    let bytes = gzipped_bytes(&folder)?;
    eprintln!("the Worker: {bytes} bytes gzipped, of {}", MOST_KIB * 1024);
    ensure!(
        bytes <= MOST_KIB * 1024,
        "the Worker has grown beyond {MOST_KIB} KiB: see what is large in docs/performance.md"
    );
    Ok(())
}

/// What deploying uploads, compressed as Cloudflare counts it against a Worker's size limit.
fn gzipped_bytes(folder: &Path) -> Result<usize> {
    let output =
        command("gzip").arg("-9c").args(["index.js", "index_bg.wasm"].map(|file| folder.join(file))).output()?;
    ensure!(output.status.success(), "gzip could not read {}: {}", folder.display(), output.status);
    Ok(output.stdout.len())
}

impl Build {
    fn name(self) -> &'static str {
        match self {
            Self::Deploy => "deploy",
            Self::Dev => "dev",
            Self::Test => "test",
            Self::TestDev => "test-dev",
        }
    }

    /// Below the project's root.
    pub(crate) fn folder(self) -> PathBuf {
        match self {
            Self::Deploy => PathBuf::from("build"),
            other => Path::new("build").join(other.name()),
        }
    }

    fn is_optimised(self) -> bool {
        matches!(self, Self::Deploy | Self::Test)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_named_once_in_what_wasm_is_given() {
        let javascript = "return {\n  \"./a.js\": import1,\n  \"./a.js\": import2,\n  \"./b.js\": import3,\n};\n";
        assert_eq!(named_once(javascript), javascript.replace("  \"./a.js\": import2,\n", ""));
    }

    #[test]
    fn builds_do_not_take_away_what_another_command_runs() {
        let builds = Build::value_variants();
        for (index, build) in builds.iter().enumerate() {
            assert!(builds[index + 1..].iter().all(|other| other.folder() != build.folder()), "{}", build.name());
        }
    }
}
