//! Child processes that do not outlive this one, their own children included, however it ends.
//!
//! Each child leads a process group of its own, and so does a guard: a shell that holds the read end of a
//! pipe. When the write end closes (because the [`Group`] is dropped, or because this process died, be it of
//! SIGKILL) the guard ends the child's whole group. The child waits at a gate until its guard stands: there is no moment
//! in which it runs unguarded.
//!
//! [`Group`] is both for blocking programs. [`gated`] and [`Guard`] are the two commands, for programs that start them
//! in another way.

use std::{
    io::{self, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};

/// `$1` and on: the program. At end of file, that is when nobody is left to open the gate, it does not start.
const GATE: &str = r#"read -r _ && exec "$@" </dev/null"#;

/// Its input is the group's id and then silence until its owner ends. `$1`: a folder to remove, or nothing.
/// Dying processes may still write: the folder has to stay gone.
/// (dash takes a group for an option in every other way of writing `kill`.)
const GUARD: &str = r#"trap '' HUP INT TERM
read -r group
while read -r _; do :; done
left={checks}
if [ -n "$group" ] && [ "$left" -gt 0 ]; then
    kill -s TERM -- "-$group"
    while [ "$left" -gt 0 ] && kill -s 0 -- "-$group"; do sleep 0.2; left=$((left - 1)); done
fi
for attempt in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do
    [ -z "$group" ] || kill -s KILL -- "-$group"
    [ -n "$1" ] || exit 0
    {before_removal}
    rm -rf -- "$1"
    sleep 0.1
    [ -e "$1" ] || exit 0
done"#;

/// The time between two of a guard's checks whether its group has ended.
const CHECK_INTERVAL: Duration = Duration::from_millis(200);

/// How long the children of a [`Group`] may take to end properly.
const GRACE: Duration = Duration::from_secs(5);

/// What a guard does when its input ends.
#[derive(Debug, Clone, Copy)]
pub struct Guard<'a> {
    /// What the shell is called in a list of processes; the folder comes next there.
    pub name: &'a str,
    /// How long the group may take to end properly before it is killed, in steps of 0.2 s; none: it is killed at once.
    pub grace: Duration,
    /// What is removed when the group has ended.
    pub folder: Option<&'a Path>,
    /// Shell commands to run before each attempt to remove the folder, which is `$1` to them.
    pub before_removal: &'a str,
}

impl Guard<'_> {
    /// The guard's command, in a process group of its own, without output. Its stdin is a pipe: the first line is the
    /// group's id, the end of file is the order to end that group. Without a first line it removes the folder only.
    #[must_use]
    pub fn command(&self) -> Command {
        let checks = self.grace.as_millis() / CHECK_INTERVAL.as_millis();
        let script = GUARD.replace("{checks}", &checks.to_string()).replace("{before_removal}", self.before_removal);
        let mut guard = Command::new("/bin/sh");
        guard.args(["-c", &script, self.name]).args(self.folder).process_group(0);
        guard.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        guard
    }
}

/// A command that waits at a gate: it becomes `command` once a line has been written to its stdin, a pipe.
///
/// At the pipe's end it ends instead. It leads a process group of its own. Its arguments, environment and folder are
/// `command`'s; where its stdout and stderr go is up to the caller. `command` itself has no stdin.
#[must_use]
pub fn gated(command: &Command) -> Command {
    let mut gate = Command::new("/bin/sh");
    gate.args(["-c", GATE, "gate"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => gate.env(name, value),
            None => gate.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        gate.current_dir(folder);
    }
    gate.process_group(0).stdin(Stdio::piped());
    gate
}

/// A child's process group; dropping it ends every process in there, and waits for that.
#[derive(Debug)]
pub struct Group {
    guard: Child,
}

/// A child that is guarded.
#[derive(Debug)]
pub struct Guarded {
    /// To be waited for.
    pub child: Child,
    /// Its process group.
    pub group: Group,
}

impl Group {
    /// Starts `command`, without stdin, and with its stdout shown on stderr. `folder` is removed when the group ends.
    ///
    /// # Errors
    /// When the command, a shell or the pipe between them cannot be started; then nothing is left running.
    pub fn start(command: &Command, folder: Option<&Path>) -> Result<Guarded> {
        let program = command.get_program();
        let mut gate = gated(command);
        let mut child =
            gate.stdout(io::stderr()).spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let guard = Guard { name: "guard", grace: GRACE, folder, before_removal: "" };
        let mut guard = guard.command().spawn().context("cannot start a guard")?;
        let input = guard.stdin.as_mut().expect("a guard's stdin is a pipe");
        input.write_all(format!("{}\n", child.id()).as_bytes()).context("cannot tell a guard its group")?;
        let mut gate = child.stdin.take().expect("the gate's stdin is a pipe");
        gate.write_all(b"\n").context("cannot open the gate")?;
        Ok(Guarded { child, group: Self { guard } })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // It cannot fail: the guard is our child, and nobody else waits for it.
        let _ = self.guard.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::{
        env,
        io::{BufRead, BufReader},
        time::{Duration, Instant},
    };

    use super::*;

    /// A shell that ignores the request to end, and has a child of its own; it names both.
    const TREE: &str = "trap '' TERM; sleep 600 & echo \"tree: $$ $!\" >&2; wait; sleep 600";
    const OWNER: &str = "tests::an_owner_that_waits";

    fn tree() -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", TREE]);
        command
    }

    /// Not a test: what `a_killed_owner_takes_the_tree_with_it` starts and kills.
    #[test]
    #[ignore = "another test's child process"]
    fn an_owner_that_waits() {
        if env::var_os("XTASK_TEST_OWNER").is_some() {
            let Guarded { mut child, group: _group } = Group::start(&tree(), None).unwrap();
            child.wait().unwrap();
        }
    }

    #[test]
    fn a_killed_owner_takes_the_tree_with_it() {
        let mut owner = Command::new(env::current_exe().unwrap())
            .args([OWNER, "--exact", "--ignored", "--nocapture"])
            .env("XTASK_TEST_OWNER", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(owner.stderr.take().unwrap()).lines().map(Result::unwrap);
        let line = lines.into_iter().find(|line| line.starts_with("tree: ")).unwrap();
        let pids: Vec<&str> = line.split(' ').skip(1).collect();
        assert!(pids.iter().all(|pid| runs(pid)), "{line}");
        owner.kill().unwrap();
        owner.wait().unwrap();
        pids.iter().for_each(|pid| wait_for_end(pid));
    }

    #[test]
    fn a_dropped_group_is_gone_and_its_folder_too() {
        let folder = env::temp_dir().join(format!("xtask-test-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        let Guarded { mut child, group } = Group::start(Command::new("sleep").arg("600"), Some(&folder)).unwrap();
        let waiting = std::thread::spawn(move || child.wait());
        drop(group);
        assert!(!waiting.join().unwrap().unwrap().success());
        assert!(!folder.exists());
    }

    #[test]
    fn a_guard_without_a_group_removes_its_folder_and_what_goes_before() {
        let folder = env::temp_dir().join(format!("xtask-test-guard-{}", std::process::id()));
        let beside = folder.with_extension("beside");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(&beside, "").unwrap();
        let before_removal = r#"rm -f -- "$1.beside""#;
        let guard = Guard { name: "guard", grace: Duration::ZERO, folder: Some(&folder), before_removal };
        let mut guard = guard.command().spawn().unwrap();
        drop(guard.stdin.take());
        guard.wait().unwrap();
        assert!(!folder.exists() && !beside.exists());
    }

    #[test]
    fn a_child_gets_its_arguments_environment_and_folder() {
        let mut command = Command::new("sh");
        command.args(["-c", r#"[ "$1" = "a  b" ] && [ "$NAME" = value ] && [ "$PWD" = / ]"#, "sh", "a  b"]);
        command.env("NAME", "value").current_dir("/");
        let Guarded { mut child, group: _group } = Group::start(&command, None).unwrap();
        assert!(child.wait().unwrap().success());
    }

    /// A zombie that nobody reaps does not count.
    fn runs(pid: &str) -> bool {
        let state = Command::new("ps").args(["-o", "stat=", "-p", pid]).output().unwrap().stdout;
        !state.is_empty() && !state.starts_with(b"Z")
    }

    fn wait_for_end(pid: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while runs(pid) {
            assert!(Instant::now() < deadline, "{pid} is still there");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
