//! `wrangler.toml` as `wrangler.jsonc`, which Cloudflare's dashboard edits too, comments and all.

use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use serde_json::{Value as Json, json};
use toml_edit::{DocumentMut, Item, Table, Value};

use crate::explained::assigned;

const SCHEMA: &str = "node_modules/wrangler/config-schema.json";

/// The project's configuration, for a Worker that is built already and lies beside it.
pub(crate) fn configuration(toml: &str) -> Result<String> {
    let mut document: DocumentMut = toml.parse().context("wrangler.toml")?;
    document.remove("build").context("wrangler.toml has no [build]")?;
    // In place, so that they keep their comments.
    set(&mut document["main"], "index.js")?;
    set(&mut document["assets"]["directory"], "assets")?;
    let mut members = vec![format!("  \"$schema\": {}", json!(SCHEMA))];
    members.extend(self::members(document.as_table(), "  ")?);
    Ok(format!("{{\n{}\n}}\n", members.join(",\n")))
}

fn set(item: &mut Item, text: &str) -> Result<()> {
    let value = item.as_value_mut().context("wrangler.toml has no main, or no assets")?;
    let decor = value.decor().clone();
    *value = text.into();
    *value.decor_mut() = decor;
    Ok(())
}

/// Each with the comment above it.
fn members(table: &Table, indent: &str) -> Result<Vec<String>> {
    let mut members = Vec::new();
    for (name, item) in table {
        let key = table.key(name).context("a table has its keys")?;
        let above = match item {
            Item::Table(inner) => inner.decor().prefix(),
            Item::ArrayOfTables(array) => array.iter().next().and_then(|first| first.decor().prefix()),
            _ => key.leaf_decor().prefix(),
        };
        let comment = comment(above.and_then(|prefix| prefix.as_str()).unwrap_or_default(), indent);
        members.push(format!("{comment}{indent}{}: {}", json!(name), written(item, indent)?));
    }
    Ok(members)
}

fn written(item: &Item, indent: &str) -> Result<String> {
    let deeper = format!("{indent}  ");
    Ok(match item {
        Item::Table(table) => format!("{{\n{}\n{indent}}}", members(table, &deeper)?.join(",\n")),
        Item::ArrayOfTables(array) => {
            let entries = array.iter().map(|table| {
                let entries = table.iter().map(|(name, item)| Ok(format!("{}: {}", json!(name), written(item, "")?)));
                Ok(format!("{deeper}{{ {} }}", entries.collect::<Result<Vec<_>>>()?.join(", ")))
            });
            format!("[\n{}\n{indent}]", entries.collect::<Result<Vec<_>>>()?.join(",\n"))
        }
        Item::Value(value) => json_of(value)?.to_string(),
        Item::None => "null".to_owned(),
    })
}

fn json_of(value: &Value) -> Result<Json> {
    Ok(match value {
        Value::String(text) => json!(text.value()),
        Value::Integer(number) => json!(number.value()),
        Value::Float(number) => json!(number.value()),
        Value::Boolean(flag) => json!(flag.value()),
        Value::Array(array) => array.iter().map(json_of).collect::<Result<Json>>()?,
        Value::InlineTable(_) | Value::Datetime(_) => anyhow::bail!("wrangler.toml has a value that is not known here"),
    })
}

/// `# why` as `// why`; a variable that is commented out stays one.
fn comment(toml: &str, indent: &str) -> String {
    let mut lines = String::new();
    for line in toml.lines().filter_map(|line| line.trim().strip_prefix('#')) {
        let line = match line.trim_start().split_once('=').filter(|_| assigned(line.trim()).is_some()) {
            Some((name, value)) => format!(" {}: {},", json!(name.trim()), value.trim()),
            None => line.trim_end().to_owned(),
        };
        writeln!(lines, "{indent}//{line}").expect("a string takes everything");
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As whoever reads JSON with comments sees it.
    fn parsed(jsonc: &str) -> Json {
        let lines = jsonc.lines().filter(|line| !line.trim_start().starts_with("//"));
        serde_json::from_str(&lines.collect::<Vec<_>>().join("\n")).unwrap()
    }

    #[test]
    fn a_configuration_keeps_its_values_and_its_reasons() {
        let toml = "name = \"x\"\n# The Worker.\nmain = \"build/index.js\"\n\n[build]\ncommand = \"make\"\n\n# Files.\n[assets]\n\
                    directory = \"files\"\nfirst = [\"/*\", \"!/a\"]\n\n# Bound.\n[[objects.bindings]]\nname = \"L\"\n\n[logs]\n\
                    on = true\n[logs.more]\nrate = 1\n\n[vars]\n# How long.\nLONG = \"6\"\n# WHOSE = \"\"\n# Last.\nLAST = \"//\"\n";
        let jsonc = configuration(toml).unwrap();
        let expected = json!({
            "$schema": SCHEMA, "name": "x", "main": "index.js", "assets": {"directory": "assets", "first": ["/*", "!/a"]},
            "objects": {"bindings": [{"name": "L"}]}, "logs": {"on": true, "more": {"rate": 1}},
            "vars": {"LONG": "6", "LAST": "//"},
        });
        assert_eq!(parsed(&jsonc), expected, "{jsonc}");
        for comment in [
            "  // The Worker.\n  \"main\"",
            "    // How long.\n",
            "    // \"WHOSE\": \"\",\n    // Last.\n",
            "// Bound.",
        ] {
            assert!(jsonc.contains(comment), "{comment} is not in {jsonc}");
        }
    }
}
