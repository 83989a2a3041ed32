//! The body of a request: bytes, or pieces of which some are read while they are sent.

use std::{
    collections::VecDeque,
    fmt, io,
    pin::Pin,
    sync::Mutex,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::{future::BoxFuture, value::File};

/// The body of a request.
///
/// Mostly it is [bytes](Self::as_bytes). The body of an upload holds files that are read while it is
/// sent: it is an [`http_body::Body`] of known size, and [`into_bytes`](Self::into_bytes) reads it
/// whole. A clone starts from the beginning.
pub struct Body {
    content: Content,
}

enum Content {
    Bytes(Bytes),
    Pieces(Pieces),
}

/// One part of a body.
#[derive(Clone)]
pub(crate) enum Piece {
    Bytes(Bytes),
    File(File),
}

/// Pieces, and how far they are read.
struct Pieces {
    all: Vec<Piece>,
    /// Those still to be read.
    next: VecDeque<Piece>,
    /// How much of the first of them is read.
    offset: u64,
    /// The read under way. The lock is never taken; it makes the body `Sync`.
    reading: Mutex<Option<BoxFuture<'static, io::Result<Bytes>>>>,
}

impl Body {
    pub(crate) fn pieces(all: Vec<Piece>) -> Self {
        Self { content: Content::Pieces(Pieces::new(all)) }
    }

    /// The body, if it is not read while it is sent.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.content {
            Content::Bytes(bytes) => Some(bytes),
            Content::Pieces(_) => None,
        }
    }

    /// How many bytes are still to be sent.
    #[must_use]
    pub fn len(&self) -> u64 {
        match &self.content {
            Content::Bytes(bytes) => size(bytes),
            Content::Pieces(pieces) => {
                let all: u64 = pieces.next.iter().map(Piece::size).fold(0, u64::saturating_add);
                all.saturating_sub(pieces.offset)
            }
        }
    }

    /// Whether there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads it whole.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or is shorter than it said.
    pub async fn into_bytes(mut self) -> io::Result<Bytes> {
        if let Content::Bytes(bytes) = self.content {
            return Ok(bytes);
        }
        let mut whole = Vec::new();
        while let Some(frame) =
            std::future::poll_fn(|context| Pin::new(&mut self).poll_frame(context)).await
        {
            if let Ok(data) = frame?.into_data() {
                whole.extend_from_slice(&data);
            }
        }
        Ok(whole.into())
    }
}

impl Pieces {
    fn new(all: Vec<Piece>) -> Self {
        Self { next: all.iter().cloned().collect(), all, offset: 0, reading: Mutex::new(None) }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let reading = match self.reading.get_mut() {
            Ok(reading) => reading,
            Err(poisoned) => poisoned.into_inner(),
        };
        loop {
            let file = match self.next.front() {
                None => return Poll::Ready(None),
                Some(piece) if piece.size() <= self.offset => {
                    self.next.pop_front();
                    self.offset = 0;
                    continue;
                }
                Some(Piece::Bytes(_)) => match self.next.pop_front() {
                    Some(Piece::Bytes(bytes)) => return Poll::Ready(Some(Ok(bytes))),
                    _ => continue,
                },
                Some(Piece::File(file)) => file,
            };
            let left = file.size().saturating_sub(self.offset);
            let offset = self.offset;
            let work = reading.get_or_insert_with(|| file.read(offset));
            let read = ready!(work.as_mut().poll(context));
            *reading = None;
            let result = read.and_then(|bytes| {
                if bytes.is_empty() {
                    return Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        "a file to send is shorter than it said",
                    ));
                }
                // Bytes beyond the announced size cannot be sent.
                let most = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                Ok(bytes.slice(..most))
            });
            match &result {
                Ok(bytes) => self.offset = self.offset.saturating_add(size(bytes)),
                Err(_) => self.next.clear(),
            }
            return Poll::Ready(Some(result));
        }
    }
}

impl Piece {
    fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => size(bytes),
            Self::File(file) => file.size(),
        }
    }
}

fn size(bytes: &Bytes) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let chunk = match &mut self.content {
            Content::Bytes(bytes) if bytes.is_empty() => None,
            Content::Bytes(bytes) => Some(Ok(std::mem::take(bytes))),
            Content::Pieces(pieces) => ready!(pieces.poll(context)),
        };
        Poll::Ready(chunk.map(|chunk| chunk.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.len())
    }
}

impl Clone for Body {
    fn clone(&self) -> Self {
        let content = match &self.content {
            Content::Bytes(bytes) => Content::Bytes(bytes.clone()),
            Content::Pieces(pieces) => Content::Pieces(Pieces::new(pieces.all.clone())),
        };
        Self { content }
    }
}

impl Default for Body {
    fn default() -> Self {
        Bytes::new().into()
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self { content: Content::Bytes(bytes) }
    }
}

#[cfg(feature = "reqwest")]
impl From<Body> for reqwest::Body {
    fn from(body: Body) -> Self {
        match body.content {
            Content::Bytes(bytes) => bytes.into(),
            Content::Pieces(_) => Self::wrap(body),
        }
    }
}

/// A body that is read while it is sent equals no bytes.
impl PartialEq<[u8]> for Body {
    fn eq(&self, other: &[u8]) -> bool {
        self.as_bytes().is_some_and(|bytes| bytes == other)
    }
}

impl PartialEq<str> for Body {
    fn eq(&self, other: &str) -> bool {
        *self == *other.as_bytes()
    }
}

/// Shows the size only.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("len", &self.len()).finish_non_exhaustive()
    }
}
