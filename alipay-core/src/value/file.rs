//! Files to upload.

use std::{
    fmt, io,
    io::{Read as _, Seek as _, SeekFrom},
    path::Path,
    sync::{Arc, Mutex},
};

use bytes::Bytes;

use crate::future::BoxFuture;

/// How much of a file of the disk is held in memory.
const CHUNK: u64 = 64 * 1024;

/// A file to upload, from memory, from the disk or from another source.
///
/// ```
/// use alipay_core::value::File;
///
/// let file = File::bytes("logo.png", b"\x89PNG".as_slice());
/// assert_eq!((file.name(), file.media_type(), file.size()), ("logo.png", "image/png", 4));
/// ```
#[derive(Clone)]
pub struct File {
    name: Arc<str>,
    media_type: Arc<str>,
    content: Source,
}

#[derive(Clone)]
enum Source {
    Bytes(Bytes),
    Other(Arc<dyn Content>),
}

/// The content of a file. It is read in pieces while it is sent, and again when a call is repeated.
pub trait Content: Send + Sync + 'static {
    /// Its size in bytes. It must not change.
    fn size(&self) -> u64;

    /// Some bytes from a position on, at least one. They are held in memory. Positions are before the end
    /// and in order, and each attempt starts at 0.
    fn read(&self, position: u64) -> BoxFuture<'static, io::Result<Bytes>>;
}

impl File {
    /// A file in memory.
    pub fn bytes(name: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self::new(name.into(), Source::Bytes(content.into()))
    }

    /// A file of the disk, with its own name. It is opened at once, and read while it is sent, in pieces
    /// of 64 KiB. An error names the path. A folder, a pipe or a device is an error, too.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let named = |error: io::Error| {
            io::Error::new(error.kind(), format!("cannot open {}: {error}", path.display()))
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file = std::fs::File::open(path).map_err(named)?;
        let metadata = file.metadata().map_err(named)?;
        // Of pipes and devices the size is not known, and folders cannot be read.
        if !metadata.is_file() {
            let problem = "it is no regular file; read it, and give `File::bytes` its content";
            return Err(named(io::Error::new(io::ErrorKind::InvalidInput, problem)));
        }
        let size = metadata.len();
        Ok(Self::streamed(name, OnDisk { file: Arc::new(Mutex::new(file)), size }))
    }

    /// A file that is read from another source while it is sent.
    pub fn streamed(name: impl Into<String>, content: impl Content) -> Self {
        Self::new(name.into(), Source::Other(Arc::new(content)))
    }

    fn new(name: String, content: Source) -> Self {
        let media_type = media_type_of(&name);
        Self { name: name.into(), media_type: media_type.into(), content }
    }

    /// Sets the media type, for example `image/jpeg`. Unless set, it follows from the ending of the name.
    #[must_use]
    pub fn with_media_type(mut self, media_type: &str) -> Self {
        self.media_type = media_type.into();
        self
    }

    /// The name it is sent with.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The media type, for example `image/jpeg`.
    #[must_use]
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        match &self.content {
            Source::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Source::Other(content) => content.size(),
        }
    }

    /// Reads from a position on.
    pub(crate) fn read(&self, position: u64) -> BoxFuture<'static, io::Result<Bytes>> {
        match &self.content {
            Source::Bytes(bytes) => {
                let at = usize::try_from(position).unwrap_or(usize::MAX).min(bytes.len());
                Box::pin(std::future::ready(Ok(bytes.slice(at..))))
            }
            Source::Other(content) => content.read(position),
        }
    }
}

fn media_type_of(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.to_ascii_lowercase().as_str() {
        "bmp" => "image/bmp",
        "gif" => "image/gif",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "mp4" => "video/mp4",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "csv" => "text/csv",
        "txt" => "text/plain",
        _ => "application/octet-stream",
    }
}

struct OnDisk {
    file: Arc<Mutex<std::fs::File>>,
    size: u64,
}

impl Content for OnDisk {
    fn size(&self) -> u64 {
        self.size
    }

    fn read(&self, position: u64) -> BoxFuture<'static, io::Result<Bytes>> {
        let file = Arc::clone(&self.file);
        let read = move || {
            let file = file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let mut file = &*file;
            file.seek(SeekFrom::Start(position))?;
            let mut chunk = Vec::new();
            file.take(CHUNK).read_to_end(&mut chunk)?;
            Ok(Bytes::from(chunk))
        };
        Box::pin(aside(read))
    }
}

/// Does work that may wait for the disk, on a thread for that if there is one.
#[cfg(any(feature = "reqwest", feature = "blocking"))]
async fn aside(work: impl FnOnce() -> io::Result<Bytes> + Send + 'static) -> io::Result<Bytes> {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => {
            runtime.spawn_blocking(work).await.unwrap_or_else(|gone| Err(io::Error::other(gone)))
        }
        Err(_) => work(),
    }
}

#[cfg(not(any(feature = "reqwest", feature = "blocking")))]
async fn aside(work: impl FnOnce() -> io::Result<Bytes>) -> io::Result<Bytes> {
    std::future::ready(work()).await
}

/// Files are equal when they have the same name and type and, in memory, the same bytes; elsewhere,
/// when they are clones of one another.
impl PartialEq for File {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.content, &other.content) {
            (Source::Bytes(a), Source::Bytes(b)) => a == b,
            (Source::Other(a), Source::Other(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        same && self.name == other.name && self.media_type == other.media_type
    }
}

/// Shows neither the name nor the content, which may be personal.
impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File")
            .field("media_type", &self.media_type)
            .field("size", &self.size())
            .finish_non_exhaustive()
    }
}
