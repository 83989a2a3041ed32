//! A server on threads of its own.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::signed;

/// A server that responds to all alike.
pub struct Server {
    pub url: String,
    state: Arc<State>,
}

struct State {
    response: Box<dyn Fn() -> String + Send + Sync>,
    /// How many responses a connection has before it is closed, without a word in the last of them.
    most: usize,
    seen: Mutex<Vec<String>>,
    connections: AtomicUsize,
    closed: AtomicUsize,
}

impl Server {
    /// A server that keeps connections open.
    pub fn start(response: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self::with(TcpListener::bind("127.0.0.1:0").unwrap(), usize::MAX, response)
    }

    /// A server that closes a connection after so many responses.
    pub fn closing_after(most: usize) -> Self {
        Self::with(TcpListener::bind("127.0.0.1:0").unwrap(), most, created)
    }

    pub fn with(
        listener: TcpListener,
        most: usize,
        response: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State {
            response: Box::new(response),
            most,
            seen: Mutex::default(),
            connections: AtomicUsize::new(0),
            closed: AtomicUsize::new(0),
        });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let state = Arc::clone(&shared);
                state.connections.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || {
                    let stream = stream.unwrap();
                    state.serve(&stream);
                    drop(stream);
                    state.closed.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        Self { url, state }
    }

    /// The heads of all requests.
    pub fn seen(&self) -> Vec<String> {
        self.state.seen.lock().unwrap().clone()
    }

    /// How many connections it has accepted.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// Waits until it has closed so many of them.
    pub fn wait_until_closed(&self, connections: usize) {
        while self.state.closed.load(Ordering::SeqCst) < connections {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }
}

impl State {
    fn serve(&self, mut stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        for _ in 0..self.most {
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if reader.read_line(&mut head).unwrap_or_default() == 0 {
                    return;
                }
            }
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length = length.map_or(0, |length| length.parse().unwrap());
            self.seen.lock().unwrap().push(head);
            if reader.read_exact(&mut vec![0; length]).is_err()
                || stream.write_all((self.response)().as_bytes()).is_err()
            {
                return;
            }
        }
    }
}

/// A good response, as it stands on the wire.
pub fn created() -> String {
    let response = signed(200, r#"{"activity_id":"7"}"#);
    let mut text = "HTTP/1.1 200 x\r\n".to_owned();
    for (name, value) in response.headers() {
        text.extend([name.as_str(), ": ", value.to_str().unwrap(), "\r\n"]);
    }
    let body = std::str::from_utf8(response.body()).unwrap();
    text + &format!("content-length: {}\r\n\r\n{body}", body.len())
}
