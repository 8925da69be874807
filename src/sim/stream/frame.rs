//! WebSocket frames (RFC 6455) as a server writes and reads them. Written by hand, so that a fault can
//! put any bytes between them.

/// Frame type, RFC 6455 section 5.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opcode {
    Text = 1,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// What a client sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Incoming {
    Text(String),
    /// No exchange here reads binary messages.
    Binary,
    Ping(Vec<u8>),
    Pong,
    Close,
}

/// The close code for bytes that break the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Violation(pub(super) u16);

const PROTOCOL_ERROR: Violation = Violation(1_002);
const INVALID_TEXT: Violation = Violation(1_007);
const TOO_BIG: Violation = Violation(1_009);

/// Longest message that is read: OKX allows 64 KB, the others less.
const LONGEST: usize = 64 * 1_024;

/// Appends one whole, unmasked frame.
pub(super) fn put(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8]) {
    head(out, opcode, payload.len() as u64);
    out.extend_from_slice(payload);
}

/// Appends the head of a frame whose payload of `length` bytes follows.
pub(super) fn head(out: &mut Vec<u8>, opcode: Opcode, length: u64) {
    out.push(0x80 | opcode as u8);
    match length {
        0..=125 => out.push(length as u8),
        126..=0xffff => {
            out.push(126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            out.push(127);
            out.extend_from_slice(&length.to_be_bytes());
        }
    }
}

/// Appends a closing frame with code and reason.
pub(super) fn close(out: &mut Vec<u8>, code: u16, reason: &str) {
    put(out, Opcode::Close, &[&code.to_be_bytes(), reason.as_bytes()].concat());
}

/// Bytes from a client, and the message that is still coming in fragments.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    pub(super) bytes: Vec<u8>,
    fragments: Vec<u8>,
    /// Opcode of the fragmented message.
    begun: Option<u8>,
}

impl Inbox {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, ..Self::default() }
    }

    /// Takes the next message, if it is all there.
    pub(super) fn take(&mut self) -> Result<Option<Incoming>, Violation> {
        while let Some((first, payload)) = self.take_frame()? {
            let (last, opcode) = (first & 0x80 != 0, first & 0x0f);
            match opcode {
                8 => return Ok(Some(Incoming::Close)),
                9 => return Ok(Some(Incoming::Ping(payload))),
                10 => return Ok(Some(Incoming::Pong)),
                0 if self.begun.is_some() => {}
                1 | 2 if self.begun.is_none() => self.begun = Some(opcode),
                _ => return Err(PROTOCOL_ERROR),
            }
            self.fragments.extend_from_slice(&payload);
            if self.fragments.len() > LONGEST {
                return Err(TOO_BIG);
            }
            if last {
                let message = std::mem::take(&mut self.fragments);
                return match self.begun.take() {
                    Some(1) => String::from_utf8(message).map(|text| Some(Incoming::Text(text))).map_err(|_| INVALID_TEXT),
                    _ => Ok(Some(Incoming::Binary)),
                };
            }
        }
        Ok(None)
    }

    /// The first byte and the unmasked payload of the next frame.
    fn take_frame(&mut self) -> Result<Option<(u8, Vec<u8>)>, Violation> {
        let &[first, second, ref rest @ ..] = self.bytes.as_slice() else { return Ok(None) };
        // A client must mask, and no extension was agreed on.
        if second & 0x80 == 0 || first & 0x70 != 0 {
            return Err(PROTOCOL_ERROR);
        }
        let wide = match second & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let Some((length, rest)) = rest.split_at_checked(wide) else { return Ok(None) };
        let length = match wide {
            0 => u64::from(second & 0x7f),
            _ => length.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        };
        if length > LONGEST as u64 {
            return Err(TOO_BIG);
        }
        if first & 0x08 != 0 && (length > 125 || first & 0x80 == 0) {
            return Err(PROTOCOL_ERROR);
        }
        let Some((mask, rest)) = rest.split_at_checked(4) else { return Ok(None) };
        let Some(payload) = rest.get(..length as usize) else { return Ok(None) };
        let payload: Vec<u8> = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
        self.bytes.drain(..2 + wide + 4 + payload.len());
        Ok(Some((first, payload)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let mask = [7_u8, 13, 250, 1];
        let mut out = vec![first];
        match payload.len() {
            length @ 0..=125 => out.push(0x80 | length as u8),
            length => {
                out.push(0xfe);
                out.extend_from_slice(&(length as u16).to_be_bytes());
            }
        }
        out.extend_from_slice(&mask);
        out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        out
    }

    #[test]
    fn reads_whatever_way_the_bytes_come() {
        let long = "x".repeat(300);
        let mut bytes = masked(0x81, long.as_bytes());
        bytes.extend(masked(0x01, "Grü".as_bytes()));
        bytes.extend(masked(0x89, b"now"));
        bytes.extend(masked(0x80, "ße".as_bytes()));
        bytes.extend(masked(0x88, &[]));
        for step in [1, 7, bytes.len()] {
            let mut inbox = Inbox::default();
            let mut got = Vec::new();
            for piece in bytes.chunks(step) {
                inbox.bytes.extend_from_slice(piece);
                while let Some(incoming) = inbox.take().unwrap() {
                    got.push(incoming);
                }
            }
            let expected = [
                Incoming::Text(long.clone()),
                Incoming::Ping(b"now".to_vec()),
                Incoming::Text("Grüße".to_owned()),
                Incoming::Close,
            ];
            assert_eq!(got, expected, "in pieces of {step}");
        }
    }

    #[test]
    fn breaches_have_their_close_codes() {
        let check = |bytes: &[u8], code: u16| {
            let mut inbox = Inbox::new(bytes.to_vec());
            assert_eq!(inbox.take(), Err(Violation(code)), "{bytes:?}");
        };
        check(b"\x81\x02hi", 1_002);
        check(&masked(0xc1, b"compressed"), 1_002);
        check(&masked(0x80, b"continues nothing"), 1_002);
        check(&masked(0x09, b"a ping in pieces"), 1_002);
        check(&masked(0x81, b"\xff\xfe"), 1_007);
        check(b"\x81\xff\x00\x00\x00\x00\x10\x00\x00\x00", 1_009);
    }

    #[test]
    fn lengths_have_three_forms() {
        for (length, size) in [(125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            let mut out = Vec::new();
            put(&mut out, Opcode::Text, &vec![b'x'; length]);
            assert_eq!(out.len(), length + size);
        }
    }
}
