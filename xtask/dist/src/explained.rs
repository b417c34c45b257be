//! What comments say of the names below them, in wrangler.toml and in files of variables: `# why` and then `NAME=…`, or the
//! same commented out.

/// Every name that is set, with what the comment above it says, on one line.
pub(crate) fn names(text: &str) -> Vec<(String, String)> {
    let (mut names, mut comment, mut is_over) = (Vec::new(), Vec::new(), false);
    for line in text.lines().map(str::trim) {
        match line.strip_prefix('#').map(str::trim) {
            // A comment is about what follows, up to the next comment.
            Some(said) if assigned(said).is_none() => {
                if is_over {
                    comment.clear();
                }
                is_over = false;
                comment.push(said);
            }
            Some(_) => is_over = true,
            None => {
                names.extend(assigned(line).map(|name| (name.to_owned(), comment.join(" "))));
                is_over |= !line.is_empty();
            }
        }
    }
    names
}

/// The name in `NAME = …`.
pub(crate) fn assigned(line: &str) -> Option<&str> {
    let (name, _) = line.split_once('=')?;
    let name = name.trim_end();
    let is_name = |character: char| character.is_ascii_uppercase() || character.is_ascii_digit() || character == '_';
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_about_the_names_below_it_up_to_the_next_comment() {
        let text = "# All of them.\n[vars]\n# How long,\n# in seconds.\nLONG = \"6\"\nLONGER = \"7\"\n# Whose. No default.\n# WHOSE = \"\"\n\n# Who.\n\
                    # - one\n# TEAM = \"\"\nOPEN = \"false\"\n# lower = 1 is text\nLAST = \"\"\n";
        let pair = |(name, said): (&str, &str)| (name.to_owned(), said.to_owned());
        let expected = [
            ("LONG", "How long, in seconds."),
            ("LONGER", "How long, in seconds."),
            ("OPEN", "Who. - one"),
            ("LAST", "lower = 1 is text"),
        ];
        assert_eq!(names(text), expected.map(pair));
    }
}
