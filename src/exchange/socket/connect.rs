//! Connecting: TCP or a proxy, TLS, the WebSocket's handshake.

use super::proxy::{self, Proxies};
use crate::exchange::port::BoxFuture;
use reqwest::Url;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::USER_AGENT;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, client_async_tls_with_config};

/// Bytes in both directions.
pub trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

/// An open socket.
pub type Socket = WebSocketStream<MaybeTlsStream<Box<dyn Transport>>>;

/// Opens sockets. Errors are lines for people.
pub trait Dial: Send + Sync {
    /// Opens one at this URL. Takes as long as it takes: the caller sets a limit.
    fn dial(&self, url: String) -> BoxFuture<'_, Result<Socket, String>>;
}

/// Opens sockets over TLS with the platform's roots, through the proxy that the environment names;
/// a server on this machine is always asked directly, and it alone without TLS.
#[derive(Debug, Clone)]
pub struct Dialer {
    proxies: Proxies,
    max_frame: usize,
}

impl Dialer {
    /// With the proxies of `env`, and frames of at most so many bytes.
    pub fn new(env: impl Fn(&str) -> Option<String>, max_frame: usize) -> Self {
        Self { proxies: Proxies::read(env), max_frame }
    }

    async fn open(&self, url: String) -> Result<Socket, String> {
        let parsed = Url::parse(&url).map_err(|_| format!("`{url}` is not a URL"))?;
        let host = parsed.host_str().ok_or_else(|| format!("`{url}` names no host"))?.to_owned();
        let is_local = crate::exchange::http::is_loopback(&host);
        let port = match (parsed.scheme(), is_local) {
            ("wss", _) => parsed.port().unwrap_or(443),
            ("ws", true) => parsed.port().unwrap_or(80),
            ("ws", false) => return Err(format!("`{host}`: plain ws is accepted for this machine only; use wss")),
            (other, _) => return Err(format!("`{other}` is neither ws nor wss")),
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let stream: Box<dyn Transport> = match self.proxies.of(bare).filter(|_| !is_local) {
            Some(proxy) => proxy::connect(proxy?, bare, port).await?,
            None => Box::new(direct(bare, port).await?),
        };
        let mut request = url.into_client_request().map_err(|error| error.to_string())?;
        let agent = HeaderValue::from_static(concat!("marketdata-tui/", env!("CARGO_PKG_VERSION")));
        request.headers_mut().insert(USER_AGENT, agent);
        let (socket, _) = client_async_tls_with_config(request, stream, Some(config(self.max_frame)), None)
            .await
            .map_err(|error| format!("{host}: {error}"))?;
        Ok(socket)
    }
}

impl Dial for Dialer {
    fn dial(&self, url: String) -> BoxFuture<'_, Result<Socket, String>> {
        Box::pin(self.open(url))
    }
}

/// A TCP connection without delay for small messages.
pub(super) async fn direct(host: &str, port: u16) -> Result<TcpStream, String> {
    let stream = TcpStream::connect((host, port)).await.map_err(|error| format!("{host}:{port}: {error}"))?;
    // Not vital: without it small messages are only slower.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// The bounds of a socket's frames and buffers.
pub(super) fn config(max_frame: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .max_frame_size(Some(max_frame))
        .max_message_size(Some(max_frame))
        .read_buffer_size(32 << 10)
        .write_buffer_size(0)
        .max_write_buffer_size(1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{SinkExt as _, StreamExt as _};
    use tokio::net::TcpListener;
    use tokio_tungstenite::tungstenite::Message;

    fn dialer(proxy: &str) -> Dialer {
        Dialer::new(|name| (name == "ALL_PROXY").then(|| proxy.to_owned()), 1 << 10)
    }

    #[tokio::test]
    async fn this_machine_is_asked_without_the_proxy_and_alone_without_tls() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/stream", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            socket.send(Message::text("x".repeat(1 << 10))).await.unwrap();
            socket.send(Message::text("x".repeat((1 << 10) + 1))).await.unwrap();
        });
        let mut socket = dialer("socks5://127.0.0.1:1").dial(url).await.unwrap();
        assert!(matches!(socket.next().await, Some(Ok(Message::Text(text))) if text.len() == 1 << 10));
        assert!(socket.next().await.unwrap().is_err(), "no frame is larger");
        server.await.unwrap();
    }

    #[tokio::test]
    async fn what_cannot_be_dialled_is_said_in_a_line() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { while listener.accept().await.is_ok() {} });
        let check = async |proxy: &str, url: &str, expected: &str| {
            let error = dialer(proxy).dial(url.to_owned()).await.err().unwrap();
            assert!(error.contains(expected) && !error.contains('\n'), "{url}: {error}");
        };
        check("http://127.0.0.1:1", "ws://stream.example.com", "this machine only").await;
        check("http://127.0.0.1:1", "https://stream.example.com", "neither ws nor wss").await;
        check("http://127.0.0.1:1", "wss://stream.example.com", "proxy 127.0.0.1:1").await;
        check("quic://127.0.0.1:1", "wss://stream.example.com", "`quic` is no kind of proxy").await;
        // Whoever speaks no TLS is no exchange.
        check("http://127.0.0.1:1", &format!("wss://{address}"), "127.0.0.1").await;
    }
}
