//! Profiles that nobody guards any more: the server and the guard that owned them were killed together.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rustix::process::{Pid, Signal, kill_process_group};

use super::{
    process::{GUARD_NAME, PROFILE},
    processes::{self, Process},
};

/// A profile without a guard, and the process groups that still use it.
#[derive(Debug, PartialEq, Eq)]
struct Orphan {
    profile: PathBuf,
    groups: Vec<u32>,
}

/// Removes what earlier servers have left behind, and answers how many profiles that were. What cannot be removed is
/// left alone.
pub(crate) fn remove_all(tmpdir: &Path) -> usize {
    let profiles = profiles(tmpdir);
    if profiles.is_empty() {
        return 0;
    }
    let orphans = unguarded(profiles, &processes::all(&[]));
    let removed = orphans.iter().filter(|orphan| match remove(orphan, tmpdir) {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(profile = %orphan.profile.display(), %error, "an orphaned profile stays");
            false
        }
    });
    removed.count()
}

fn profiles(tmpdir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(tmpdir).into_iter().flatten().flatten();
    let own = entries.filter(|entry| {
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| name.strip_prefix(PROFILE));
        id.is_some_and(|id| id.len() == 8 && u32::from_str_radix(id, 16).is_ok())
    });
    own.map(|entry| entry.path()).collect()
}

/// A guard's last argument is its profile; Chromium's processes have it in a flag.
fn unguarded(profiles: Vec<PathBuf>, processes: &[Process]) -> Vec<Orphan> {
    let users = |profile: &Path| {
        let flag = format!("--user-data-dir={}", profile.display());
        let users = processes.iter().filter(|process| process.command.split(' ').any(|word| word == flag));
        let mut groups: Vec<_> = users.map(|process| process.group).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    };
    let is_guarded = |profile: &Path| {
        let guard = format!(" {GUARD_NAME} {}", profile.display());
        processes.iter().any(|process| process.command.trim_end().ends_with(&guard))
    };
    let orphaned = profiles.into_iter().filter(|profile| !is_guarded(profile) && !is_elsewhere(profile));
    orphaned.map(|profile| Orphan { groups: users(&profile), profile }).collect()
}

/// Whether it is in use on another machine or in another container, which shares the folder but not the processes.
/// Chromium leaves `HOST-PID` in its profile.
fn is_elsewhere(profile: &Path) -> bool {
    let Ok(lock) = fs::read_link(profile.join("SingletonLock")) else { return false };
    let host = lock.to_str().and_then(|lock| lock.rsplit_once('-')).map(|(host, _)| host.to_owned());
    host.is_some_and(|host| host.as_bytes() != rustix::system::uname().nodename().to_bytes())
}

fn remove(orphan: &Orphan, tmpdir: &Path) -> io::Result<()> {
    for group in orphan.groups.iter().filter_map(|group| Pid::from_raw(i32::try_from(*group).ok()?)) {
        kill_process_group(group, Signal::KILL)?;
    }
    // Its socket is in a folder of its own, since a socket's path has to be short.
    let socket = fs::read_link(orphan.profile.join("SingletonSocket")).ok();
    if let Some(folder) = socket.as_deref().and_then(Path::parent).filter(|folder| folder.parent() == Some(tmpdir)) {
        fs::remove_dir_all(folder)?;
    }
    fs::remove_dir_all(&orphan.profile)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(group: u32, command: &str) -> Process {
        Process { id: group, group, memory_bytes: 0, command: command.to_owned() }
    }

    #[test]
    fn a_profile_is_orphaned_when_no_guard_names_it() {
        let (guarded, orphaned) = (PathBuf::from("/t/browser-run-local-a"), PathBuf::from("/t/browser-run-local-b"));
        let processes = [
            process(1, "/bin/sh -c trap … browser-run-local /t/browser-run-local-a "),
            process(2, "chromium --user-data-dir=/t/browser-run-local-a"),
            process(3, "chromium --user-data-dir=/t/browser-run-local-b --x"),
            process(3, "chromium --type=renderer --user-data-dir=/t/browser-run-local-b"),
            process(4, "chromium --user-data-dir=/t/browser-run-local-bb"),
            process(5, "less /t/browser-run-local-b"),
        ];
        let found = unguarded(vec![guarded, orphaned.clone()], &processes);
        assert_eq!(found, [Orphan { profile: orphaned, groups: vec![3] }]);
    }

    #[test]
    fn profiles_of_other_programs_are_left_alone() {
        let tmp = tempfile::tempdir().unwrap();
        let own = tmp.path().join(format!("{PROFILE}0a1b2c3d"));
        for folder in [own.as_path(), &tmp.path().join("other"), &tmp.path().join(format!("{PROFILE}x"))] {
            fs::create_dir(folder).unwrap();
        }
        assert_eq!(profiles(tmp.path()), [own]);
        assert_eq!(remove_all(tmp.path()), 1);
        assert_eq!(fs::read_dir(tmp.path()).unwrap().count(), 2);
    }
}
