//! What the plot of a chart shows, for painting it in pixels.

use super::drawing::{Drawing, lines, shape};
use crate::domain::time::Time;
use crate::tui::widget::pixels::Scene;
use ratatui::layout::Rect;

/// The plot in `area`, with cells of so many pixels; nothing where there is no scale.
pub(super) fn scene(area: Rect, cell: (u16, u16), drawing: &Drawing) -> Option<Scene> {
    let Drawing { state, chart, window, columns, scale, last, .. } = drawing;
    let (theme, scale) = (&state.theme, (*scale)?);
    let reading = chart.reading(window);
    let measure = chart.measure(window);
    let column = |time: Time| {
        let n = usize::try_from(time.since(window.range.from) / window.step_ms.max(1)).ok()?;
        (time >= window.range.from && n < columns.steps.len()).then_some(n)
    };
    let inside = |price: &f64| scale.row(*price).is_some();
    let begun = measure.as_ref().and_then(|measure| Some((column(measure.mark)?, measure.from.filter(inside))));
    let under = reading.as_ref().and_then(|reading| Some((column(reading.range.from)?, reading.bar.map(|bar| bar.close))));
    let levels = [
        last.filter(inside).map(|price| (theme.last_price, price)),
        under.and_then(|(_, price)| price.filter(inside)).map(|price| (theme.text, price)),
    ];
    let uprights = [begun.map(|(at, _)| (theme.key, at)), under.map(|(at, _)| (theme.text, at))];
    Some(Scene {
        size: (area.width, area.height),
        cell,
        steps: columns.steps.clone(),
        cells: window.cells,
        shape: shape(chart.kind),
        scale,
        screen: theme.screen,
        rising: theme.rising,
        falling: theme.falling,
        lines: lines(drawing),
        levels: levels.into_iter().flatten().collect(),
        uprights: uprights.into_iter().flatten().collect(),
        mark: begun.and_then(|(at, price)| Some((theme.key, at, price?))),
    })
}
