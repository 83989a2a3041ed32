//! Receives requests, and responds to them. What it keeps and how long it waits is bounded, whoever calls.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use alipay_core::Credentials;
use alipay_core::bytes::Bytes;
use alipay_core::http::header::{self, HeaderName, HeaderValue};
use alipay_core::http::request::Parts;
use alipay_core::http::{Method, Request, Response, StatusCode};
use alipay_core::notification::{FAIL, Notification, SUCCESS, Verified};
use alipay_mock::program::{Target, is_accepted};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{sleep, timeout};

use super::event::{Event, Received, Reply};
use super::seen::Seen;

/// The largest body. Alipay's notifications have some kilobytes.
const LARGEST: usize = 1024 * 1024;
/// The largest request headers.
const LARGEST_HEAD: usize = 64 * 1024;
/// How many connections are served at once; others wait.
const CONNECTIONS: usize = 256;
/// How long the headers, and then the body, may take to come.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the program may take to respond.
const FORWARD_PATIENCE: Duration = Duration::from_secs(30);
/// How long a connection may take as a whole.
const LONGEST: Duration = Duration::from_secs(60);
/// How long requests that run at the end may take to finish, and the program to respond to the last ones.
const GRACE: Duration = Duration::from_secs(2);
const FORWARD_GRACE: Duration = Duration::from_secs(1);

/// Headers that are about a connection, or that the client sets itself. The program must not compress its response:
/// Alipay wants the seven characters of `success`.
const OF_CONNECTION: [HeaderName; 11] = [
    header::ACCEPT_ENCODING,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// What to respond to a notification that verifies.
pub(super) enum Answer {
    Success,
    Fail,
    /// What the program responds.
    Of(Target),
}

/// What all connections share.
pub(super) struct Server {
    credentials: Credentials,
    path: Option<String>,
    answer: Answer,
    seen: Mutex<Seen>,
    events: mpsc::Sender<Event>,
    stop: watch::Receiver<bool>,
}

impl Server {
    pub(super) fn new(
        credentials: Credentials,
        path: Option<String>,
        answer: Answer,
        events: mpsc::Sender<Event>,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self { credentials, path, answer, seen: Mutex::default(), events, stop }
    }
}

/// Serves until it is stopped. Returns when the connections have ended or the grace is over.
pub(super) async fn serve(listener: TcpListener, server: Arc<Server>) {
    let mut stop = server.stop.clone();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    // Closes when the last connection drops its end.
    let (alive, mut all_done) = mpsc::channel::<Infallible>(1);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await.map_err(io::Error::other)?;
            Ok::<_, io::Error>((listener.accept().await?.0, place))
        };
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            accepted = next => accepted,
        };
        let Ok((stream, place)) = accepted else {
            // The client has gone already, or there are no free file descriptors: wait for one.
            sleep(Duration::from_millis(20)).await;
            continue;
        };
        let (server, alive) = (Arc::clone(&server), alive.clone());
        tokio::spawn(async move {
            let _ = timeout(LONGEST, connection(stream, &server)).await;
            drop((alive, place));
        });
    }
    drop((listener, alive));
    let _ = timeout(GRACE, all_done.recv()).await;
}

/// Serves one request: whoever has another one connects again.
async fn connection(stream: TcpStream, server: &Server) {
    let mut stop = server.stop.clone();
    let service =
        service_fn(|request| async move { Ok::<_, Infallible>(server.exchange(request).await) });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .keep_alive(false)
        .max_buf_size(LARGEST_HEAD)
        .max_header_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // An error of the connection concerns the client only.
    tokio::select! {
        _ = &mut connection => return,
        _ = stop.wait_for(|stop| *stop) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

impl Server {
    async fn exchange(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        if self.path.as_deref().is_some_and(|path| path != head.uri.path()) {
            return self
                .ignore(
                    &head.method,
                    StatusCode::NOT_FOUND,
                    "no notifications are received at this path",
                )
                .await;
        }
        if head.method != Method::POST {
            let status = StatusCode::METHOD_NOT_ALLOWED;
            let mut response = self.ignore(&head.method, status, "notifications are posted").await;
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
            return response;
        }
        let body = match timeout(PATIENCE, Limited::new(body, LARGEST).collect()).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) => {
                let (status, problem) = unreadable(&*error);
                return self.ignore(&head.method, status, problem).await;
            }
            Err(_) => {
                return self
                    .ignore(&head.method, StatusCode::REQUEST_TIMEOUT, "the body took too long")
                    .await;
            }
        };
        match self.credentials.verify_notification(&body) {
            Ok(notification) => self.accept(notification, head, body).await,
            Err(error) => {
                self.tell(Event::Refused { reason: error.to_string() }).await;
                text(StatusCode::OK, FAIL)
            }
        }
    }

    async fn accept(
        &self,
        notification: Verified<Notification>,
        head: Parts,
        body: Bytes,
    ) -> Response<Full<Bytes>> {
        // One without an id cannot be recognised.
        let delivery = notification
            .event_id()
            .map_or(1, |id| self.seen.lock().unwrap_or_else(PoisonError::into_inner).note(id));
        let (reply, response) = match &self.answer {
            Answer::Success => (Reply::Own(SUCCESS), text(StatusCode::OK, SUCCESS)),
            Answer::Fail => (Reply::Own(FAIL), text(StatusCode::OK, FAIL)),
            Answer::Of(target) => tokio::select! {
                forwarded = forwarded(target, head, body) => forwarded,
                () = self.is_over() => failed("it was stopped before that".to_owned()),
            },
        };
        let received = Received { notification: notification.into_inner(), delivery, reply };
        self.tell(Event::Verified(Box::new(received))).await;
        response
    }

    /// Responds to what is no notification.
    async fn ignore(
        &self,
        method: &Method,
        status: StatusCode,
        reason: &'static str,
    ) -> Response<Full<Bytes>> {
        self.tell(Event::Ignored { method: method.to_string(), status: status.as_u16(), reason })
            .await;
        text(status, reason)
    }

    /// Waits until it was stopped, and a little longer.
    async fn is_over(&self) {
        // Without the other end of the channel all is over.
        let _ = self.stop.clone().wait_for(|stop| *stop).await;
        sleep(FORWARD_GRACE).await;
    }

    async fn tell(&self, event: Event) {
        // Nobody listens any more once all is over.
        let _ = self.events.send(event).await;
    }
}

/// Why a body could not be read.
fn unreadable(error: &(dyn Error + 'static)) -> (StatusCode, &'static str) {
    if error.is::<LengthLimitError>() {
        return (StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 1 MiB");
    }
    (StatusCode::BAD_REQUEST, "the body ended early, or is malformed")
}

/// Posts a notification to the program as it was received, and takes its response.
async fn forwarded(target: &Target, head: Parts, body: Bytes) -> (Reply, Response<Full<Bytes>>) {
    let Parts { mut headers, uri, .. } = head;
    for name in OF_CONNECTION {
        headers.remove(name);
    }
    let target = match uri.query() {
        Some(query) => target.with_query(query),
        None => target.clone(),
    };
    match target.forward(headers, body, FORWARD_PATIENCE).await {
        Ok(response) => {
            let accepted = is_accepted(&response);
            let (head, body) = response.into_parts();
            let mut passed = Response::new(Full::new(body));
            *passed.status_mut() = head.status;
            if let Some(kind) = head.headers.get(header::CONTENT_TYPE) {
                passed.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
            }
            (Reply::Program { status: head.status.as_u16(), accepted }, passed)
        }
        Err(problem) => failed(problem),
    }
}

/// The program has not responded.
fn failed(problem: String) -> (Reply, Response<Full<Bytes>>) {
    (Reply::None { problem }, text(StatusCode::BAD_GATEWAY, FAIL))
}

fn text(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
