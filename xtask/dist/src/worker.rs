//! `dist/worker/`: the Worker, built, with all that `npx wrangler deploy` needs, or Cloudflare's deploy button.

use anyhow::Result;
use serde_json::{Map, json};

use crate::{Project, explained, files::Files, licences, wrangler};

const SECRETS: &str = "xtask/dist/files/dev.vars.example";

pub(crate) fn files(project: &Project) -> Result<Files> {
    let mut files = project.licence()?;
    for name in ["index.js", "index_bg.wasm"] {
        files.add(name, project.read(&format!("build/{name}"))?);
    }
    files.add_all("assets", Files::read(&project.root.join("assets"))?);
    files.add("wrangler.jsonc", wrangler::configuration(&project.text("wrangler.toml")?)?);
    files.add("package.json", package(project)?);
    files.add(".dev.vars.example", project.read(SECRETS)?);
    files.add(".gitignore", ".dev.vars\n.wrangler/\nnode_modules/\n");
    files.add("README.md", readme(project)?);
    let packages = licences::Packages::read(&project.root, "wasm32-unknown-unknown")?;
    files.add("THIRD-PARTY.txt", packages.of(&["devtools-link"], &["rrweb", "rrweb-player"])?);
    Ok(files)
}

/// Its button deploys what a release pushes, where it is known whose that is.
fn readme(project: &Project) -> Result<String> {
    let text = project.text("xtask/dist/files/worker.md")?;
    Ok(match project.repository.as_str() {
        "" => text,
        repository => {
            text.replace("https://github.com/OWNER/REPOSITORY/tree/BRANCH", &format!("{repository}/tree/worker"))
        }
    })
}

/// With what the dashboard says of each variable and secret: <https://developers.cloudflare.com/workers/platform/deploy-buttons/>.
fn package(project: &Project) -> Result<String> {
    let explained = [project.text(SECRETS)?, project.text("wrangler.toml")?].map(|text| explained::names(&text));
    let binding = |(name, said): (String, String)| (name, json!({ "description": said }));
    let bindings: Map<_, _> = explained.into_iter().flatten().map(binding).collect();
    let package = json!({
        "name": "devtools-link",
        "version": project.version,
        "private": true,
        "description": "One click from any URL to live Chrome DevTools on that page",
        "license": "MIT OR Apache-2.0",
        "engines": { "node": ">=22" },
        // wrangler's own; npm asks before it runs any others.
        "allowScripts": { "esbuild": true, "workerd": true },
        "scripts": { "deploy": "wrangler deploy", "dev": "wrangler dev" },
        "devDependencies": { "wrangler": project.pinned("wrangler")? },
        "cloudflare": { "bindings": bindings },
    });
    Ok(format!("{package:#}\n"))
}
