//! The man page, with every subcommand.

use super::args::Cli;
use crate::engine::api::Refusal;
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use std::io;

/// The page as roff.
pub fn page() -> Result<String, Refusal> {
    let mut out = Vec::new();
    render(&mut out)
        .map_err(|error| Refusal::failed(format!("cannot render the man page: {error}")))?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn render(out: &mut Vec<u8>) -> io::Result<()> {
    let mut command = Cli::command();
    // Names subcommands with what stands before them, as a person types them.
    command.build();
    let man = Man::new(command.clone());
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    subcommands(&command, "stockdeck", out)?;
    man.render_version_section(out)
}

fn subcommands(command: &Command, before: &str, out: &mut Vec<u8>) -> io::Result<()> {
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        if sub.get_name() == "help" {
            continue;
        }
        let name = format!("{before} {}", sub.get_name());
        let mut section = format!(".SH SYNOPSIS\n{}\n", usage(sub)).into_bytes();
        // What applies to every command is told once, at the top.
        let own = sub.clone().mut_args(|arg| {
            let global = arg.is_global_set() || arg.get_id() == "help";
            arg.hide(global)
        });
        let man = Man::new(own);
        man.render_description_section(&mut section)?;
        man.render_options_section(&mut section)?;
        out.extend(format!(".SH \"{}\"\n", name.to_uppercase()).into_bytes());
        out.extend(String::from_utf8_lossy(&section).replace(".SH ", ".SS ").into_bytes());
        subcommands(sub, &name, out)?;
    }
    Ok(())
}

/// How a command is typed, in one line of roff; what is hidden is left out.
fn usage(command: &Command) -> String {
    let usage = command.clone().render_usage().to_string();
    usage.trim_start_matches("Usage: ").trim().replace('-', "\\-")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_tells_every_subcommand_with_its_options() {
        let page = super::page().unwrap();
        for section in ["STOCKDECK ORDERS", "STOCKDECK DEMO FILL", "STOCKDECK CONFIG CHECK"] {
            assert!(page.contains(&format!(".SH \"{section}\"")), "{section}\n{page}");
        }
        for option in ["filter", "orders", "reason", "speed"] {
            assert!(page.contains(&format!("\\-\\-{option}")), "{option}");
        }
        assert!(!page.contains("until\\-last\\-console"));
    }
}
