//! This machine in words, for those who read the numbers elsewhere.

use std::{fs, process::Command};

use crate::process::{Cores, read};

/// When, and on what.
pub(crate) fn in_words(cores: &Cores) -> String {
    let said = |program: &str, arguments: &[&str]| {
        let said = read(Command::new(program).args(arguments)).unwrap_or_default();
        said.trim().to_owned()
    };
    format!(
        "{}: {} cores of {}, {}",
        said("date", &["-u", "+%Y-%m-%d"]),
        cores.count,
        processor().unwrap_or_else(|| said("sysctl", &["-n", "machdep.cpu.brand_string"])),
        said("uname", &["-sm"]),
    )
}

fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let field = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let kind = if text.contains(" hypervisor ") { " in a virtual machine" } else { "" };
    Some(format!("{}{kind}", field("model name")?))
}
