//! The payment page as `https://checkout.stripe.com`, for a browser that is started with
//! `--host-resolver-rules=MAP checkout.stripe.com 127.0.0.1:<port>` and `--ignore-certificate-errors`.

use crate::Stripe;
use crate::server::{Server, serve};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::net::SocketAddr;
use std::sync::Arc;

const HOST: &str = "checkout.stripe.com";

impl Stripe {
    /// Listens for TLS as well, with a certificate that is made now, and gives pages addresses there. Answers where it listens.
    ///
    /// # Panics
    /// Where no certificate can be made, or the machine lets nobody listen.
    pub fn serve_pages_over_tls(&self) -> SocketAddr {
        let config = Arc::new(config().unwrap_or_else(|error| panic!("the stand-in for Stripe has no certificate: {error}")));
        let state = self.state.clone();
        let serving = move |stream| {
            if let Ok(connection) = ServerConnection::new(config.clone()) {
                let mut stream = StreamOwned::new(connection, stream);
                serve(&state, &mut stream);
                stream.conn.send_close_notify();
                let _ = stream.conn.complete_io(&mut stream.sock);
            }
        };
        let server = Server::listening(serving).unwrap_or_else(|error| panic!("the stand-in for Stripe can't listen: {error}"));
        let address = server.address();
        self.set_pages(&format!("https://{HOST}"));
        let _ = self.pages.set(server);
        address
    }
}

fn config() -> Result<ServerConfig, Box<dyn std::error::Error>> {
    let made = rcgen::generate_simple_self_signed(vec![HOST.to_owned()])?;
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?.with_no_client_auth();
    Ok(config.with_single_cert(vec![made.cert.der().clone()], key.into())?)
}
