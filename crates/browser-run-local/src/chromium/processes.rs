//! The processes of this machine: their groups, their command lines, and what they use.

use std::{fs, path::Path, process::Command};

/// A living process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) id: u32,
    pub(crate) group: u32,
    /// Its own part of the machine's memory; what it shares is divided by those who share it, where that is known.
    pub(crate) memory_bytes: u64,
    pub(crate) command: String,
}

/// What a group of processes uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Usage {
    pub(crate) processes: usize,
    pub(crate) memory_bytes: u64,
}

/// Groups of processes at one moment.
#[derive(Debug)]
pub(crate) struct Measured(Vec<Process>);

impl Measured {
    /// What the processes of these groups use.
    pub(crate) fn of(&self, groups: &[u32]) -> Usage {
        let own = self.0.iter().filter(|process| groups.contains(&process.group));
        own.fold(Usage::default(), |usage, process| Usage {
            processes: usage.processes + 1,
            memory_bytes: usage.memory_bytes + process.memory_bytes,
        })
    }
}

/// Measures these groups, off the threads that serve: many small files are read.
pub(crate) async fn measure(groups: Vec<u32>) -> Measured {
    let processes = tokio::task::spawn_blocking(move || all(&groups)).await;
    Measured(processes.unwrap_or_default())
}

/// Every process: from `/proc`, or from `ps` where there is none. `measured` are the groups whose memory matters.
pub(crate) fn all(measured: &[u32]) -> Vec<Process> {
    match fs::read_dir("/proc/self").and_then(|_| fs::read_dir("/proc")) {
        Ok(entries) => entries.flatten().filter_map(|entry| from_proc(&entry.path(), measured)).collect(),
        Err(_) => ps().lines().filter_map(from_ps).collect(),
    }
}

/// Every process as `ps` lists it, where there is no `/proc`; nothing where it is not there either.
fn ps() -> String {
    let output = Command::new("ps").args(["-axww", "-o", "pid=,pgid=,rss=,stat=,command="]).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}

fn from_proc(folder: &Path, measured: &[u32]) -> Option<Process> {
    let id = folder.file_name()?.to_str()?.parse().ok()?;
    let (state, group) = state_and_group(&fs::read_to_string(folder.join("stat")).ok()?)?;
    let memory_bytes = if measured.contains(&group) { memory(folder).unwrap_or_default() } else { 0 };
    let command = fs::read(folder.join("cmdline")).ok()?;
    let command = String::from_utf8_lossy(&command).replace('\0', " ");
    (state != 'Z').then_some(Process { id, group, memory_bytes, command })
}

/// From `42 (name) S 1 42 …`, whatever the name is.
fn state_and_group(stat: &str) -> Option<(char, u32)> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?.chars().next()?;
    Some((state, fields.nth(1)?.parse().ok()?))
}

/// The proportional set: Chromium's processes share most of what they map.
fn memory(folder: &Path) -> Option<u64> {
    let rollup = fs::read_to_string(folder.join("smaps_rollup")).ok()?;
    let kilobytes = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    kilobytes.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// From a line of `ps -o pid=,pgid=,rss=,stat=,command=`.
fn from_ps(line: &str) -> Option<Process> {
    let mut fields = line.split_whitespace();
    let mut number = || fields.next()?.parse::<u64>().ok();
    let (id, group, kilobytes) = (number()?, number()?, number()?);
    let state = fields.next()?;
    let command = fields.collect::<Vec<_>>().join(" ");
    let process =
        Process { id: id.try_into().ok()?, group: group.try_into().ok()?, memory_bytes: kilobytes * 1024, command };
    (!state.starts_with('Z')).then_some(process)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_among_all() {
        let id = std::process::id();
        let all = all(&[]);
        let own = all.iter().find(|process| process.id == id).expect("it is alive");
        assert!(own.command.contains("browser_run_local"), "{own:?}");
        let usage = Measured(super::all(&[own.group])).of(&[own.group]);
        assert!(usage.processes >= 1 && usage.memory_bytes > 100_000, "{usage:?}");
    }

    #[test]
    fn a_name_with_parentheses_does_not_confuse() {
        assert_eq!(state_and_group("42 (a) b) S 1 77 42 0"), Some(('S', 77)));
        assert_eq!(state_and_group(""), None);
    }

    #[test]
    fn lines_of_ps_are_read_and_zombies_left_out() {
        let process = Process { id: 1, group: 2, memory_bytes: 3 * 1024, command: "sh -c x".to_owned() };
        assert_eq!(from_ps("  1  2   3 Ss   sh -c  x"), Some(process));
        assert_eq!(from_ps("1 2 0 Z (sh)"), None);
    }
}
