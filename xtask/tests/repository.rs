//! What a repository owes to whoever finds it: crates that can be published, and the Rust that it says is enough.
#![expect(clippy::unwrap_used, reason = "a test's helpers may panic like the test itself")]

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

fn cargo(arguments: &[&str]) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root).output().unwrap();
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn metadata() -> Value {
    serde_json::from_slice(&cargo(&["metadata", "--format-version", "1", "--locked"])).unwrap()
}

/// One of ours, or of others.
fn package<'a>(metadata: &'a Value, name: &str) -> &'a Value {
    metadata["packages"].as_array().unwrap().iter().find(|package| package["name"] == name).unwrap()
}

/// `1.91` and `1.91.0` alike.
fn version(text: &str) -> Vec<u32> {
    text.split('.').map(|part| part.parse().unwrap()).take(2).collect()
}

#[test]
fn no_dependency_wants_a_newer_rust_than_is_declared() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let declared = |package: &Value| package["rust_version"].as_str().map(version);
    let ours = declared(package(&metadata, "devtools-link")).unwrap();
    let newer = packages.iter().filter(|package| declared(package).is_some_and(|version| version > ours));
    let newer: Vec<_> = newer.map(|package| (&package["name"], &package["rust_version"])).collect();
    assert!(newer.is_empty(), "Cargo.toml says {ours:?}, but these want more: {newer:?}");
}

#[test]
fn readme_names_the_repository_and_version_of_cargo_toml() {
    let metadata = metadata();
    let ours = package(&metadata, "devtools-link");
    let [repository, version] = ["repository", "version"].map(|name| ours[name].as_str().unwrap());
    let action = repository.strip_prefix("https://github.com/").unwrap_or("OWNER/devtools-link");
    let mut wanted = vec![format!("- uses: {action}@v{version}\n")];
    if !repository.is_empty() {
        wanted.push(format!("https://deploy.workers.cloudflare.com/?url={repository}/tree/worker"));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    wanted.retain(|text| !readme.contains(text));
    assert!(wanted.is_empty(), "README.md should say {wanted:?}");
}

#[test]
fn crates_for_publishing_are_packaged_whole() {
    let metadata = metadata();
    let is_published = |package: &&Value| package["source"].is_null() && package["publish"].is_null();
    let published: Vec<_> = metadata["packages"].as_array().unwrap().iter().filter(is_published).collect();
    let names: Vec<_> = published.iter().map(|package| package["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"browser-run-api") && names.contains(&"browser-run-local"), "{names:?}");
    // Without compiling it again: that a package of ours needs one that stays at home is found out here, too.
    let mut package = vec!["package", "--quiet", "--no-verify", "--allow-dirty", "--offline"];
    package.extend(names.iter().flat_map(|name| ["--package", name]));
    cargo(&package);
    for package in published {
        let (name, version) = (package["name"].as_str().unwrap(), package["version"].as_str().unwrap());
        let archive = PathBuf::from(metadata["target_directory"].as_str().unwrap()).join("package");
        let archive = archive.join(format!("{name}-{version}.crate"));
        let list = Command::new("tar").arg("-tf").arg(archive).output().unwrap().stdout;
        let list = String::from_utf8(list).unwrap();
        for file in ["Cargo.toml", "LICENSE-MIT", "LICENSE-APACHE"] {
            assert!(
                list.lines().any(|line| line == format!("{name}-{version}/{file}")),
                "{name} has no {file}:\n{list}"
            );
        }
    }
}
