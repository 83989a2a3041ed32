//! HTTP/1.1 in front of the engine.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::timeout;

use crate::engine::Engine;
use crate::protocol::answer::Answer;
use crate::protocol::refusal::Refusal;
use crate::protocol::request::RawRequest;

/// The largest request body.
const LARGEST_BODY: usize = 1024 * 1024;
/// The largest request head; hyper answers 431 above it.
const LARGEST_HEAD: usize = 64 * 1024;
/// How many connections are served at once; more are closed.
const CONNECTIONS: usize = 512;
/// How long requests that run at shutdown may take to finish.
const GRACE: Duration = Duration::from_secs(2);

/// The connection is to be closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the gateway was told to close the connection")]
struct Closed;

/// Serves until `stop` changes; returns when the connections are done or the grace is over.
pub(crate) async fn serve(
    listener: TcpListener,
    engine: Arc<Engine>,
    read_timeout: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    // Closes when the last connection drops its end.
    let (alive, mut all_done) = mpsc::channel::<Infallible>(1);
    loop {
        let accepted = tokio::select! {
            _ = stop.changed() => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, most likely: wait for some to be freed.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else { continue };
        let (engine, stop, alive) = (Arc::clone(&engine), stop.clone(), alive.clone());
        tokio::spawn(async move {
            connection(stream, engine, read_timeout, stop).await;
            drop((permit, alive));
        });
    }
    drop((listener, alive));
    let _ = timeout(GRACE, all_done.recv()).await;
}

async fn connection(
    stream: TcpStream,
    engine: Arc<Engine>,
    read_timeout: Duration,
    mut stop: watch::Receiver<bool>,
) {
    // Answers are small: without this, the delayed-ACK timer would slow them down.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| exchange(request, &engine, read_timeout));
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(read_timeout)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // How a connection ends is the client's affair.
    tokio::select! {
        _ = connection.as_mut() => {}
        _ = stop.changed() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

async fn exchange(
    request: Request<Incoming>,
    engine: &Engine,
    read_timeout: Duration,
) -> Result<Response<Full<Bytes>>, Closed> {
    let (head, body) = request.into_parts();
    let target = head.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let mut request = RawRequest {
        method: head.method.as_str().to_owned(),
        target: target.to_owned(),
        headers: head.headers,
        body: Bytes::new(),
    };
    let too_large = || {
        let message = format!("the body is larger than {LARGEST_BODY} bytes");
        Some(Refusal::new(413, "invalid-request-data", message))
    };
    // A body that announces itself as too large is not waited for.
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let read = Limited::new(body, LARGEST_BODY).collect();
    let refusal = if announced > LARGEST_BODY {
        too_large()
    } else {
        match timeout(read_timeout, read).await {
            Ok(Ok(body)) => {
                request.body = body.to_bytes();
                None
            }
            Ok(Err(e)) if e.downcast_ref::<LengthLimitError>().is_some() => too_large(),
            Ok(Err(_)) => return Err(Closed),
            Err(_) => Some(Refusal::new(408, "invalid-request-data", "the body took too long")),
        }
    };
    if let Some(refusal) = refusal {
        let mut response = response(engine.refuse(&request, &refusal));
        // The rest of the body is still on its way.
        let close = http::HeaderValue::from_static("close");
        response.headers_mut().insert(http::header::CONNECTION, close);
        return Ok(response);
    }
    let outcome = engine.answer(&request);
    if !outcome.delay.is_zero() {
        tokio::time::sleep(outcome.delay).await;
    }
    outcome.answer.map(response).ok_or(Closed)
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(answer.body));
    if let Ok(status) = http::StatusCode::from_u16(answer.status) {
        *response.status_mut() = status;
    }
    for (name, value) in answer.headers {
        if let Ok(value) = http::HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
