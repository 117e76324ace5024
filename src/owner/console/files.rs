//! The files of a dump, written into the folder where the console was started.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

/// Writes new files and says what came of it, for the person. The owner names them; a name that
/// would lead elsewhere is not followed, and a file that is there already is left as it is.
pub(super) fn write(files: Vec<(String, String)>) -> String {
    let folder =
        std::env::current_dir().map_or_else(|_| ".".to_owned(), |d| d.display().to_string());
    write_into(Path::new("."), &folder, files)
}

fn write_into(folder: &Path, called: &str, files: Vec<(String, String)>) -> String {
    let mut written = Vec::new();
    for (name, content) in files {
        match write_new(folder, &name, &content) {
            Ok(()) => written.push(name),
            Err(error) => return format!("{name} could not be written in {called}: {error}."),
        }
    }
    format!("Wrote {} in {called}.", written.join(" and "))
}

fn write_new(folder: &Path, name: &str, content: &str) -> io::Result<()> {
    if Path::new(name).file_name().is_none_or(|file| file != name) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "that is no plain file name"));
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(folder.join(name))?;
    file.write_all(content.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(folder: &Path, name: &str) -> String {
        write_into(folder, "here", vec![(name.into(), "text".into())])
    }

    #[test]
    fn files_are_new_and_lie_in_the_folder() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(told(root.path(), "a.txt"), "Wrote a.txt in here.");
        assert_eq!(std::fs::read_to_string(root.path().join("a.txt")).unwrap(), "text");
        std::fs::write(root.path().join("a.txt"), "mine").unwrap();
        assert!(told(root.path(), "a.txt").starts_with("a.txt could not be written in here: "));
        assert_eq!(std::fs::read_to_string(root.path().join("a.txt")).unwrap(), "mine");
        for name in ["../b.txt", "/tmp/b.txt", "..", "", "sub/b.txt"] {
            assert!(told(root.path(), name).contains("could not be written"), "{name}");
        }
        assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 1);
    }
}
