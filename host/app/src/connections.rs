//! Connections of one listener: HTTP/1.1 with a time-out for the head of a request, so that connections on which nothing
//! ever comes don't add up, and an end that lets requests end.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceExt;

/// How long the head of a request may take to come; a connection that is kept open for the next one counts too.
const HEAD: Duration = Duration::from_secs(30);
/// After an error of the listener itself, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);
/// Of a body that nobody read: bytes, and how long they may take.
const MOST_UNHEARD: usize = 1 << 20;
const LONGEST_UNHEARD: Duration = Duration::from_secs(2);

/// Until `stopped` says so; then the requests that are being answered come to their end.
pub async fn serve(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) {
    let graceful = GracefulShutdown::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::debug!(%error, "a connection was not accepted");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            },
            () = told(&mut stopped) => break,
        };
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let mut body = Heard::default();
            let mut request = request.map(|incoming| Body::new(body.share(incoming)));
            request.extensions_mut().insert(ConnectInfo(peer));
            let answer = router.clone().oneshot(request);
            async move {
                let answer = answer.await;
                body.hear_out().await;
                answer
            }
        });
        let mut server = http1::Builder::new();
        server.timer(TokioTimer::new()).header_read_timeout(HEAD);
        let connection = graceful.watch(server.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // Visitors go away in the middle of things: nobody needs to know.
            let _ = connection.await;
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// A request's body that is heard out after the answer is known: a connection that is closed while its sender still
/// talks loses the answer on the way.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Option<Incoming>>>);

impl Heard {
    fn share(&mut self, incoming: Incoming) -> Self {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(incoming);
        self.clone()
    }

    /// What is left of it, within limits: a sender who goes on for longer is cut off.
    async fn hear_out(&mut self) {
        let mut left = MOST_UNHEARD;
        let rest = std::future::poll_fn(|context| {
            loop {
                match Pin::new(&mut *self).poll_frame(context) {
                    Poll::Ready(Some(Ok(frame))) => left = left.saturating_sub(frame.data_ref().map_or(1, |data| data.len())),
                    Poll::Ready(_) => return Poll::Ready(()),
                    Poll::Pending => return Poll::Pending,
                }
                if left == 0 {
                    return Poll::Ready(());
                }
            }
        });
        let _ = tokio::time::timeout(LONGEST_UNHEARD, rest).await;
    }
}

impl hyper::body::Body for Heard {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(incoming) if !incoming.is_end_stream() => Pin::new(incoming).poll_frame(context),
            _ => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_none_or(|incoming| incoming.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|incoming| incoming.size_hint()).unwrap_or_default()
    }
}

async fn told(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn a_request_that_is_being_answered_comes_to_its_end_and_no_further_one_is_taken() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (begun, mut has_begun) = watch::channel(false);
        let (go_on, going) = watch::channel(false);
        let handler = move |ConnectInfo(peer): ConnectInfo<std::net::SocketAddr>| {
            let (begun, mut going) = (begun.clone(), going.clone());
            async move {
                begun.send_replace(true);
                told(&mut going).await;
                peer.ip().to_string()
            }
        };
        let (stop, stopped) = watch::channel(false);
        let serving = tokio::spawn(serve(listener, Router::new().route("/", get(handler)), stopped));
        let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        told(&mut has_begun).await;
        stop.send_replace(true);
        go_on.send_replace(true);
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
        serving.await.unwrap();
        assert!(tokio::net::TcpStream::connect(address).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_on_which_nothing_comes_is_closed() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (_stop, stopped) = watch::channel(false);
        tokio::spawn(serve(listener, Router::new(), stopped));
        let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HT").await.unwrap();
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(2 * HEAD, client.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "it was left open");
    }
}
