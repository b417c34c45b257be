//! How wrangler.toml says that the Worker is deployed.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde::Deserialize;
use toml::Table;

#[derive(Deserialize)]
pub(crate) struct Wrangler {
    pub(crate) compatibility_date: String,
    #[serde(default)]
    pub(crate) compatibility_flags: Vec<String>,
    pub(crate) durable_objects: DurableObjects,
    vars: Table,
}

#[derive(Deserialize)]
pub(crate) struct DurableObjects {
    pub(crate) bindings: Vec<DurableObject>,
}

#[derive(Deserialize)]
pub(crate) struct DurableObject {
    pub(crate) name: String,
    pub(crate) class_name: String,
}

impl Wrangler {
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let file = root.join("wrangler.toml");
        let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is not as expected", file.display()))
    }

    /// The variables, of which `others` replace some.
    pub(crate) fn variables(&self, others: &[(&str, String)]) -> Vec<(String, String)> {
        let is_other = |name: &str| others.iter().any(|(other, _)| *other == name);
        let own = self.vars.iter().filter(|(name, _)| !is_other(name));
        let own = own.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
        own.chain(others.iter().map(|(name, value)| ((*name).to_owned(), value.clone()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_the_files_unless_others_replace_them() {
        let text = "compatibility_date = \"2026-10-01\"\n[vars]\nA = \"1\"\nB = \"2\"\n[[durable_objects.bindings]]\n\
                    name = \"L\"\nclass_name = \"C\"\n";
        let wrangler: Wrangler = toml::from_str(text).unwrap();
        let variables = wrangler.variables(&[("B", "3".to_owned()), ("C", "4".to_owned())]);
        let expected = [("A", "1"), ("B", "3"), ("C", "4")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(variables, expected);
        assert_eq!(wrangler.durable_objects.bindings[0].class_name, "C");
    }
}
