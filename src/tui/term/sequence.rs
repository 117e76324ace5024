//! Sequences around the frames: entering and leaving, clipboard, bell.

use super::Caps;
use crate::outbox::notify::Escape;
use base64::Engine;

/// Most base64 bytes that are copied; terminals cut or refuse longer sequences.
pub const COPY_LIMIT: usize = 74_000;

/// Begins a frame that is shown at once.
pub const BEGIN: &[u8] = b"\x1b[?2026h";
/// Ends it.
pub const END: &[u8] = b"\x1b[?2026l";
/// Shows the cursor.
pub const SHOW_CURSOR: &[u8] = b"\x1b[?25h";
/// Hides the cursor.
pub const HIDE_CURSOR: &[u8] = b"\x1b[?25l";
/// Rings the bell.
pub const BELL: &[u8] = b"\x07";

/// Takes the terminal over: alternate screen, bracketed paste, focus reports, no cursor, a title.
/// The mouse stays the terminal's own (selecting text) unless asked for.
pub fn enter(caps: &Caps, mouse: bool, title: &str) -> Vec<u8> {
    if caps.dumb {
        return Vec::new();
    }
    let mut out = b"\x1b[?1049h\x1b[?2004h\x1b[?1004h\x1b[?25l".to_vec();
    if mouse {
        out.extend_from_slice(b"\x1b[?1000h\x1b[?1006h");
    }
    // Pushing the title first lets `leave` give the old one back.
    out.extend_from_slice(b"\x1b[22;2t\x1b]2;");
    out.extend(title.chars().filter(|c| !c.is_control()).collect::<String>().into_bytes());
    out.extend_from_slice(b"\x07");
    out
}

/// Gives the terminal back as it was. Safe to send twice, and without [`enter`].
pub fn leave(caps: &Caps) -> Vec<u8> {
    if caps.dumb {
        return b"\r\n".to_vec();
    }
    let mut out = Vec::new();
    if caps.sync {
        out.extend_from_slice(END);
    }
    out.extend_from_slice(b"\x1b[0m\x1b[?1006l\x1b[?1000l\x1b[?1004l\x1b[?2004l\x1b[23;2t");
    out.extend_from_slice(b"\x1b[?1049l\x1b[?25h");
    out
}

/// Whether a text is short enough for [`copy`].
pub fn fits_clipboard(text: &str) -> bool {
    text.len().div_ceil(3) * 4 <= COPY_LIMIT
}

/// Puts text on the clipboard of the terminal in front (OSC 52), through tmux if need be.
/// `None`: the text is too long for terminals to take.
pub fn copy(text: &str, tmux: bool) -> Option<Vec<u8>> {
    if !fits_clipboard(text) {
        return None;
    }
    let coded = base64::engine::general_purpose::STANDARD.encode(text);
    let plain = format!("\x1b]52;c;{coded}\x07");
    let wrapped = format!("\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b"));
    // tmux takes the plain form when its `set-clipboard` is on and the wrapped one when
    // `allow-passthrough` is: both are sent, and setting the same text twice does no harm.
    Some(if tmux { (plain + &wrapped).into_bytes() } else { plain.into_bytes() })
}

/// Most characters of a notice on the desktop.
const NOTICE_LIMIT: usize = 200;

/// Has the terminal show a notice on its desktop, through tmux if need be. Nothing in the text can
/// end the sequence or begin another one.
pub fn desktop(escape: Escape, text: &str, tmux: bool) -> Vec<u8> {
    let shown = |c: &char| !c.is_control();
    let text: String = text.chars().filter(shown).take(NOTICE_LIMIT).collect();
    let plain = match escape {
        // Some terminals take a number before a semicolon for an order of another kind.
        Escape::Osc9 => format!("\x1b]9;stockdeck: {text}\x07"),
        Escape::Osc777 => {
            format!("\x1b]777;notify;stockdeck;{}\x07", text.replace(';', ","))
        }
    };
    match tmux {
        // tmux passes it on when `allow-passthrough` is on.
        true => format!("\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b")).into_bytes(),
        false => plain.into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_entered_is_left() {
        let (enter, leave) = (enter(&Caps::FULL, true, "a\x1b]b"), leave(&Caps::FULL));
        let (enter, leave) = (String::from_utf8(enter).unwrap(), String::from_utf8(leave).unwrap());
        for mode in ["1049", "2004", "1004", "1000", "1006"] {
            assert!(enter.contains(&format!("\x1b[?{mode}h")), "{mode}");
            assert!(leave.contains(&format!("\x1b[?{mode}l")), "{mode}");
        }
        assert!(leave.ends_with("\x1b[?25h"));
        assert!(enter.contains("\x1b]2;a]b\x07"), "the title cannot carry a sequence");
    }

    #[test]
    fn a_dumb_terminal_gets_no_sequence() {
        let dumb = Caps { dumb: true, ..Caps::FULL };
        assert!(enter(&dumb, true, "x").is_empty());
        assert!(!leave(&dumb).contains(&0x1b));
    }

    #[test]
    fn no_text_of_a_notice_can_write_to_the_terminal() {
        let hostile = "a\x07\x1b]2;owned\x07\u{9c}\u{9d}52;c;\n;b";
        for escape in [Escape::Osc9, Escape::Osc777] {
            let sent = String::from_utf8(desktop(escape, hostile, false)).unwrap();
            let inner = sent.strip_prefix("\x1b]").unwrap().strip_suffix('\x07').unwrap();
            assert!(!inner.chars().any(char::is_control), "{sent:?}");
        }
        let two = String::from_utf8(desktop(Escape::Osc777, "x;y", false)).unwrap();
        assert_eq!(two, "\x1b]777;notify;stockdeck;x,y\x07");
        let tmux = String::from_utf8(desktop(Escape::Osc9, "x", true)).unwrap();
        assert_eq!(tmux, "\x1bPtmux;\x1b\x1b]9;stockdeck: x\x07\x1b\\");
        assert!(desktop(Escape::Osc9, &"x".repeat(9_000), false).len() < 300);
    }

    #[test]
    fn copying_goes_through_tmux_and_has_an_end() {
        assert_eq!(copy("hi", false).unwrap(), b"\x1b]52;c;aGk=\x07");
        let tmux = copy("hi", true).unwrap();
        assert!(tmux.ends_with(b"\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\"));
        assert_eq!(copy(&"x".repeat(COPY_LIMIT), false), None);
    }
}
