//! What `curl --trace` and `curl --trace-ascii` print: each byte that was sent and received, with its place.

/// What was sent, and what was received.
#[derive(Debug, Default)]
pub(super) struct Trace {
    pub(super) sent: Vec<u8>,
    pub(super) received: Vec<u8>,
    /// Whether bytes that are not ASCII were printed as dots.
    pub(super) is_ascii: bool,
}

impl Trace {
    /// Reads it; `None` if it is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let begins = |line: &str| Block::begin(line).is_some_and(|block| block.side.is_some());
        if !text.lines().any(begins) {
            return None;
        }
        let mut trace = Self::default();
        let mut block = None;
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            if let Some(begun) = Block::begin(line) {
                block = begun.side.map(|is_sent| (is_sent, begun.length));
                continue;
            }
            let Some((is_sent, block_length)) = block else { continue };
            let Some((offset, content)) = of_line(line) else { continue };
            let bytes = if let Some(bytes) = of_hex(content) {
                bytes
            } else {
                trace.is_ascii = true;
                // Where the next line begins, or the block ends, tells whether a line feed is left out.
                let next = lines.peek().and_then(|line| of_line(line)).map(|(offset, _)| offset);
                let length = next.unwrap_or(block_length).saturating_sub(offset);
                let end: &[u8] = if length == content.len() + 2 { b"\r\n" } else { b"" };
                [content.as_bytes(), end].concat()
            };
            let side = if is_sent { &mut trace.sent } else { &mut trace.received };
            side.extend(bytes);
        }
        Some(trace)
    }
}

struct Block {
    /// Whether it was sent, or received; `None` if it is not of a message.
    side: Option<bool>,
    length: usize,
}

impl Block {
    /// The block that a line begins.
    fn begin(line: &str) -> Option<Self> {
        // A time and the number of the connection may stand before it.
        let at = ["=> ", "<= ", "== Info: "].iter().find_map(|mark| line.find(mark))?;
        let (before, rest) = line.split_at_checked(at)?;
        let is_early =
            at < 32 && before.chars().all(|c| c.is_ascii_digit() || " :.-[]x".contains(c));
        let line = Some(rest).filter(|_| is_early && of_line(line).is_none())?;
        let is_sent = line.starts_with("=> Send header") || line.starts_with("=> Send data");
        let is_received = line.starts_with("<= Recv header") || line.starts_with("<= Recv data");
        let length =
            line.split(", ").nth(1).and_then(|length| length.split(' ').next()?.parse().ok());
        let side = (is_sent || is_received).then_some(is_sent).filter(|_| length.is_some());
        Some(Self { side, length: length.unwrap_or_default() })
    }
}

/// Place and content of a line.
fn of_line(line: &str) -> Option<(usize, &str)> {
    let (offset, content) =
        line.split_once(": ").or_else(|| Some((line.strip_suffix(':')?, "")))?;
    let is_hex = offset.len() >= 4 && offset.chars().all(|c| c.is_ascii_hexdigit());
    Some((usize::from_str_radix(offset, 16).ok().filter(|_| is_hex)?, content))
}

/// The bytes of a line in hexadecimal: 16 of them, each with a blank behind it, and then the same as text.
fn of_hex(content: &str) -> Option<Vec<u8>> {
    let pairs = content.get(..48)?;
    let pairs: Vec<&str> = pairs.split_ascii_whitespace().collect();
    let is_pair = |pair: &&str| pair.len() == 2;
    if pairs.is_empty() || !pairs.iter().all(is_pair) {
        return None;
    }
    pairs.into_iter().map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}
