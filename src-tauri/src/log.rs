//! The program's log: a file in the data folder that never grows beyond two times its limit, and never holds a
//! secret, because nothing that has one knows how to print it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

/// After this many bytes the file becomes `tillbook.1.log` and a new one is begun.
const LIMIT_BYTES: u64 = 1_000_000;

/// Every request that went well would fill the file in an hour and push out what matters.
const USUAL: &str = "info,tillbook_stripe=warn,zbus=warn";

/// Begins the log. A folder that cannot be written is no reason not to sell: there is no log then.
pub fn begin(folder: &Path) {
    let Ok(file) = Limited::open(folder, LIMIT_BYTES) else { return };
    let filter = EnvFilter::try_from_env("TILLBOOK_LOG").unwrap_or_else(|_| EnvFilter::new(USUAL));
    let logged =
        tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(Mutex::new(file)).try_init();
    if logged.is_ok() {
        log_panics();
    }
}

/// Says where a panic happened. Its message stays out: it may quote the data it tripped over.
fn log_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(at, "a panic was caught");
        before(panic);
    }));
}

/// A file that starts anew when it is full and keeps the one before.
struct Limited {
    path: PathBuf,
    before: PathBuf,
    limit: u64,
    file: File,
    written: u64,
}

impl Limited {
    fn open(folder: &Path, limit: u64) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join("tillbook.log");
        let file = append(&path)?;
        let written = file.metadata()?.len();
        Ok(Self { before: folder.join("tillbook.1.log"), path, limit, file, written })
    }

    fn turn(&mut self) -> io::Result<()> {
        std::fs::rename(&self.path, &self.before)?;
        self.file = append(&self.path)?;
        self.written = 0;
        Ok(())
    }
}

fn append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.written.saturating_add(bytes.len() as u64) > self.limit && self.written > 0 {
            self.turn()?;
        }
        let wrote = self.file.write(bytes)?;
        self.written = self.written.saturating_add(wrote as u64);
        Ok(wrote)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_starts_anew_and_keeps_one_before() {
        let folder = std::env::temp_dir().join(format!("tillbook-log-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let mut log = Limited::open(&folder, 10).unwrap();
        for line in ["one\n", "two\n", "three\n", "4\n"] {
            log.write_all(line.as_bytes()).unwrap();
        }
        assert_eq!(std::fs::read_to_string(folder.join("tillbook.1.log")).unwrap(), "one\ntwo\n");
        assert_eq!(std::fs::read_to_string(folder.join("tillbook.log")).unwrap(), "three\n4\n");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
