//! Who is at the other end of a socket: known from the kernel, not from what a client claims.

use crate::domain::{Actor, text};
use tokio::net::unix::UCred;

/// Longest address that is kept of what a client claims.
const LONGEST_CLAIM: usize = 60;

/// Where a client says it comes from, from its environment: the SSH client's address.
pub fn claimed_from() -> Option<String> {
    let connection = std::env::var("SSH_CONNECTION").or_else(|_| std::env::var("SSH_CLIENT"));
    connection.ok()?.split_whitespace().next().map(str::to_owned)
}

/// The actor behind a peer. What it claims about its origin is believed only of the owner's own
/// user: anybody else could put anything there.
pub fn actor(peer: &UCred, own_uid: u32, what: &str, claimed: Option<&str>) -> Actor {
    let mut from = what.to_owned();
    if let Some(pid) = peer.pid() {
        from.push_str(&format!(" {pid}"));
    }
    if let Some(claim) = claimed.filter(|_| peer.uid() == own_uid) {
        let claim: String = text::clean(claim).chars().take(LONGEST_CLAIM).collect();
        from.push_str(&format!(" from {claim}"));
    }
    Actor { user: user_name(peer.uid()).into(), uid: peer.uid(), from: from.into() }
}

/// A user's name from the system's list, else `uid N`.
pub fn user_name(uid: u32) -> String {
    let list = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    name_in(&list, uid).unwrap_or_else(|| format!("uid {uid}"))
}

/// The name of this process's user.
pub fn own_name() -> String {
    user_name(rustix::process::getuid().as_raw())
}

fn name_in(list: &str, uid: u32) -> Option<String> {
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| text::clean(name))
    })
}

/// A group's number from the system's list.
pub fn group_id(name: &str) -> Option<u32> {
    let list = std::fs::read_to_string("/etc/group").ok()?;
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then(|| fields.nth(1)?.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_system() {
        let list = "root:x:0:0:root:/root:/bin/sh\nbad line\nmei:x:1001:1001::/home/mei:/bin/sh\n";
        assert_eq!(name_in(list, 1001).as_deref(), Some("mei"));
        assert_eq!(name_in(list, 7), None);
        assert_eq!(user_name(4_000_000_001), "uid 4000000001");
        assert_eq!(group_id("no such group"), None);
    }

    #[tokio::test]
    async fn a_claim_is_believed_of_the_owners_user_only() {
        let (a, _b) = tokio::net::UnixStream::pair().unwrap();
        let peer = a.peer_cred().unwrap();
        let pid = std::process::id();
        let own = actor(&peer, peer.uid(), "console", Some("10.0.0.7\u{1b}[2J"));
        assert_eq!(*own.from, format!("console {pid} from 10.0.0.7[2J"));
        assert_eq!(own.uid, rustix::process::getuid().as_raw());
        let other = actor(&peer, peer.uid() + 1, "console", Some("10.0.0.7"));
        assert_eq!(*other.from, format!("console {pid}"));
    }
}
