//! The columns of the watch table: which fit, how wide they are, and how they sort.

use crate::domain::price::to_f64;
use crate::domain::ticker::Ticker;
use crate::engine::snapshot::{SeriesState, SeriesView};
use crate::tui::format;

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Symbol,
    Exchange,
    Interval,
    Last,
    Change,
    High,
    Low,
    Volume,
    Funding,
    Spark,
    Age,
    Coverage,
    Gaps,
    State,
}

/// From left to right.
const ORDER: [Column; 14] = [
    Column::Symbol,
    Column::Exchange,
    Column::Interval,
    Column::Last,
    Column::Change,
    Column::High,
    Column::Low,
    Column::Volume,
    Column::Funding,
    Column::Spark,
    Column::Age,
    Column::Coverage,
    Column::Gaps,
    Column::State,
];

/// Narrow tables do without the last of these first.
const IMPORTANCE: [Column; 14] = [
    Column::Symbol,
    Column::Last,
    Column::Change,
    Column::Coverage,
    Column::Age,
    Column::Spark,
    Column::Interval,
    Column::State,
    Column::Gaps,
    Column::Exchange,
    Column::Volume,
    Column::Funding,
    Column::High,
    Column::Low,
];

/// Least and most columns of the sparkline: two hours, two minutes a column.
const SPARK: (usize, usize) = (5, 60);
/// Columns of an exchange's name from which it is told from others.
const LEAST_EXCHANGE: usize = 9;
/// Blanks between columns.
pub(crate) const GAP: usize = 2;

impl Column {
    /// Every column, from left to right.
    pub(crate) const ALL: [Self; 14] = ORDER;

    /// Its heading.
    pub(crate) const fn heading(self) -> &'static str {
        match self {
            Self::Symbol => "Symbol",
            Self::Exchange => "Exchange",
            Self::Interval => "Int",
            Self::Last => "Last",
            Self::Change => "24h",
            Self::High => "High",
            Self::Low => "Low",
            Self::Volume => "Volume",
            Self::Funding => "Funding",
            Self::Spark => "2h",
            Self::Age => "Age",
            Self::Coverage => "Cov",
            Self::Gaps => "Gaps",
            Self::State => "State",
        }
    }

    /// Its name where it is remembered.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Symbol => "symbol",
            Self::Exchange => "exchange",
            Self::Interval => "interval",
            Self::Last => "last",
            Self::Change => "change",
            Self::High => "high",
            Self::Low => "low",
            Self::Volume => "volume",
            Self::Funding => "funding",
            Self::Spark => "spark",
            Self::Age => "age",
            Self::Coverage => "coverage",
            Self::Gaps => "gaps",
            Self::State => "state",
        }
    }

    /// The column of this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        ORDER.into_iter().find(|column| column.name() == name)
    }

    /// Whether it is set at the right.
    pub(crate) const fn is_number(self) -> bool {
        !matches!(self, Self::Symbol | Self::Exchange | Self::Interval | Self::Spark | Self::State)
    }

    /// Whether it sorts by its text.
    pub(crate) const fn is_text(self) -> bool {
        matches!(self, Self::Symbol | Self::Exchange)
    }

    /// Whether its own order goes from large to small: what one looks for comes first.
    pub(super) const fn descends(self) -> bool {
        !matches!(self, Self::Symbol | Self::Exchange | Self::Interval | Self::Coverage)
    }

    /// What text columns sort by.
    pub(super) fn text(self, series: &SeriesView) -> &str {
        match self {
            Self::Exchange => series.exchange.name(),
            _ => series.symbol.as_str(),
        }
    }

    /// What other columns sort by; nothing where there is no value.
    pub(super) fn number(self, series: &SeriesView) -> Option<f64> {
        let ticker = |of: fn(&Ticker) -> f64| series.ticker.as_ref().map(|(ticker, _)| of(ticker));
        match self {
            Self::Symbol | Self::Exchange | Self::Spark => None,
            Self::Interval | Self::Age | Self::Coverage | Self::Gaps if !series.has_candles() => None,
            Self::Interval => Some(series.interval.ms() as f64),
            Self::Last => series.last().map(to_f64),
            Self::Change => series.ticker.as_ref().and_then(|(ticker, _)| ticker.change_percent()),
            Self::High => ticker(|ticker| to_f64(ticker.high_24h)),
            Self::Low => ticker(|ticker| to_f64(ticker.low_24h)),
            Self::Volume => series.ticker.as_ref().and_then(|(ticker, _)| ticker.worth_24h()).map(to_f64),
            Self::Funding => series.forecast.map(|(forecast, _)| to_f64(forecast.rate)),
            Self::Age => series.last_candle_end.map(|end| -(end.ms() as f64)),
            Self::Coverage => Some(series.coverage.percent()),
            Self::Gaps => Some(f64::from(series.coverage.gaps)),
            Self::State => Some(match series.state {
                SeriesState::Live => 0.0,
                SeriesState::Backfilling => 1.0,
                SeriesState::Waiting(_) => 2.0,
                SeriesState::Stopped(_) => 3.0,
            }),
        }
    }

    /// Columns of the screen that it takes over `series`; the sparkline can take more.
    pub(crate) fn width(self, series: &[SeriesView]) -> usize {
        let widest = |text: fn(&SeriesView) -> String| series.iter().map(|one| format::width(&text(one))).max().unwrap_or(0);
        match self {
            Self::Symbol => widest(|one| one.symbol.to_string()).clamp(8, 18),
            Self::Interval => 3,
            Self::Last => widest(last).clamp(8, 16),
            Self::High => widest(high).clamp(8, 16),
            Self::Low => widest(low).clamp(8, 16),
            Self::Exchange => widest(|one| one.exchange.to_string()).clamp(8, 12),
            Self::Change | Self::Funding | Self::State => 8,
            Self::Spark => SPARK.0,
            Self::Age => 4,
            Self::Gaps => 5,
            Self::Coverage => 6,
            Self::Volume => 7,
        }
    }
}

/// Columns with their widths that `room` holds, the one that is sorted by with its arrow; the
/// sparkline takes what is left.
pub(crate) fn fitting(series: &[SeriesView], room: usize, sorted: Column) -> Vec<(Column, usize)> {
    let width_of = |column: Column| {
        let arrow = if column == sorted { format::width(column.heading()) + 1 } else { 0 };
        column.width(series).max(arrow)
    };
    let mut left = room;
    let mut chosen = Vec::new();
    // Only perpetuals have funding.
    let has_funding = series.iter().any(|one| one.forecast.is_some());
    let mut importance: Vec<Column> = IMPORTANCE.into_iter().filter(|column| *column != Column::Funding || has_funding).collect();
    let mut behind = |column: Column, other: Column| {
        importance.retain(|one| *one != column);
        let at = importance.iter().position(|one| *one == other).map_or(0, |at| at + 1);
        importance.insert(at, column);
    };
    // A symbol of several exchanges alone does not say which market it is; a price is what one looks for all the same.
    if several_exchanges_have_one(series) {
        behind(Column::Exchange, Column::Last);
    } else if series.iter().any(|one| one.exchange != series[0].exchange) {
        behind(Column::Exchange, Column::Coverage);
    }
    // One interval for all says little.
    if series.iter().any(|one| one.interval != series[0].interval) {
        behind(Column::Interval, Column::Age);
    }
    for column in importance {
        let gap = if chosen.is_empty() { 0 } else { GAP };
        let mut width = width_of(column);
        // The beginning of an exchange's name tells it as well.
        if column == Column::Exchange && (LEAST_EXCHANGE..width).contains(&left.saturating_sub(gap)) {
            width = left - gap;
        }
        let whole = width + gap;
        if whole > left {
            break;
        }
        left -= whole;
        chosen.push((column, width));
    }
    ORDER
        .into_iter()
        .filter_map(|column| chosen.iter().find(|(of, _)| *of == column).copied())
        .map(|(column, width)| (column, width + if column == Column::Spark { left.min(SPARK.1 - SPARK.0) } else { 0 }))
        .collect()
}

/// Whether a symbol is there of more than one exchange.
pub(crate) fn several_exchanges_have_one(series: &[SeriesView]) -> bool {
    let mut of: Vec<(&str, &str)> = series.iter().map(|one| (one.symbol.as_str(), one.exchange.name())).collect();
    of.sort_unstable();
    of.dedup();
    of.windows(2).any(|pair| pair[0].0 == pair[1].0)
}

/// The last price, or a dash.
pub(crate) fn last(series: &SeriesView) -> String {
    series.last().map_or_else(|| "-".into(), |last| format::price(last, series.price_decimals))
}

/// The highest price of 24 h, or a dash.
pub(crate) fn high(series: &SeriesView) -> String {
    price(series, |ticker| ticker.high_24h)
}

/// The lowest price of 24 h, or a dash.
pub(crate) fn low(series: &SeriesView) -> String {
    price(series, |ticker| ticker.low_24h)
}

/// What was traded within 24 h in the quote asset, `~` before what is known at the last price alone, or a dash.
pub(crate) fn volume(series: &SeriesView) -> String {
    let text = series.ticker.as_ref().and_then(|(ticker, _)| {
        let about = if ticker.is_worth_estimated() { "~" } else { "" };
        Some(format!("{about}{}", format::amount(to_f64(ticker.worth_24h()?))))
    });
    text.unwrap_or_else(|| "-".into())
}

fn price(series: &SeriesView, of: fn(&Ticker) -> crate::domain::price::Decimal) -> String {
    series.ticker.as_ref().map_or_else(|| "-".into(), |(ticker, _)| format::price(of(ticker), series.price_decimals))
}

/// The running estimate of the coming funding in percent, or a dash.
pub(crate) fn funding(series: &SeriesView) -> String {
    series.forecast.map_or_else(|| "-".into(), |(forecast, _)| format!("{:+.4}%", to_f64(forecast.rate) * 100.0))
}

/// What a series is doing, in a word.
pub(crate) const fn state_word(state: &SeriesState) -> &'static str {
    match state {
        SeriesState::Live => "live",
        SeriesState::Backfilling => "fetching",
        SeriesState::Waiting(_) => "waiting",
        SeriesState::Stopped(_) => "stopped",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture::{busy, market};

    #[test]
    fn columns_come_in_the_stated_order() {
        let series = std::sync::Arc::new(market()).of_symbols().series.clone();
        let mut seen: Vec<Column> = Vec::new();
        for room in 0..220 {
            let fitting = fitting(&series, room, Column::Symbol);
            let taken: usize = fitting.iter().map(|(_, width)| width + GAP).sum();
            assert!(taken <= room + GAP, "{room}");
            for (column, _) in &fitting {
                if !seen.contains(column) {
                    seen.push(*column);
                }
            }
            assert!(seen.len() <= fitting.len(), "a wider table loses no column: {room}");
        }
        assert_eq!(seen, IMPORTANCE);
    }

    #[test]
    fn what_tells_rows_apart_comes_early_and_no_earlier_than_the_price() {
        use crate::domain::instrument::ExchangeId;
        use crate::domain::interval::Interval;
        let mut series = busy().series;
        let has = |series: &[SeriesView], column: Column, room: usize| {
            fitting(series, room, Column::Symbol).iter().any(|(one, _)| *one == column)
        };
        assert!(!has(&series, Column::Exchange, 60));
        series[1].exchange = ExchangeId::Okx;
        assert!(has(&series, Column::Exchange, 60), "several exchanges");
        assert!(!has(&series, Column::Exchange, 36), "of different symbols");
        series[0].symbol = series[1].symbol.clone();
        assert!(has(&series, Column::Exchange, 36), "a symbol of two exchanges");
        for room in 0..36 {
            assert!(has(&series, Column::Last, room) || !has(&series, Column::Exchange, room), "{room}");
        }
        let from = |series: &[SeriesView], column: Column| (0..220).find(|room| has(series, column, *room)).unwrap();
        assert!(from(&series, Column::Spark) < from(&series, Column::Interval), "one interval for all");
        series[0].interval = Interval::H1;
        assert!(from(&series, Column::Interval) < from(&series, Column::Spark), "several");
    }

    #[test]
    fn markets_whose_exchange_tells_the_base_volume_alone_have_a_volume_too() {
        let mut series = busy().series.remove(0);
        let mut shown = |quote: Option<i64>, mean: Option<i64>| {
            let (ticker, _) = series.ticker.as_mut().unwrap();
            (ticker.volume_24h, ticker.last) = (100.into(), 41_000.into());
            (ticker.quote_volume_24h, ticker.mean_24h) = (quote.map(Into::into), mean.map(Into::into));
            (volume(&series), Column::Volume.number(&series))
        };
        assert_eq!(shown(Some(3_900_000), None), ("3.90M".into(), Some(3.9e6)));
        assert_eq!(shown(None, Some(40_000)), ("4.00M".into(), Some(4e6)));
        assert_eq!(shown(None, None), ("~4.10M".into(), Some(4.1e6)));
        series.ticker = None;
        assert_eq!((volume(&series), Column::Volume.number(&series)), ("-".into(), None));
    }

    #[test]
    fn names_are_read_back() {
        for column in Column::ALL {
            assert_eq!(Column::from_name(column.name()), Some(column));
        }
        assert_eq!(Column::from_name("colour"), None);
    }
}
