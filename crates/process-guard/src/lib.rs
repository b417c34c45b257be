//! Child processes that do not outlive this one, their own children included, however it ends.
//!
//! Each child leads a process group of its own, and so does a guard: a shell that holds the read end of a
//! pipe. When the write end closes (because the [`Group`] is dropped, or because this process died, be it of
//! SIGKILL) the guard ends the child's whole group. The child waits at a gate until its guard stands.

use std::{
    io::{self, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result};

/// `$1` and on: the program. At end of file, that is when nobody is left to open the gate, it does not start.
const GATE: &str = r#"read -r _ && exec "$@" </dev/null"#;

/// `$1`: the group; `$2`: a folder to remove, or nothing. The child has five seconds to end properly.
/// (dash takes a group for an option in every other way of writing `kill`.)
const GUARD: &str = r#"
trap '' HUP INT TERM
read -r _
kill -s TERM -- "-$1" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
    kill -s 0 -- "-$1" 2>/dev/null || break
    sleep 0.2
done
kill -s KILL -- "-$1" 2>/dev/null
[ -z "$2" ] || rm -rf -- "$2"
"#;

/// A child's process group; dropping it ends every process in there, and waits for that.
pub struct Group {
    guard: Child,
}

impl Group {
    /// Starts `command`, without stdin, and with its stdout shown on stderr.
    ///
    /// The child is returned to be waited for. `folder` is removed when the group ends.
    pub fn start(command: &Command, folder: Option<&Path>) -> Result<(Child, Self)> {
        let mut child =
            gated(command).spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard", &child.id().to_string()])
            .args(folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start a guard")?;
        let mut gate = child.stdin.take().expect("the gate's stdin is a pipe");
        gate.write_all(b"\n").context("cannot open the gate")?;
        Ok((child, Self { guard }))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        // It cannot fail: the guard is our child, and nobody else waits for it.
        let _ = self.guard.wait();
    }
}

fn gated(command: &Command) -> Command {
    let mut gate = Command::new("sh");
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
    gate.process_group(0).stdin(Stdio::piped()).stdout(io::stderr());
    gate
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
            let (mut child, _group) = Group::start(&tree(), None).unwrap();
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
        let (mut child, group) = Group::start(Command::new("sleep").arg("600"), Some(&folder)).unwrap();
        let waiting = std::thread::spawn(move || child.wait());
        drop(group);
        assert!(!waiting.join().unwrap().unwrap().success());
        assert!(!folder.exists());
    }

    #[test]
    fn a_child_gets_its_arguments_environment_and_folder() {
        let mut command = Command::new("sh");
        command.args(["-c", r#"[ "$1" = "a  b" ] && [ "$NAME" = value ] && [ "$PWD" = / ]"#, "sh", "a  b"]);
        command.env("NAME", "value").current_dir("/");
        let (mut child, _group) = Group::start(&command, None).unwrap();
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
