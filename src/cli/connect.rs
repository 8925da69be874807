//! Clients of the exchanges, as the settings say.

use super::Context;
use crate::domain::instrument::ExchangeId;
use crate::exchange::binance::{Binance, BinanceSettings};
use crate::exchange::binance_usdm::{BinanceUsdm, UsdmSettings};
use crate::exchange::kraken::{Kraken, KrakenSettings};
use crate::exchange::okx::{Okx, OkxSettings};
use crate::exchange::port::Exchange;
use anyhow::{Context as _, bail};
use std::sync::Arc;

impl Context {
    /// A client of an exchange, which connects with its first request.
    pub fn connect(&self, id: ExchangeId) -> anyhow::Result<Arc<dyn Exchange>> {
        if !self.settings.exchanges.contains(&id) {
            let chosen: Vec<&str> = self.settings.exchanges.iter().map(|id| id.name()).collect();
            bail!("{id} is not among the exchanges of the setting record.exchanges ({})", chosen.join(", "));
        }
        self.client(id)
    }

    /// The same, whether the settings choose it or not.
    pub fn client(&self, id: ExchangeId) -> anyhow::Result<Arc<dyn Exchange>> {
        let client = match id {
            ExchangeId::Binance => Binance::new(&self.binance(), self.clock).map(|client| Arc::new(client) as Arc<dyn Exchange>),
            ExchangeId::BinanceUsdm => BinanceUsdm::new(&self.usdm(), self.clock).map(|client| Arc::new(client) as _),
            ExchangeId::Okx => Okx::new(&self.okx(), self.clock).map(|client| Arc::new(client) as _),
            ExchangeId::Kraken => Kraken::new(&self.kraken(), self.clock).map(|client| Arc::new(client) as _),
        };
        client.with_context(|| format!("{id} cannot be set up"))
    }

    /// Clients of all chosen exchanges, the usual one first.
    pub fn connect_all(&self) -> anyhow::Result<Vec<Arc<dyn Exchange>>> {
        let others = self.settings.exchanges.iter().copied().filter(|id| *id != self.exchange);
        std::iter::once(self.exchange).chain(others).map(|id| self.connect(id)).collect()
    }

    fn binance(&self) -> BinanceSettings {
        let hosts = &self.settings.binance;
        BinanceSettings {
            rest_url: hosts.rest_url.clone(),
            // What the settings leave out is meant to be none.
            fallback_url: Some(hosts.fallback_url.clone().unwrap_or_default()),
            ws_url: Some(hosts.ws_url.clone().unwrap_or_default()),
            api_key: hosts.api_key.clone(),
            live_share: self.live_share(),
            ..BinanceSettings::default()
        }
    }

    fn usdm(&self) -> UsdmSettings {
        let hosts = &self.settings.usdm;
        UsdmSettings {
            rest_url: hosts.rest_url.clone(),
            ws_url: Some(hosts.ws_url.clone().unwrap_or_default()),
            live_share: self.live_share(),
            ..UsdmSettings::default()
        }
    }

    fn okx(&self) -> OkxSettings {
        let hosts = &self.settings.okx;
        OkxSettings {
            rest_url: hosts.rest_url.clone(),
            ws_url: hosts.ws_url.clone(),
            live_share: self.live_share(),
            ..OkxSettings::default()
        }
    }

    fn kraken(&self) -> KrakenSettings {
        let hosts = &self.settings.kraken;
        KrakenSettings {
            rest_url: hosts.rest_url.clone(),
            ws_url: hosts.ws_url.clone(),
            live_share: self.live_share(),
            ..KrakenSettings::default()
        }
    }

    fn live_share(&self) -> f64 {
        f64::from(self.settings.live_share_percent) / 100.0
    }
}
