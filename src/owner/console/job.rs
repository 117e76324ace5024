//! Whether a stopped console could be brought back.

// Not rustix: its ids are never 0, and a group, session or parent outside the process namespace (the
// first process of a container) is 0 (pid_namespaces(7)).
use nix::unistd::{Pid, getpgid, getpid, getppid, getsid};

/// Longest chain of wrappers between a console and its shell that is looked at.
const MOST_WRAPPERS: usize = 16;

/// What a process outside the namespace looks like from within it.
const OUTSIDE: Pid = Pid::from_raw(0);

/// Whether some shell would notice that this process's group stopped and could let it go on. Under
/// `ssh -t host stockdeck` there is none: the group is the session's first, and nothing would ever
/// wake it.
pub(super) fn can_go_on() -> bool {
    let own = getpid();
    let (Ok(group), Ok(session)) = (getpgid(None), getsid(None)) else { return false };
    let mut parent = getppid();
    for _ in 0..MOST_WRAPPERS {
        if parent == own || parent == OUTSIDE {
            return false;
        }
        match (getpgid(Some(parent)), getsid(Some(parent))) {
            (Ok(of), Ok(within)) if within != session || of == group && of == session => {
                // Outside the session, or the session's own first group: nobody minds this one.
                return false;
            }
            (Ok(of), Ok(_)) if of != group => return true,
            (Ok(_), Ok(_)) => match parent_of(parent) {
                Some(next) => parent = next,
                None => return false,
            },
            _ => return false,
        }
    }
    false
}

/// A process's parent, where the system says.
fn parent_of(pid: Pid) -> Option<Pid> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before the state may hold anything, even parentheses.
    let after = stat.rsplit_once(')')?.1;
    Some(Pid::from_raw(after.split_whitespace().nth(1)?.parse().ok()?))
}
