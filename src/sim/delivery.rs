//! Sending an answer, well or badly.

use super::fault::Fault;
use super::reply::Reply;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Another request may follow.
    KeepAlive,
    /// It ends here.
    Close,
}

/// How long a stalled answer holds its connection.
const LONGEST_STALL: Duration = Duration::from_secs(600);

/// Sends a reply with the fault that it carries.
pub(super) async fn deliver(stream: &mut TcpStream, reply: Reply) -> io::Result<Next> {
    let next = if reply.keep_alive { Next::KeepAlive } else { Next::Close };
    match reply.fault {
        None => {
            let (bytes, _) = reply.bytes();
            stream.write_all(&bytes).await?;
            Ok(next)
        }
        Some(Fault::Latency { ms }) => {
            sleep(Duration::from_millis(ms)).await;
            stream.write_all(&reply.bytes().0).await?;
            Ok(next)
        }
        Some(Fault::Reset) => {
            // With no time to linger, closing sends RST instead of FIN.
            stream.set_zero_linger()?;
            Ok(Next::Close)
        }
        Some(Fault::Close) => Ok(Next::Close),
        Some(Fault::Stall) => {
            stall(stream).await;
            Ok(Next::Close)
        }
        Some(Fault::CutBody) => {
            let (bytes, body_at) = reply.bytes();
            stream.write_all(&bytes[..body_at + (bytes.len() - body_at) / 2]).await?;
            stream.shutdown().await?;
            Ok(Next::Close)
        }
        Some(Fault::ResetBody) => {
            let (bytes, body_at) = reply.bytes();
            stream.write_all(&bytes[..body_at + (bytes.len() - body_at) / 2]).await?;
            // A reset overtakes what the client has not read yet; let it read first.
            sleep(Duration::from_millis(20)).await;
            stream.set_zero_linger()?;
            Ok(Next::Close)
        }
        Some(Fault::NotHttp) => {
            stream.write_all(b"\x16\x03\x01 this is not the protocol you are looking for\r\n\r\n").await?;
            Ok(Next::Close)
        }
        Some(Fault::SlowDrip { bytes: size, ms }) => {
            let (bytes, _) = reply.bytes();
            for piece in bytes.chunks(size.max(1)) {
                stream.write_all(piece).await?;
                sleep(Duration::from_millis(ms)).await;
            }
            Ok(next)
        }
        Some(Fault::HugeBody { bytes: size }) => {
            let (bytes, body_at) = reply.bytes();
            stream.write_all(&bytes).await?;
            let blanks = vec![b' '; 64 * 1_024];
            let mut left = size.saturating_sub((bytes.len() - body_at) as u64);
            while left > 0 {
                let piece = usize::try_from(left).unwrap_or(usize::MAX).min(blanks.len());
                stream.write_all(&blanks[..piece]).await?;
                left -= piece as u64;
            }
            Ok(next)
        }
        // All others are wrong in their content, which `Reply::bytes` or the interface has seen to.
        Some(_) => {
            stream.write_all(&reply.bytes().0).await?;
            Ok(next)
        }
    }
}

/// Waits until the client leaves; what it sends meanwhile is dropped.
async fn stall(stream: &mut TcpStream) {
    let mut sink = [0; 1_024];
    let gone = async { while matches!(stream.read(&mut sink).await, Ok(read) if read > 0) {} };
    // Either end is the end of the stall.
    let _ = timeout(LONGEST_STALL, gone).await;
}
