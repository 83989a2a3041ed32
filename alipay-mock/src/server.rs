//! HTTP/1.1 in front of the engine.

mod body;
mod events;
mod listener;
mod patience;
mod places;

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc, watch};
use tokio::time::timeout;

use self::body::{Closed, SentBody};
use self::events::Ends;
pub(crate) use self::listener::Listener;
use self::patience::Patient;
use self::places::{Place, Places};
use crate::delivery::Sender;
use crate::engine::Engine;
use crate::error::Refusal;
use crate::fault;
use crate::inspect::{self, Content};
use crate::protocol::request::RawRequest;
use crate::protocol::response::{Ending, WireResponse};

const LARGEST_BODY: usize = 1024 * 1024;
const LARGEST_UPLOAD: usize = 8 * 1024 * 1024;
/// How many bodies that are larger than this are in memory at once. Others wait for their turn.
const LARGE_BODIES: usize = 16;
const LARGE_BODY: usize = 64 * 1024;
/// How many responses that are larger than this may be on their way at once. Only the page and `/_mock/` have some.
const LARGE_RESPONSES: usize = 8;
const LARGE_RESPONSE: usize = 1024 * 1024;
/// The largest request headers. Above it, hyper responds with 431.
const LARGEST_HEAD: usize = 64 * 1024;
/// How many connections are served at once.
const CONNECTIONS: usize = 512;
/// How long requests that run at shutdown may take to finish.
const GRACE: Duration = Duration::from_secs(2);

/// The state that all connections share.
pub(crate) struct Server {
    pub(crate) engine: Arc<Engine>,
    pub(crate) sender: Sender,
    pub(crate) listener: Listener,
    pub(crate) read_timeout: Duration,
    large_bodies: Semaphore,
    large_responses: Arc<Semaphore>,
}

impl Server {
    pub(crate) fn new(
        engine: Arc<Engine>,
        sender: Sender,
        listener: Listener,
        read_timeout: Duration,
    ) -> Self {
        let large_bodies = Semaphore::new(LARGE_BODIES);
        let large_responses = Arc::new(Semaphore::new(LARGE_RESPONSES));
        Self { engine, sender, listener, read_timeout, large_bodies, large_responses }
    }
}

/// Serves until `stop` changes. Returns when the connections have ended or the grace is over.
pub(crate) async fn serve(
    listener: TcpListener,
    server: Arc<Server>,
    mut stop: watch::Receiver<bool>,
) {
    let places = Places::new(CONNECTIONS);
    // Closes when the last connection drops its end.
    let (alive, mut all_done) = mpsc::channel::<Infallible>(1);
    let closing = server.listener.subscribe();
    let (mut listener, mut reserved) = (Some(listener), None);
    loop {
        let accepted = tokio::select! {
            _ = stop.changed() => break,
            open = server.listener.wanted(listener.is_some()) => {
                if open {
                    listener = server.listener.reopen(reserved.take()).await;
                } else {
                    reserved = listener.take().and_then(|open| server.listener.reserve(open));
                }
                server.listener.report(listener.is_some());
                continue;
            }
            accepted = accept(listener.as_ref()) => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            // The client has gone already.
            Err(e) if e.kind() == io::ErrorKind::ConnectionAborted => continue,
            Err(_) => {
                // Probably there are no free file descriptors: wait for one.
                places.free_one();
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        let Some(place) = places.take().await else { continue };
        let (server, stop, alive) = (Arc::clone(&server), stop.clone(), alive.clone());
        let closing = closing.clone();
        tokio::spawn(async move {
            connection(stream, server, place, closing, stop).await;
            drop(alive);
        });
    }
    drop((listener, alive));
    let _ = timeout(GRACE, all_done.recv()).await;
}

/// The next connection. Pending for as long as nothing listens.
async fn accept(
    listener: Option<&TcpListener>,
) -> std::io::Result<(TcpStream, std::net::SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

async fn connection(
    stream: TcpStream,
    server: Arc<Server>,
    place: Arc<Place>,
    mut closing: watch::Receiver<bool>,
    mut stop: watch::Receiver<bool>,
) {
    // Responses are small: without this, the delayed-ACK timer would slow them down.
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let (stopped, open) = (stop.clone(), closing.clone());
    let ends = || Ends { stop: stopped.clone(), open: open.clone() };
    let service =
        service_fn(|request| Box::pin(exchange(request, &server, &place, &reset, ends())));
    let stream = Patient::new(stream, server.read_timeout);
    let mut connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(server.read_timeout)
        .max_buf_size(LARGEST_HEAD)
        .max_header_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    // An error of the connection concerns the client only.
    let ended = tokio::select! {
        _ = poll_fn(|task| connection.poll_without_shutdown(task)) => true,
        _ = stop.changed() => false,
        // While connections are refused, idle ones are closed as well.
        _ = closing.wait_for(|open| !open) => false,
        () = place.is_wanted() => {
            if !place.has_request() {
                return;
            }
            false
        }
    };
    if !ended {
        Pin::new(&mut connection).graceful_shutdown();
        let _ = poll_fn(|task| connection.poll_without_shutdown(task)).await;
    }
    if reset.load(Ordering::SeqCst) {
        // If the system refuses, the connection is closed. Clients notice that as well.
        let _ = connection.into_parts().io.inner().get_ref().set_zero_linger();
    }
}

async fn exchange(
    request: Request<Incoming>,
    server: &Server,
    place: &Arc<Place>,
    reset: &Arc<AtomicBool>,
    ends: Ends,
) -> Result<Response<SentBody>, Closed> {
    let (head, body) = request.into_parts();
    let mut request = RawRequest::of(Request::from_parts(head, Bytes::new()));
    let large = match read_body(&mut request, body, server).await {
        Ok(large) => large,
        Err(BodyError::Closed) => return Err(Closed),
        Err(BodyError::Refused(refusal)) => {
            let mut response = response(server.engine.refuse(&request, refusal), reset);
            // The rest of the body is still to come.
            let close = http::HeaderValue::from_static("close");
            response.headers_mut().insert(http::header::CONNECTION, close);
            return Ok(response);
        }
    };
    let serving = place.serve();
    let response = respond(request, large, server, reset, ends).await?;
    Ok(response.map(|body| body::kept(body, serving)))
}

async fn respond(
    request: RawRequest,
    large: Option<SemaphorePermit<'_>>,
    server: &Server,
    reset: &Arc<AtomicBool>,
    ends: Ends,
) -> Result<Response<SentBody>, Closed> {
    if let Some(shown) = inspect::respond(&server.engine, &server.sender, &request) {
        let (head, content) = shown.into_parts();
        let body = match content {
            Content::Whole(bytes) if bytes.len() > LARGE_RESPONSE => {
                match Arc::clone(&server.large_responses).try_acquire_owned() {
                    Ok(permit) => body::large(bytes, permit),
                    Err(_) => return Ok(busy()),
                }
            }
            Content::Whole(bytes) => body::whole(bytes),
            Content::Events(changes) => {
                let engine = Arc::downgrade(&server.engine);
                let version = move |changes| {
                    engine.upgrade().map(|engine| engine.version(changes)).unwrap_or_default()
                };
                events::body(changes, version, ends)
            }
        };
        return Ok(Response::from_parts(head, body));
    }
    let ending = server.engine.respond(&request);
    // A response may take long: the request is not kept for it.
    drop((request, large));
    match ending {
        Ending::Respond(delay, wire) => {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            return Ok(response(wire, reset));
        }
        Ending::Close => {}
        Ending::Reset => reset.store(true, Ordering::SeqCst),
        Ending::Refuse(time) => {
            server.listener.close_for(time).await;
            reset.store(true, Ordering::SeqCst);
        }
        // Faults end after this time.
        Ending::Hang => tokio::time::sleep(fault::LONGEST).await,
    }
    Err(Closed)
}

/// Too many large responses are on their way.
fn busy() -> Response<SentBody> {
    let text = "{\"error\": \"others are still reading large responses; ask again\"}\n";
    let mut response = Response::new(body::whole(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
    let json = http::HeaderValue::from_static("application/json;charset=UTF-8");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}

/// Why a body was not read.
enum BodyError {
    /// The response is this error.
    Refused(Refusal),
    /// The connection has ended.
    Closed,
}

/// Reads the body into the request. A large one comes with a permit.
async fn read_body<'a>(
    request: &mut RawRequest,
    body: Incoming,
    server: &'a Server,
) -> Result<Option<SemaphorePermit<'a>>, BodyError> {
    let is_upload = request.media_type().as_deref() == Some("multipart/form-data");
    let largest = if is_upload { LARGEST_UPLOAD } else { LARGEST_BODY };
    let refused = |status, message: String| {
        Err(BodyError::Refused(Refusal::new(status, "invalid-request-data", message)))
    };
    let too_large = || refused(413, format!("the body is larger than {largest} bytes"));
    // A body whose announced length is too large is not read.
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > largest {
        return too_large();
    }
    match timeout(server.read_timeout, collect(body, largest, &server.large_bodies)).await {
        Ok(Ok(Some((body, large)))) => {
            request.body = body;
            Ok(large)
        }
        Ok(Ok(None)) => too_large(),
        Ok(Err(_)) => Err(BodyError::Closed),
        Err(_) => refused(408, "the body took too long".to_owned()),
    }
}

/// All of a body; `None` if it is larger than allowed.
async fn collect(
    mut body: Incoming,
    largest: usize,
    large_bodies: &Semaphore,
) -> hyper::Result<Option<(Bytes, Option<SemaphorePermit<'_>>)>> {
    let (mut collected, mut large) = (BytesMut::new(), None);
    while let Some(frame) = body.frame().await {
        // Trailers say nothing.
        let Ok(data) = frame?.into_data() else { continue };
        let length = collected.len() + data.len();
        if length > largest {
            return Ok(None);
        }
        if length > LARGE_BODY && large.is_none() {
            large = large_bodies.acquire().await.ok();
        }
        collected.extend_from_slice(&data);
    }
    Ok(Some((collected.freeze(), large)))
}

fn response(wire: WireResponse, reset: &Arc<AtomicBool>) -> Response<SentBody> {
    let (length, pace) = (wire.body.len(), wire.pace);
    let mut response = wire.into_http().map(|body| body::paced(body, pace, reset));
    if response.body().size_hint().exact().is_none() {
        // Without a body the response would end with its headers.
        response.headers_mut().insert(http::header::CONTENT_LENGTH, length.max(1).into());
    }
    response
}
