//! Names of actions in the config file. People's files depend on them: a name is never changed.

use crate::tui::action::{Action, ChartMove, Move, Screen};

/// The name of an action of the key table; nothing for what only happens inside dialogs or comes
/// from outside.
pub(crate) const fn name(action: &Action) -> Option<&'static str> {
    Some(match action {
        Action::Quit => "quit",
        Action::Help => "help",
        Action::Palette => "palette",
        Action::Settings => "settings",
        Action::Back => "back",
        Action::Show(Screen::Watch) => "show_watch",
        Action::Show(Screen::Chart) => "show_chart",
        Action::Show(Screen::Jobs) => "show_jobs",
        Action::Show(Screen::Log) => "show_log",
        Action::NextScreen => "next_screen",
        Action::PreviousScreen => "previous_screen",
        Action::Refresh => "refresh",
        Action::Freeze => "freeze",
        Action::ToggleMouse => "mouse",
        Action::NextTheme => "next_theme",
        Action::SwapColors => "swap_colors",
        Action::Go(Move::Up) => "up",
        Action::Go(Move::Down) => "down",
        Action::Go(Move::PageUp) => "page_up",
        Action::Go(Move::PageDown) => "page_down",
        Action::Go(Move::First) => "first",
        Action::Go(Move::Last) => "last",
        Action::Open => "open",
        Action::Add => "add",
        Action::Remove => "remove",
        Action::Backfill => "backfill",
        Action::Export => "export",
        Action::Demo => "demo",
        Action::TogglePause => "pause",
        Action::Cancel => "cancel",
        Action::Follow => "follow",
        Action::Chart(ChartMove::Earlier) => "earlier",
        Action::Chart(ChartMove::Later) => "later",
        Action::Chart(ChartMove::PanLeft) => "pan_left",
        Action::Chart(ChartMove::PanRight) => "pan_right",
        Action::Chart(ChartMove::First) => "first_candle",
        Action::Chart(ChartMove::Live) => "live",
        Action::Chart(ChartMove::ZoomIn) => "zoom_in",
        Action::Chart(ChartMove::ZoomOut) => "zoom_out",
        Action::Chart(ChartMove::ZoomReset) => "zoom_reset",
        Action::Chart(ChartMove::Shorter) => "shorter",
        Action::Chart(ChartMove::Longer) => "longer",
        Action::Chart(ChartMove::Volume) => "volume",
        _ => return None,
    })
}
