//! The proxy on the way to an exchange, as the environment names it.

use super::connect::{Transport, direct};
use reqwest::Url;
use std::fmt::Write as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_socks::tcp::Socks5Stream;

/// Proxies that the HTTP library can use and streams cannot.
const FOR_REQUESTS: [&str; 3] = ["https://", "socks4://", "socks4a://"];

/// Most bytes of a proxy's answer.
const MOST_HEAD: usize = 8 << 10;

/// What kind of proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Http,
    Socks5,
}

/// A proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    kind: Kind,
    host: String,
    port: u16,
    login: Option<(String, String)>,
}

/// The login is not printed.
impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}:{}", self.kind, self.host, self.port)
    }
}

/// The proxies of an environment: `HTTPS_PROXY`, else `ALL_PROXY`, in capitals or not, except for the
/// hosts that `NO_PROXY` lists.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    proxy: Option<Result<Proxy, String>>,
    /// The variable that names it.
    variable: &'static str,
    /// Whether requests can go through it, though streams may not.
    carries_requests: bool,
    /// Host names; each stands for its subdomains as well, `*` for all.
    direct: Vec<String>,
}

impl Proxies {
    /// Reads them.
    pub fn read(env: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| {
            let found = env(name).or_else(|| env(&name.to_lowercase()))?;
            Some(found.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let found = ["HTTPS_PROXY", "ALL_PROXY"].into_iter().find_map(|name| Some((name, get(name)?)));
        let variable = found.as_ref().map_or("", |(name, _)| name);
        let carries_requests =
            found.as_ref().is_some_and(|(_, value)| FOR_REQUESTS.iter().any(|kind| value.to_lowercase().starts_with(kind)));
        let proxy = found.map(|(name, value)| Proxy::parse(&value).map_err(|problem| format!("{name}: {problem}")));
        let direct = get("NO_PROXY").unwrap_or_default();
        let direct = direct.split(',').map(|host| host.trim().trim_start_matches('.').to_lowercase());
        Self { proxy, variable, carries_requests, direct: direct.filter(|host| !host.is_empty()).collect() }
    }

    /// `127.0.0.1:3128 (HTTPS_PROXY)`, without its login; an error where it cannot be used, and nothing where
    /// there is none.
    pub fn told(&self) -> Option<Result<String, String>> {
        let told = |proxy: &Proxy| format!("{}:{} ({})", proxy.host, proxy.port, self.variable);
        self.proxy.as_ref().map(|proxy| proxy.as_ref().map(told).map_err(Clone::clone))
    }

    /// The same for requests to `host`, which more kinds of proxies carry than streams; nothing where it is asked
    /// directly. What is no proxy at all is an error: past one that was asked for nothing may be sent.
    pub fn for_requests(&self, host: &str) -> Result<Option<String>, String> {
        match self.of(host) {
            None => Ok(None),
            Some(Ok(_)) => Ok(self.told().and_then(Result::ok)),
            Some(Err(_)) if self.carries_requests => Ok(None),
            Some(Err(problem)) => Err(problem),
        }
    }

    /// The proxy on the way to `host`; an error where the one that is set cannot be used.
    pub(super) fn of(&self, host: &str) -> Option<Result<&Proxy, String>> {
        let host = host.to_lowercase();
        let is_direct = |rule: &String| {
            rule == "*" || host == *rule || host.strip_suffix(rule.as_str()).is_some_and(|rest| rest.ends_with('.'))
        };
        if self.direct.iter().any(is_direct) {
            return None;
        }
        self.proxy.as_ref().map(|proxy| proxy.as_ref().map_err(Clone::clone))
    }
}

impl Proxy {
    fn parse(text: &str) -> Result<Self, String> {
        let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        // A login may be in it, so that it is not repeated.
        let url = Url::parse(&text).map_err(|_| "not a URL: use http://host:port or socks5://host:port".to_owned())?;
        let (kind, port) = match url.scheme() {
            "http" => (Kind::Http, 80),
            "socks5" | "socks5h" => (Kind::Socks5, 1080),
            other if FOR_REQUESTS.iter().any(|kind| kind.strip_suffix("://") == Some(other)) => {
                return Err(format!("`{other}` proxies cannot carry streams: use http or socks5"));
            }
            other => return Err(format!("`{other}` is no kind of proxy: use http://host:port or socks5://host:port")),
        };
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or("it names no host")?;
        let login =
            (!url.username().is_empty()).then(|| (unescaped(url.username()), unescaped(url.password().unwrap_or_default())));
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { kind, host, port: url.port().unwrap_or(port), login })
    }
}

/// A connection to `host` through the proxy.
pub(super) async fn connect(proxy: &Proxy, host: &str, port: u16) -> Result<Box<dyn Transport>, String> {
    let at = format!("proxy {}:{}", proxy.host, proxy.port);
    let stream = direct(&proxy.host, proxy.port).await.map_err(|error| format!("proxy {error}"))?;
    match proxy.kind {
        Kind::Http => tunnel(proxy, stream, host, port).await.map_err(|error| format!("{at}: {error}")),
        Kind::Socks5 => {
            let target = (host, port);
            let tunnel = match &proxy.login {
                Some((user, password)) => Socks5Stream::connect_with_password_and_socket(stream, target, user, password).await,
                None => Socks5Stream::connect_with_socket(stream, target).await,
            };
            Ok(Box::new(tunnel.map_err(|error| format!("{at}: {error}"))?))
        }
    }
}

async fn tunnel<S: Transport + 'static>(
    proxy: &Proxy,
    mut stream: S,
    host: &str,
    port: u16,
) -> Result<Box<dyn Transport>, String> {
    let authority = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
    if let Some((user, password)) = &proxy.login {
        // Writing to a String cannot fail.
        let _ = write!(request, "Proxy-Authorization: Basic {}\r\n", base64(format!("{user}:{password}").as_bytes()));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await.map_err(|error| error.to_string())?;
    // Byte by byte: what follows the head belongs to the exchange.
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == MOST_HEAD {
            return Err("its answer has no end".into());
        }
        head.push(stream.read_u8().await.map_err(|error| error.to_string())?);
    }
    let head = String::from_utf8_lossy(&head);
    let line = head.lines().next().unwrap_or_default();
    match line.split_whitespace().nth(1) {
        Some(status) if status.starts_with('2') => Ok(Box::new(stream)),
        _ => Err(format!("refused: {line}")),
    }
}

fn unescaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = (byte == b'%').then(|| text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok())).flatten();
        plain.push(code.unwrap_or(byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&plain).into_owned()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let index = (word >> (18 - 6 * digit)) & 63;
            text.push(if digit <= chunk.len() { char::from(DIGITS[index as usize]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(set: &[(&str, &str)]) -> Proxies {
        Proxies::read(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_environment_names_the_proxy_and_who_needs_none() {
        let set = proxies(&[("https_proxy", "http://me:p%40ss@proxy.lan:3128"), ("NO_PROXY", ".lan, okx.com")]);
        let proxy = set.of("stream.binance.com").unwrap().unwrap().clone();
        let login = Some(("me".to_owned(), "p@ss".to_owned()));
        assert_eq!(proxy, Proxy { kind: Kind::Http, host: "proxy.lan".into(), port: 3128, login });
        assert!(!format!("{proxy:?}").contains("p@ss"));
        assert!(set.of("ws.okx.com").is_none() && set.of("OKX.com").is_none() && set.of("notokx.com").is_some());
        assert_eq!(proxies(&[("ALL_PROXY", "socks5://[::1]")]).of("a.b").unwrap().unwrap().port, 1080);
        assert!(proxies(&[("ALL_PROXY", "http://x"), ("no_proxy", "*")]).of("a.b").is_none());
        assert!(proxies(&[]).of("a.b").is_none());
        assert!(proxies(&[("HTTPS_PROXY", "ftp://x")]).of("a.b").unwrap().unwrap_err().contains("HTTPS_PROXY"));
    }

    /// What is no proxy must not be passed by: requests would go another way than was asked for.
    #[test]
    fn requests_go_through_the_proxy_or_nowhere() {
        let to = |value: &str| proxies(&[("HTTPS_PROXY", value), ("NO_PROXY", "own.lan")]).for_requests("a.b");
        assert_eq!(to("http://me:pass@px:3128"), Ok(Some("px:3128 (HTTPS_PROXY)".into())));
        assert_eq!([to("https://px:3128"), to("SOCKS4://px")], [Ok(None), Ok(None)], "not told, but used");
        assert!(to("ftp://px:21").unwrap_err().contains("`ftp` is no kind of proxy"));
        assert!(to("http://px:notaport").unwrap_err().contains("not a URL"));
        assert_eq!(proxies(&[("HTTPS_PROXY", "ftp://px"), ("NO_PROXY", "own.lan")]).for_requests("own.lan"), Ok(None));
        assert_eq!(proxies(&[]).for_requests("a.b"), Ok(None));
    }

    #[test]
    fn logins_are_encoded() {
        assert_eq!([&b""[..], b"M", b"Ma", b"Man", b"user:pass"].map(base64), ["", "TQ==", "TWE=", "TWFu", "dXNlcjpwYXNz"]);
    }

    #[tokio::test]
    async fn a_tunnel_stands_where_the_proxy_says_so() {
        let proxy = Proxy { kind: Kind::Http, host: "proxy".into(), port: 1, login: Some(("a".into(), "b".into())) };
        for (answer, stands) in [("HTTP/1.1 200 OK\r\n\r\n", true), ("HTTP/1.1 407 No\r\nX: y\r\n\r\n", false)] {
            let (client, mut server) = tokio::io::duplex(1_024);
            server.write_all(answer.as_bytes()).await.unwrap();
            let tunnel = tunnel(&proxy, client, "stream.binance.com", 9443).await;
            assert_eq!(tunnel.is_ok(), stands);
            let mut request = vec![0; 128];
            let length = server.read(&mut request).await.unwrap();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            assert!(request.starts_with("CONNECT stream.binance.com:9443 HTTP/1.1\r\n"), "{request}");
            assert!(request.contains("Proxy-Authorization: Basic YTpi\r\n"), "{request}");
        }
    }
}
