//! The effective settings as text, each with its source.

use super::key::KEYS;
use super::{Secret, Settings};
use std::fmt::Write as _;

impl Settings {
    /// One line for each setting and each changed key: name, value, where it came from. Secrets are `set` or `not set`.
    pub fn show(&self) -> String {
        let (file, is_there) = &self.file;
        let mut out = String::new();
        // Writing to a `String` cannot fail.
        let _ = writeln!(out, "# config file: {}{}", file.display(), if *is_there { "" } else { " (not there)" });
        let rows: Vec<(&str, String)> = KEYS.iter().map(|key| (key.name, self.shown(key.name))).collect();
        let name_width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        let value_width =
            rows.iter().map(|(_, value)| value.chars().count()).filter(|width| *width <= 60).max().unwrap_or_default();
        for (name, value) in rows {
            let _ = writeln!(out, "{name:name_width$} = {value:value_width$}  # {}", self.origin(name));
        }
        for key in &self.ui.keys {
            let chords: Vec<String> = key.chords.iter().map(|chord| quoted(chord)).collect();
            let _ = writeln!(out, "keys.{} = [{}]  # {}", key.action, chords.join(", "), key.origin);
        }
        out
    }

    fn shown(&self, name: &str) -> String {
        let shown = |text: &dyn std::fmt::Display| format!("\"{text}\"");
        let stream = |url: &Option<String>| shown(&url.as_deref().unwrap_or_default());
        let secret = |value: &Option<Secret>| if value.is_some() { "set" } else { "not set" }.to_owned();
        match name {
            "store.path" => shown(&self.db_path.display()),
            "record.exchanges" => shown(&self.exchanges.iter().map(|id| id.name()).collect::<Vec<_>>().join(", ")),
            "record.backfill_minutes" => self.backfill_minutes.to_string(),
            "record.heartbeat_delay" => self.heartbeat_delay.as_secs().to_string(),
            "record.pages_in_flight" => self.pages_in_flight.to_string(),
            "record.live_share_percent" => self.live_share_percent.to_string(),
            "record.streams" => self.streams.to_string(),
            "record.patience" => self.patience.as_secs().to_string(),
            "log.level" => shown(&self.log.level),
            "log.dir" => shown(&self.log.dir.display()),
            "log.format" => shown(&self.log.format),
            "ui.theme" => shown(&self.ui.theme),
            "ui.up_color" => shown(&if self.ui.red_up { "red" } else { "green" }),
            "binance.rest_url" => shown(&self.binance.rest_url),
            "binance.fallback_url" => shown(&self.binance.fallback_url.as_deref().unwrap_or_default()),
            "binance.ws_url" => stream(&self.binance.ws_url),
            "binance.futures_rest_url" => shown(&self.usdm.rest_url),
            "binance.futures_ws_url" => stream(&self.usdm.ws_url),
            "okx.rest_url" => shown(&self.okx.rest_url),
            "okx.ws_url" => stream(&self.okx.ws_url),
            "kraken.rest_url" => shown(&self.kraken.rest_url),
            "kraken.ws_url" => stream(&self.kraken.ws_url),
            "binance.api_key" => secret(&self.binance.api_key),
            "binance.secret_key" => secret(&self.binance.secret_key),
            _ => String::new(),
        }
    }
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
}
