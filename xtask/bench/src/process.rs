//! What a process costs, and where it runs.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{self, Command},
    thread,
};

use anyhow::{Context, Result, ensure};

/// One core for the Worker and one for everything else, where there are two and `taskset`.
pub(crate) struct Cores {
    /// How many this process could use when it began.
    pub(crate) count: usize,
    /// Of the Worker, and of the rest.
    pair: Option<(usize, usize)>,
}

impl Cores {
    /// All of them for everything.
    pub(crate) fn together() -> Self {
        Self { count: thread::available_parallelism().map_or(1, usize::from), pair: None }
    }

    /// Moves this process to its own.
    pub(crate) fn separated() -> Result<Self> {
        let all = Self::together();
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).map(cores);
        let allowed = allowed.unwrap_or_default();
        let has_taskset = read(Command::new("taskset").arg("--version")).is_ok();
        let pair = match (allowed.first(), allowed.last()) {
            (Some(first), Some(last)) if first != last && has_taskset => Some((*first, *last)),
            _ => None,
        };
        if let Some((_, own)) = pair {
            read(Command::new("taskset").args(["-acp", &own.to_string(), &process::id().to_string()]))?;
        }
        Ok(Self { pair, ..all })
    }

    /// A command that runs `program` where the Worker runs.
    pub(crate) fn workers(&self, program: &Path) -> Command {
        let Some((core, _)) = self.pair else { return Command::new(program) };
        let mut command = Command::new("taskset");
        command.args(["-c", &core.to_string()]).arg(program);
        command
    }

    pub(crate) fn are_separate(&self) -> bool {
        self.pair.is_some()
    }
}

/// Reads the kernel's way of writing a set of numbers: `0-2,5`.
fn cores(list: &str) -> Vec<usize> {
    let ranges = list.trim().split(',').filter_map(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        Some(first.parse().ok()?..=last.parse().ok()?)
    });
    ranges.flatten().collect()
}

/// What has been used so far, or between two times, in milliseconds of one core.
#[derive(Clone, Copy)]
pub(crate) struct Usage {
    /// By one process; `NaN` where none was asked for.
    pub(crate) process_ms: f64,
    /// By everybody else on this machine, except this program; `NaN` where the system does not tell.
    pub(crate) others_ms: f64,
}

impl Usage {
    pub(crate) fn until_now(pid: Option<u32>) -> Result<Self> {
        let process_ms = pid.map(cpu_ms).transpose()?;
        let all = fs::read_to_string("/proc/stat").ok().and_then(|stat| busy_ticks(&stat));
        let others_ms = match all {
            Some(ticks) => ticks * MS_A_TICK - process_ms.unwrap_or(0.0) - cpu_ms(process::id())?,
            None => f64::NAN,
        };
        Ok(Self { process_ms: process_ms.unwrap_or(f64::NAN), others_ms })
    }

    pub(crate) fn since(self, before: Self) -> Self {
        Self { process_ms: self.process_ms - before.process_ms, others_ms: self.others_ms - before.others_ms }
    }
}

/// The processor time that a process has used so far, all its threads together, in milliseconds.
fn cpu_ms(pid: u32) -> Result<f64> {
    if let Ok(stat) = fs::read_to_string(format!("/proc/{pid}/stat")) {
        return ticks(&stat).map(|ticks| ticks * MS_A_TICK).context("/proc has another format here");
    }
    let time = read(Command::new("ps").args(["-o", "time=", "-p", &pid.to_string()]))?;
    clock(&time).context("ps has another format here")
}

/// What the kernel shows times in, whatever it counts in: <https://man7.org/linux/man-pages/man7/time.7.html>
const MS_A_TICK: f64 = 10.0;

/// User and system time of `/proc/PID/stat`. The second field, the program's name, may hold anything.
fn ticks(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<f64>().ok();
    Some(next()? + next()?)
}

/// What all cores together have done, by `/proc/stat`; a virtual machine's host that takes one away counts.
fn busy_ticks(stat: &str) -> Option<f64> {
    let fields = stat.lines().next()?.strip_prefix("cpu ")?.split_whitespace();
    let fields: Vec<f64> = fields.filter_map(|field| field.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq, steal: what follows is in them already.
    let [user, nice, system, _, _, interrupts, soft_interrupts, steal, ..] = fields[..] else { return None };
    Some(user + nice + system + interrupts + soft_interrupts + steal)
}

/// A time as ps writes it, `[[days-]hours:]minutes:seconds`, in milliseconds.
fn clock(time: &str) -> Option<f64> {
    let time = time.trim();
    let (days, time) = time.split_once('-').unwrap_or(("0", time));
    let seconds = time.split(':').try_fold(0.0, |sum, part| Some(sum * 60.0 + part.parse::<f64>().ok()?))?;
    Some((days.parse::<f64>().ok()? * 86_400.0 + seconds) * 1_000.0)
}

/// The memory that a process has in use, in MiB.
pub(crate) fn memory_mib(pid: u32) -> Result<f64> {
    let kib = read(Command::new("ps").args(["-o", "rss=", "-p", &pid.to_string()]))?;
    Ok(kib.trim().parse::<f64>().context("ps has another format here")? / 1_024.0)
}

/// Two that nobody listens on: both are held at once, so that they differ.
pub(crate) fn free_addresses() -> Result<[SocketAddr; 2]> {
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port");
    let (one, other) = (listen()?, listen()?);
    Ok([one.local_addr()?, other.local_addr()?])
}

/// What a command says.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    ensure!(output.status.success(), "{command:?} failed: {}", output.status);
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_whatever_the_program_is_called() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 9 9 20 0 12 0 5 1 1";
        assert_eq!(ticks(stat), Some(300.0));
        assert_eq!(ticks("7 (a"), None);
    }

    #[test]
    fn idle_cores_do_nothing() {
        assert_eq!(busy_ticks("cpu  1 2 4 1000 1000 8 16 32 7 7\ncpu0 1 1"), Some(63.0));
        assert_eq!(busy_ticks("cpu 1 2"), None);
    }

    #[test]
    fn processor_time_is_read_as_ps_writes_it() {
        assert_eq!(clock(" 0:01.50\n"), Some(1_500.0));
        assert_eq!(clock("1-02:03:04"), Some(93_784_000.0));
        assert_eq!(clock("a:b"), None);
    }

    #[test]
    fn cores_are_read_as_the_kernel_lists_them() {
        assert_eq!(cores("\t0-2,5\n"), [0, 1, 2, 5]);
        assert_eq!(cores("3"), [3]);
        assert!(cores("").is_empty());
    }

    #[test]
    fn this_process_uses_time_and_memory() {
        assert!(cpu_ms(process::id()).unwrap() >= 0.0);
        assert!(Usage::until_now(None).unwrap().process_ms.is_nan());
        assert!(memory_mib(process::id()).unwrap() > 0.1);
    }
}
