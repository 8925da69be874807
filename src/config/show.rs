//! The effective settings as text, each with its source.

use super::key::KEYS;
use super::{Secret, Settings};
use std::fmt::Write as _;

impl Settings {
    /// One line for each setting: name, value, where it came from. Secrets are `set` or `not set`.
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
        out
    }

    fn shown(&self, name: &str) -> String {
        let quoted = |text: &dyn std::fmt::Display| format!("\"{text}\"");
        let secret = |value: &Option<Secret>| if value.is_some() { "set" } else { "not set" }.to_owned();
        match name {
            "store.path" => quoted(&self.db_path.display()),
            "record.backfill_minutes" => self.backfill_minutes.to_string(),
            "record.heartbeat_delay" => self.heartbeat_delay.as_secs().to_string(),
            "record.pages_in_flight" => self.pages_in_flight.to_string(),
            "record.live_share_percent" => self.live_share_percent.to_string(),
            "record.patience" => self.patience.as_secs().to_string(),
            "log.level" => quoted(&self.log.level),
            "log.dir" => quoted(&self.log.dir.display()),
            "log.format" => quoted(&self.log.format),
            "binance.rest_url" => quoted(&self.binance.rest_url),
            "binance.fallback_url" => quoted(&self.binance.fallback_url.as_deref().unwrap_or_default()),
            "binance.api_key" => secret(&self.binance.api_key),
            "binance.secret_key" => secret(&self.binance.secret_key),
            _ => String::new(),
        }
    }
}
