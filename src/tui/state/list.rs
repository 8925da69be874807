//! Selection and scrolling of lists that change under the cursor.

use crate::tui::action::Move;

/// A selected row that stays with its key as rows come and go.
#[derive(Debug, Clone)]
pub(crate) struct Selection<K> {
    /// The selected key.
    pub(crate) key: Option<K>,
    /// Its row; 0 where there is none.
    pub(crate) index: usize,
    /// The first visible row.
    pub(crate) top: usize,
    /// A key to select as soon as it is there.
    pub(crate) awaited: Option<K>,
    len: usize,
}

impl<K> Default for Selection<K> {
    fn default() -> Self {
        Self { key: None, index: 0, top: 0, awaited: None, len: 0 }
    }
}

impl<K: Copy + PartialEq> Selection<K> {
    /// After the rows have changed: stays with the key, else with the row.
    pub(crate) fn sync(&mut self, keys: &[K]) {
        let find = |wanted: Option<K>| wanted.and_then(|key| keys.iter().position(|held| *held == key));
        if let Some(index) = find(self.awaited) {
            self.awaited = None;
            self.index = index;
        } else if let Some(index) = find(self.key) {
            self.index = index;
        }
        self.len = keys.len();
        self.index = self.index.min(self.len.saturating_sub(1));
        self.key = keys.get(self.index).copied();
    }

    /// Moves among `keys`, of which `rows` are visible.
    pub(crate) fn go(&mut self, to: Move, keys: &[K], rows: usize) {
        let page = rows.saturating_sub(1).max(1);
        self.index = step(self.index, to, keys.len(), page);
        self.key = keys.get(self.index).copied();
        self.awaited = None;
        self.len = keys.len();
        self.reveal(rows);
    }

    /// Selects the row of this number.
    pub(crate) fn select(&mut self, row: usize, keys: &[K]) {
        self.len = keys.len();
        self.index = row.min(self.len.saturating_sub(1));
        self.key = keys.get(self.index).copied();
        self.awaited = None;
    }

    /// Scrolls as little as needed to show the selected row among `rows`.
    pub(crate) fn reveal(&mut self, rows: usize) {
        let rows = rows.max(1);
        self.top = self.top.clamp((self.index + 1).saturating_sub(rows), self.index).min(self.len.saturating_sub(rows));
    }
}

/// Where a move leads from `index` among `len` rows.
pub(crate) fn step(index: usize, to: Move, len: usize, page: usize) -> usize {
    let last = len.saturating_sub(1);
    match to {
        Move::Up => index.saturating_sub(1),
        Move::Down => (index + 1).min(last),
        Move::PageUp => index.saturating_sub(page),
        Move::PageDown => (index + page).min(last),
        Move::First => 0,
        Move::Last => last,
    }
}

/// A text that scrolls line by line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Scroll {
    /// The first visible line.
    pub(crate) top: usize,
}

impl Scroll {
    /// Scrolls.
    pub(crate) fn go(&mut self, to: Move, lines: usize, rows: usize) {
        let rows = rows.max(1);
        let page = rows.saturating_sub(1).max(1);
        let end = lines.saturating_sub(rows);
        self.top = step(self.top, to, end + 1, page);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selection_stays_with_its_key() {
        let mut selection = Selection::default();
        selection.sync(&[1, 2, 3]);
        assert_eq!(selection.key, Some(1));
        selection.go(Move::Down, &[1, 2, 3], 10);
        selection.sync(&[0, 1, 2, 3]);
        assert_eq!((selection.key, selection.index), (Some(2), 2));
        selection.sync(&[0, 1, 3]);
        assert_eq!(selection.key, Some(3), "the row below takes the place of a row that went");
        selection.awaited = Some(9);
        selection.sync(&[0, 1, 3]);
        assert_eq!(selection.key, Some(3));
        selection.sync(&[0, 1, 3, 9]);
        assert_eq!(selection.key, Some(9));
        selection.sync(&[]);
        assert_eq!((selection.key, selection.index), (None, 0));
    }

    #[test]
    fn the_selected_row_is_visible() {
        let keys: Vec<i32> = (0..100).collect();
        let mut selection = Selection::default();
        selection.sync(&keys);
        for to in [Move::Down, Move::PageDown, Move::Last, Move::PageUp, Move::Up, Move::First] {
            selection.go(to, &keys, 7);
            assert!((selection.top..selection.top + 7).contains(&selection.index), "{to:?}");
        }
    }
}
