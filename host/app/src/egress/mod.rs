//! The way out for plugins: one HTTP exchange with a host that was granted. A name is resolved once, every address that
//! it has is checked, and the connection goes to one of those that were checked: what the name means a moment later
//! does not matter. The name stays for TLS and for the header `Host`. No proxy, no redirects, no cookies.

mod address;
mod body;
#[cfg(test)]
mod tests;

use body::Body;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tsudoi_kernel::manifest::outside::{Origin, Scheme};
use tsudoi_kernel::ports::{Boxed, Egress, EgressError, Incoming, Outgoing};

/// Of a name with many addresses so many are tried, each for so long.
const MOST_ADDRESSES: usize = 4;
const CONNECT: Duration = Duration::from_secs(2);
const MOST_HEADERS: usize = 100;
const MOST_HEADER_BYTES: usize = 32 << 10;
const USER_AGENT: &str = concat!("Tsudoi/", env!("CARGO_PKG_VERSION"));

/// Finds the addresses of a name.
pub trait Resolver: Send + Sync {
    fn addresses(&self, host: String, port: u16) -> Boxed<'_, std::io::Result<Vec<IpAddr>>>;
}

/// The system's.
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn addresses(&self, host: String, port: u16) -> Boxed<'_, std::io::Result<Vec<IpAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.map(|address| address.ip()).collect()) })
    }
}

pub struct HttpEgress {
    resolver: Arc<dyn Resolver>,
    tls: TlsConnector,
    /// `host:port` that the operator opened: there, private addresses and http are allowed.
    allow_private: Vec<String>,
    /// What answers for some `host:port`, without TLS.
    stand_ins: BTreeMap<String, String>,
}

impl HttpEgress {
    pub fn new(resolver: Arc<dyn Resolver>, allow_private: Vec<String>, stand_ins: BTreeMap<String, String>) -> anyhow::Result<Self> {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { resolver, tls: TlsConnector::from(Arc::new(config)), allow_private, stand_ins })
    }

    async fn exchanged(&self, request: Outgoing) -> Result<Incoming, EgressError> {
        if let Some(instead) = self.stand_ins.get(&format!("{}:{}", request.origin.host, request.origin.port)) {
            let stream = TcpStream::connect(instead).await;
            return spoken(stream.map_err(|_| EgressError::Unreachable("the stand-in does not answer".to_owned()))?, request).await;
        }
        let stream = self.connected(&request.origin).await?;
        match request.origin.scheme {
            Scheme::Http => spoken(stream, request).await,
            Scheme::Https => {
                let unreachable = |error: &dyn std::fmt::Display| EgressError::Unreachable(format!("no encrypted connection: {error}"));
                let name = ServerName::try_from(request.origin.host.clone()).map_err(|error| unreachable(&error))?;
                let stream = self.tls.connect(name, stream).await.map_err(|error| unreachable(&error))?;
                spoken(stream, request).await
            }
        }
    }

    /// A connection to one of the addresses that were checked.
    async fn connected(&self, origin: &Origin) -> Result<TcpStream, EgressError> {
        let opened = self.allow_private.contains(&format!("{}:{}", origin.host, origin.port));
        if origin.scheme == Scheme::Http && !opened {
            return Err(EgressError::Forbidden("only https leads outside".to_owned()));
        }
        let found = self.resolver.addresses(origin.host.clone(), origin.port).await;
        let addresses = found.map_err(|_| EgressError::Unreachable("there is no such host".to_owned()))?;
        if !opened && !addresses.iter().all(|address| address::is_public(*address)) {
            return Err(EgressError::Forbidden("the host has an address that is not of the public network".to_owned()));
        }
        for address in addresses.into_iter().take(MOST_ADDRESSES) {
            let connecting = TcpStream::connect(SocketAddr::new(address, origin.port));
            if let Ok(Ok(stream)) = tokio::time::timeout(CONNECT, connecting).await {
                return Ok(stream);
            }
        }
        Err(EgressError::Unreachable("the host does not answer".to_owned()))
    }
}

impl Egress for HttpEgress {
    fn exchange(&self, request: Outgoing) -> Boxed<'_, Result<Incoming, EgressError>> {
        Box::pin(async move {
            let most = Duration::from_millis(request.most_ms);
            tokio::time::timeout(most, self.exchanged(request)).await.unwrap_or(Err(EgressError::TimedOut))
        })
    }
}

/// Ends a connection whose exchange is over.
struct StopOnDrop(tokio::task::AbortHandle);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn spoken(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, outgoing: Outgoing) -> Result<Incoming, EgressError> {
    let most = outgoing.most_bytes;
    let request = request(outgoing)?;
    let handshake = http1::Builder::new().max_headers(MOST_HEADERS).max_buf_size(MOST_HEADER_BYTES).handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|error| broken(&error))?;
    let _connection = StopOnDrop(tokio::spawn(connection).abort_handle());
    answer(sender.send_request(request).await.map_err(|error| broken(&error))?, most).await
}

fn request(outgoing: Outgoing) -> Result<Request<Full<Bytes>>, EgressError> {
    let malformed = |what: &str| EgressError::Malformed(format!("{what} can't be sent"));
    let host = HeaderValue::from_str(&outgoing.origin.authority()).map_err(|_| malformed("the host"))?;
    let mut request = Request::builder().method(outgoing.method.as_str()).uri(outgoing.target.as_str());
    if let Some(headers) = request.headers_mut() {
        headers.insert(header::HOST, host);
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        for (name, value) in &outgoing.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| malformed("a header's name"))?;
            let mut value = HeaderValue::from_str(value).map_err(|_| malformed("a header's value"))?;
            value.set_sensitive(true);
            headers.append(name, value);
        }
    }
    request.body(Full::new(Bytes::from(outgoing.body))).map_err(|_| malformed("the request"))
}

async fn answer(response: Response<hyper::body::Incoming>, most: usize) -> Result<Incoming, EgressError> {
    let (parts, mut incoming) = response.into_parts();
    let encoding = parts.headers.get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("unknown"));
    let mut body = Body::new(encoding, most)?;
    while let Some(frame) = incoming.frame().await {
        if let Ok(piece) = frame.map_err(|error| broken(&error))?.into_data() {
            body.take(&piece)?;
        }
    }
    let text = |(name, value): (&HeaderName, &HeaderValue)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()));
    let headers = parts.headers.iter().filter_map(text).collect();
    Ok(Incoming { status: parts.status.as_u16(), headers, body: body.finish()? })
}

fn broken(error: &hyper::Error) -> EgressError {
    if error.is_parse_too_large() {
        return EgressError::TooLarge(format!("{MOST_HEADERS} headers, or {MOST_HEADER_BYTES} bytes of them"));
    }
    EgressError::Malformed(format!("the exchange was broken off: {error}"))
}
