//! A file that is there whole or not at all: written beside its place under another name, flushed to disk, renamed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// A file being written. Dropped before [`AtomicFile::commit`], it leaves nothing behind, and what stood at its place
/// before stays.
pub struct AtomicFile {
    file: File,
    part: PathBuf,
    place: PathBuf,
    committed: bool,
    sha256: Sha256,
    bytes: u64,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// SHA-256 of the content, hex.
    pub sha256: String,
    /// Length in bytes.
    pub bytes: u64,
}

impl AtomicFile {
    /// Begins a file that will stand at `place`. Its folder must exist.
    pub fn create(place: &Path) -> io::Result<AtomicFile> {
        let place = landing(place)?;
        let name = place.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::IsADirectory))?;
        let mut part_name = std::ffi::OsString::from(".");
        part_name.push(name);
        part_name.push(format!(".part-{}", std::process::id()));
        let part = place.with_file_name(part_name);
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(&part)?;
        Ok(AtomicFile { file, part, place, committed: false, sha256: Sha256::new(), bytes: 0 })
    }

    /// Puts the file in its place, durably.
    pub fn commit(mut self) -> io::Result<Written> {
        self.file.sync_all()?;
        fs::rename(&self.part, &self.place)?;
        self.committed = true;
        sync_folder(&self.place);
        let digest = std::mem::take(&mut self.sha256).finalize();
        Ok(Written { sha256: hex(&digest), bytes: self.bytes })
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.sha256.update(bytes.get(..written).unwrap_or(bytes));
        self.bytes = self.bytes.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if !self.committed {
            let _ = fs::remove_file(&self.part);
        }
    }
}

/// Where the file will really stand. A link is followed, so that it stays one. A device or a pipe is refused: the rename
/// would put the file in its stead, and `/dev/null` would be gone for the whole machine.
fn landing(place: &Path) -> io::Result<PathBuf> {
    let found = match fs::symlink_metadata(place) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(place.to_owned()),
        found => found?,
    };
    let place = if found.is_symlink() { fs::canonicalize(place)? } else { place.to_owned() };
    let there = fs::metadata(&place)?;
    if there.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    if !there.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "a device or a pipe stands there, not a file",
        ));
    }
    Ok(place)
}

/// The rename is durable once the folder is; where folders cannot be opened (Windows) the system does it itself.
fn sync_folder(place: &Path) {
    let folder = place.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len().saturating_mul(2)), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The reverse of [`hex`]; none if it is not hexadecimal of `N` bytes.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N.checked_mul(2)? {
        return None;
    }
    let mut bytes = [0_u8; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte =
            u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|p| !p.starts_with('+'))?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{AtomicFile, hex, unhex};
    use std::fs;
    use std::io::Write;

    #[test]
    fn what_is_not_committed_leaves_the_old_file_alone() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a.csv");
        fs::write(&place, "old").unwrap();
        let mut file = AtomicFile::create(&place).unwrap();
        file.write_all(b"new").unwrap();
        drop(file);
        assert_eq!(fs::read_to_string(&place).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_committed_file_replaces_the_old_one_and_knows_its_hash() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a.csv");
        fs::write(&place, "something longer").unwrap();
        let mut file = AtomicFile::create(&place).unwrap();
        file.write_all(b"ab").unwrap();
        file.write_all(b"c").unwrap();
        let written = file.commit().unwrap();
        assert_eq!(fs::read_to_string(&place).unwrap(), "abc");
        assert_eq!(written.bytes, 3);
        assert_eq!(written.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_is_not_a_place_for_a_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(AtomicFile::create(folder.path()).is_err());
        assert!(AtomicFile::create(&folder.path().join("missing/a.csv")).is_err());
    }

    #[test]
    #[cfg(unix)]
    fn what_is_not_a_file_is_not_replaced() {
        use std::os::unix::net::UnixListener;
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("socket");
        let _socket = UnixListener::bind(&place).unwrap();
        assert!(AtomicFile::create(&place).is_err());
        // Never written to: if this failed, it would take the machine's own device away.
        assert!(AtomicFile::create(std::path::Path::new("/dev/null")).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    #[cfg(unix)]
    fn a_link_stays_a_link_to_the_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a.csv");
        fs::write(&place, "old").unwrap();
        let link = folder.path().join("latest.csv");
        std::os::unix::fs::symlink(&place, &link).unwrap();
        let mut file = AtomicFile::create(&link).unwrap();
        file.write_all(b"new").unwrap();
        file.commit().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&place).unwrap(), "new");
    }

    #[test]
    fn hexadecimal_reads_back_and_refuses_the_rest() {
        assert_eq!(unhex::<3>(&hex(&[0, 127, 255])), Some([0, 127, 255]));
        assert_eq!(unhex::<2>("00"), None);
        assert_eq!(unhex::<1>("+1"), None);
        assert_eq!(unhex::<1>("zz"), None);
    }
}
