use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use jiff::civil::Date;

/// Writes lines where they belong.
pub(super) struct Writer {
    place: Place,
    open: Mutex<Open>,
}

pub(super) enum Place {
    File(PathBuf),
    /// A file for each day (UTC), `NAME-2026-11-21.jsonl`.
    Daily {
        folder: PathBuf,
        name: Box<str>,
    },
}

#[derive(Default)]
struct Open {
    file: Option<Opened>,
    day: Option<Date>,
}

struct Opened {
    file: File,
    path: PathBuf,
    id: Id,
}

/// Which file it is, whatever it is called: others move and remove files, and what is written to one that is gone is lost.
#[derive(PartialEq, Eq)]
struct Id {
    #[cfg(unix)]
    device_and_inode: (u64, u64),
}

impl Writer {
    pub(super) fn new(place: Place) -> Self {
        Self { place, open: Mutex::default() }
    }

    /// Makes sure that it can be written.
    pub(super) fn open(self) -> io::Result<Self> {
        let file = Opened::append(self.place.path(None))?;
        self.open.lock().unwrap_or_else(PoisonError::into_inner).file = Some(file);
        Ok(self)
    }

    pub(super) const fn is_daily(&self) -> bool {
        matches!(self.place, Place::Daily { .. })
    }

    pub(super) fn path(&self) -> PathBuf {
        self.place.path(None)
    }

    /// Writes whole lines of one day, in one piece.
    pub(super) fn write(&self, day: Option<Date>, lines: &[u8]) -> io::Result<()> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.day != day {
            *open = Open { day, file: None };
        }
        open.file.take_if(|file| !file.is_there());
        let opened = match &mut open.file {
            Some(opened) => opened,
            closed => closed.insert(Opened::append(self.place.path(day))?),
        };
        let written = opened.file.write_all(lines);
        if written.is_err() {
            // The disk may have been full: the next line opens it anew.
            open.file = None;
        }
        written
    }
}

impl Place {
    fn path(&self, day: Option<Date>) -> PathBuf {
        match (self, day) {
            (Self::File(path), _) => path.clone(),
            (Self::Daily { folder, name }, Some(day)) => folder.join(format!("{name}-{day}.jsonl")),
            (Self::Daily { folder, name }, None) => folder.join(format!("{name}.jsonl")),
        }
    }
}

impl Opened {
    /// Opens a file to write behind its last line. One that ends within a line, as a full disk or a process that died
    /// leaves it, gets an end of it: that line is lost, and not the next one, too.
    fn append(path: PathBuf) -> io::Result<Self> {
        let mut file = OpenOptions::new().create(true).append(true).read(true).open(&path)?;
        // What has no last byte is a new file.
        let mut last = [b'\n'];
        if file.seek(SeekFrom::End(-1)).is_ok() && file.read_exact(&mut last).is_ok() && last != *b"\n" {
            file.write_all(b"\n")?;
        }
        let id = Id::of(&file.metadata()?);
        Ok(Self { file, path, id })
    }

    /// Whether its path still leads to it.
    fn is_there(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|there| Id::of(&there) == self.id)
    }
}

impl Id {
    #[cfg(unix)]
    fn of(file: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self { device_and_inode: (file.dev(), file.ino()) }
    }

    /// Elsewhere any file at its path is taken for it.
    #[cfg(not(unix))]
    const fn of(_: &Metadata) -> Self {
        Self {}
    }
}
