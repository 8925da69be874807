//! A thin HTTP client: one host, GET only, bounded in time and size.

use super::error::ExchangeError;
use super::socket::proxy::Proxies;
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Client, Url, redirect};
use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Bounds of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpSettings {
    /// Until the connection stands, TLS included.
    pub connect_timeout: Duration,
    /// From the start to the answer's head.
    pub first_byte_timeout: Duration,
    /// From the start to the answer's end.
    pub whole_timeout: Duration,
    /// Most bytes of an ordinary answer, unpacked.
    pub max_body: u64,
    /// Most bytes of an instrument list, unpacked.
    pub max_list_body: u64,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            first_byte_timeout: Duration::from_secs(10),
            whole_timeout: Duration::from_secs(30),
            max_body: 16 << 20,
            max_list_body: 96 << 20,
        }
    }
}

/// Idle connections kept open: enough that 32 requests at a time never connect anew.
const IDLE_CONNECTIONS: usize = 64;
/// What is reserved for a body on the word of `Content-Length` alone.
const MOST_RESERVED: u64 = 4 << 20;

/// A base URL that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not a URL.
    #[error("`{0}` is not a URL: use https://host or http://127.0.0.1:port")]
    Invalid(String),
    /// Neither http nor https.
    #[error("`{0}` is neither http nor https")]
    Scheme(String),
    /// Plain http to a host that is not this machine.
    #[error("`{0}` is plain http: it is accepted for this machine only (127.0.0.1, ::1, localhost); use https")]
    Plain(String),
    /// Neither wss, nor ws on this machine.
    #[error("`{0}` cannot be used for streams: use wss://host; plain ws:// is accepted for this machine only")]
    Socket(String),
    /// More than a host.
    #[error("the URL of host `{0}` has a path, a query or a login: give the host alone")]
    MoreThanHost(String),
    /// The TLS or proxy settings of this machine cannot be used.
    #[error("cannot set up HTTP: {0}")]
    Setup(String),
}

/// `https://host[:port]`, or `http://` of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    origin: String,
    authority: String,
    loopback: bool,
}

impl BaseUrl {
    /// Checks and takes a URL in. A trailing slash is no path.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let text = text.trim();
        // A login or key might be in it: refusals past this point name the host alone.
        let url =
            Url::parse(text).map_err(|_| UrlError::Invalid(text.split(['?', '@', '#']).next().unwrap_or_default().to_owned()))?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(|| UrlError::Invalid(url.scheme().to_owned()))?;
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let loopback = is_loopback(host);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => return Err(UrlError::Plain(authority)),
            other => return Err(UrlError::Scheme(other.to_owned())),
        }
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err(UrlError::MoreThanHost(authority));
        }
        Ok(Self { origin: format!("{}://{authority}", url.scheme()), authority, loopback })
    }

    /// The same for a host of streams, `wss://host[:port]` or `ws://` of this machine, as its origin.
    pub fn parse_socket(text: &str) -> Result<String, UrlError> {
        let (scheme, rest) = text.trim().split_once("://").ok_or_else(|| {
            // A login or key might be in it.
            UrlError::Socket(text.trim().split(['?', '@', '#']).next().unwrap_or_default().to_owned())
        })?;
        let (http, ws) = match scheme {
            "wss" => ("https", "wss"),
            "ws" => ("http", "ws"),
            _ => return Err(UrlError::Socket(format!("{scheme}://"))),
        };
        match Self::parse(&format!("{http}://{rest}")) {
            Ok(base) => Ok(format!("{ws}://{}", base.authority)),
            Err(UrlError::Plain(authority)) => Err(UrlError::Socket(format!("ws://{authority}"))),
            Err(error) => Err(error),
        }
    }

    /// Host, with the port where it is not the scheme's own.
    pub fn host(&self) -> &str {
        &self.authority
    }
}

/// Whether this host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status; never 3xx.
    pub status: u16,
    /// Unpacked body.
    pub body: Vec<u8>,
    headers: HeaderMap,
}

impl Answer {
    /// A header's text, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// A client of one host. Proxies come from the environment or the system's settings, but a server
/// on this machine is always asked directly.
#[derive(Debug, Clone)]
pub struct HttpClient {
    client: Client,
    base: BaseUrl,
    settings: HttpSettings,
    /// The proxy on the way, for errors: what cannot be reached may be that.
    proxy: Option<String>,
}

impl HttpClient {
    /// A client with its own pool of connections. rustls' provider must be installed before.
    pub fn new(base: BaseUrl, settings: HttpSettings) -> Result<Self, UrlError> {
        let mut builder = Client::builder()
            .user_agent(concat!("marketdata-tui/", env!("CARGO_PKG_VERSION")))
            // Sends `Accept-Encoding: gzip` and unpacks.
            .gzip(true)
            // The exchanges' interfaces have no redirects: one means a captive portal or a wrong host.
            .redirect(redirect::Policy::none())
            // Retrying is the engine's, by its own rules and budget.
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(settings.connect_timeout)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .tcp_nodelay(true)
            // After a sleep or a change of network the old connection is dead without a word; these
            // find out before a request has to wait for its own limit.
            .tcp_keepalive(Duration::from_secs(15))
            .http2_keep_alive_interval(Duration::from_secs(15))
            .http2_keep_alive_timeout(Duration::from_secs(5))
            .http2_adaptive_window(true);
        if base.loopback {
            builder = builder.no_proxy();
        }
        // The library passes by a proxy that it does not understand; nothing may be sent past one.
        let name = base.host().rsplit_once(':').map_or(base.host(), |(name, _)| name);
        let proxies = if base.loopback { Proxies::default() } else { Proxies::read(|name| std::env::var(name).ok()) };
        let proxy = proxies.for_requests(name).map_err(UrlError::Setup)?;
        let client = builder.build().map_err(|error| UrlError::Setup(lowest_cause(&error.without_url())))?;
        Ok(Self { client, base, settings, proxy })
    }

    /// Host and port.
    pub fn host(&self) -> &str {
        self.base.host()
    }

    /// One GET of `path_and_query` (starting with a slash), with a body of at most `max_body` bytes.
    /// Any status but a redirect is an answer.
    pub async fn get(&self, path_and_query: &str, max_body: u64) -> Result<Answer, ExchangeError> {
        let started = Instant::now();
        let head_due = started + self.settings.first_byte_timeout.min(self.settings.whole_timeout);
        let whole_due = started + self.settings.whole_timeout;
        let request = self.client.get(format!("{}{path_and_query}", self.base.origin)).send();
        let mut response = match timeout_at(head_due, request).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) if error.is_timeout() && error.is_connect() => {
                return Err(self.timeout("connect", self.settings.connect_timeout));
            }
            Ok(Err(error)) => return Err(self.broken(error)),
            Err(_) => return Err(self.timeout("first byte", self.settings.first_byte_timeout)),
        };
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        if status.is_redirection() {
            return Err(ExchangeError::Malformed {
                what: format!("HTTP {} redirect", status.as_u16()),
                excerpt: redirect_host(&headers).unwrap_or_default(),
            });
        }
        // Absent where the body is packed: the length would be that of the packed bytes.
        let announced = response.content_length().unwrap_or(0);
        if announced > max_body {
            return Err(ExchangeError::TooLarge { limit: max_body });
        }
        let mut body = Vec::with_capacity(announced.min(MOST_RESERVED) as usize);
        loop {
            match timeout_at(whole_due, response.chunk()).await {
                Ok(Ok(Some(chunk))) => {
                    if (body.len() + chunk.len()) as u64 > max_body {
                        return Err(ExchangeError::TooLarge { limit: max_body });
                    }
                    body.extend_from_slice(&chunk);
                }
                Ok(Ok(None)) => return Ok(Answer { status: status.as_u16(), body, headers }),
                Ok(Err(error)) => return Err(self.broken(error)),
                Err(_) => return Err(self.timeout("whole answer", self.settings.whole_timeout)),
            }
        }
    }

    fn timeout(&self, stage: &'static str, limit: Duration) -> ExchangeError {
        ExchangeError::Timeout { host: self.host().to_owned(), stage, limit }
    }

    /// A body that cannot be unpacked is unreadable; anything else is a broken connection.
    fn broken(&self, error: reqwest::Error) -> ExchangeError {
        let error = error.without_url();
        let cause = lowest_cause(&error);
        // The unpacker's own errors come bare; what breaks below comes wrapped in hyper's error.
        let is_gzip = error.is_decode() && causes(&error).next().is_some_and(<dyn Error>::is::<std::io::Error>);
        if is_gzip {
            ExchangeError::Malformed { what: "bad gzip".into(), excerpt: cause }
        } else {
            let by = self.proxy.as_ref().map_or_else(String::new, |proxy| format!(" through the proxy {proxy}"));
            ExchangeError::Unreachable { host: format!("{}{by}", self.host()), cause }
        }
    }
}

/// The host that a redirect points to; the rest of the target is nobody's business.
fn redirect_host(headers: &HeaderMap) -> Option<String> {
    let target = headers.get(LOCATION)?.to_str().ok()?;
    Some(Url::parse(target).ok()?.host_str()?.to_owned())
}

fn causes<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> + use<'a> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

fn lowest_cause(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

/// Percent-encodes a query value: everything but RFC 3986's unreserved characters.
pub fn encode_query(value: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.extend(['%', char::from(HEX[usize::from(byte >> 4)]), char::from(HEX[usize::from(byte & 15)])]);
        }
    }
    encoded
}

#[cfg(test)]
mod tests;
