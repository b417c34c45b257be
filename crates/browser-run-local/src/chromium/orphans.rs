//! Profiles that nobody guards any more: the server and the guard that owned them were killed together.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::{
    chromium::PROFILE,
    processes::{self, Process},
};

/// A profile without a guard, and the process groups that still use it.
#[derive(Debug, PartialEq, Eq)]
struct Stale {
    profile: PathBuf,
    groups: Vec<u32>,
}

/// Removes what earlier servers have left behind, and answers how many profiles that were. What cannot be removed is
/// left alone.
pub(crate) fn sweep(tmpdir: &Path) -> usize {
    let profiles = profiles(tmpdir);
    if profiles.is_empty() {
        return 0;
    }
    let stale = find(profiles, &processes::all(&[]));
    let removed = stale.iter().filter(|stale| match remove(stale, tmpdir) {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(profile = %stale.profile.display(), %error, "a stale profile stays");
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
fn find(profiles: Vec<PathBuf>, processes: &[Process]) -> Vec<Stale> {
    let users = |profile: &Path| {
        let flag = format!("--user-data-dir={}", profile.display());
        let users = processes.iter().filter(|process| process.command.split(' ').any(|word| word == flag));
        let mut groups: Vec<_> = users.map(|process| process.group).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    };
    let is_guarded = |profile: &Path| {
        let guard = format!(" browser-run-local {}", profile.display());
        processes.iter().any(|process| process.command.trim_end().ends_with(&guard))
    };
    let unguarded = profiles.into_iter().filter(|profile| !is_guarded(profile) && !is_elsewhere(profile));
    unguarded.map(|profile| Stale { groups: users(&profile), profile }).collect()
}

/// Whether it is in use on another machine or in another container, which shares the folder but not the processes.
/// Chromium leaves `HOST-PID` in its profile.
fn is_elsewhere(profile: &Path) -> bool {
    let Ok(lock) = fs::read_link(profile.join("SingletonLock")) else { return false };
    let host = lock.to_str().and_then(|lock| lock.rsplit_once('-')).map(|(host, _)| host.to_owned());
    host.is_some_and(|host| host.as_bytes() != rustix::system::uname().nodename().to_bytes())
}

fn remove(stale: &Stale, tmpdir: &Path) -> io::Result<()> {
    for group in stale.groups.iter().filter_map(|group| Pid::from_raw(i32::try_from(*group).ok()?)) {
        kill_process_group(group, Signal::KILL)?;
    }
    // Its socket is in a folder of its own, since a socket's path has to be short.
    let socket = fs::read_link(stale.profile.join("SingletonSocket")).ok();
    if let Some(folder) = socket.as_deref().and_then(Path::parent).filter(|folder| folder.parent() == Some(tmpdir)) {
        fs::remove_dir_all(folder)?;
    }
    fs::remove_dir_all(&stale.profile)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(group: u32, command: &str) -> Process {
        Process { id: group, group, memory_bytes: 0, command: command.to_owned() }
    }

    #[test]
    fn a_profile_is_stale_when_no_guard_names_it() {
        let (guarded, stale) = (PathBuf::from("/t/browser-run-local-a"), PathBuf::from("/t/browser-run-local-b"));
        let processes = [
            process(1, "/bin/sh -c trap … browser-run-local /t/browser-run-local-a "),
            process(2, "chromium --user-data-dir=/t/browser-run-local-a"),
            process(3, "chromium --user-data-dir=/t/browser-run-local-b --x"),
            process(3, "chromium --type=renderer --user-data-dir=/t/browser-run-local-b"),
            process(4, "chromium --user-data-dir=/t/browser-run-local-bb"),
            process(5, "less /t/browser-run-local-b"),
        ];
        let found = find(vec![guarded, stale.clone()], &processes);
        assert_eq!(found, [Stale { profile: stale, groups: vec![3] }]);
    }

    #[test]
    fn only_profiles_of_ours_are_looked_at() {
        let tmp = tempfile::tempdir().unwrap();
        let own = tmp.path().join(format!("{PROFILE}0a1b2c3d"));
        for folder in [own.as_path(), &tmp.path().join("other"), &tmp.path().join(format!("{PROFILE}x"))] {
            fs::create_dir(folder).unwrap();
        }
        assert_eq!(profiles(tmp.path()), [own]);
        assert_eq!(sweep(tmp.path()), 1);
        assert_eq!(fs::read_dir(tmp.path()).unwrap().count(), 2);
    }
}
