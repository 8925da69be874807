//! Alerts and when they fired.

use super::error::StoreError;
use crate::domain::alert::{Alert, AlertId, Condition, Firing};
use crate::domain::price::{parse_decimal, trimmed};
use crate::domain::series::SeriesId;
use crate::domain::time::Time;
use rusqlite::{Connection, Row, params};

/// Firings that are kept.
pub const KEPT: i64 = 1_000;

/// Every alert, oldest first.
pub fn all(connection: &Connection) -> Result<Vec<Alert>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, series_id, kind, number, length_ms, active FROM alerts ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut alerts = Vec::new();
    while let Some(row) = rows.next()? {
        alerts.push(read(row)?);
    }
    Ok(alerts)
}

/// Adds an alert; returns its key.
pub fn add(
    connection: &Connection,
    series: SeriesId,
    condition: &Condition,
    active: bool,
    now: Time,
) -> Result<AlertId, StoreError> {
    let (number, length_ms) = condition.parts();
    connection
        .prepare_cached(
            "INSERT INTO alerts (series_id, kind, number, length_ms, active, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![series.0, condition.kind(), number.map(trimmed), length_ms, active, now.ms()])?;
    Ok(AlertId(connection.last_insert_rowid()))
}

/// Changes an alert; whether there was one of this key.
pub fn change(connection: &Connection, alert: &Alert) -> Result<bool, StoreError> {
    let (number, length_ms) = alert.condition.parts();
    let changed = connection
        .prepare_cached("UPDATE alerts SET series_id = ?2, kind = ?3, number = ?4, length_ms = ?5, active = ?6 WHERE id = ?1")?
        .execute(params![alert.id.0, alert.series.0, alert.condition.kind(), number.map(trimmed), length_ms, alert.active])?;
    Ok(changed > 0)
}

/// Deletes an alert with its firings; whether there was one.
pub fn delete(connection: &Connection, id: AlertId) -> Result<bool, StoreError> {
    Ok(connection.prepare_cached("DELETE FROM alerts WHERE id = ?1")?.execute([id.0])? > 0)
}

/// Notes that an alert fired. `None` where it was deleted meanwhile.
pub fn fired(connection: &Connection, alert: AlertId, at: Time, value: &str) -> Result<Option<Firing>, StoreError> {
    let noted = connection
        .prepare_cached("INSERT INTO alert_firings (alert_id, fired_at, value) SELECT id, ?2, ?3 FROM alerts WHERE id = ?1")?
        .execute(params![alert.0, at.ms(), value])?;
    if noted == 0 {
        return Ok(None);
    }
    let id = connection.last_insert_rowid();
    connection.prepare_cached("DELETE FROM alert_firings WHERE id <= ?1")?.execute([id - KEPT])?;
    Ok(Some(Firing { id, alert, at, value: value.to_owned() }))
}

/// The newest firings, newest first.
pub fn firings(connection: &Connection, limit: usize) -> Result<Vec<Firing>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT id, alert_id, fired_at, value FROM alert_firings ORDER BY id DESC LIMIT ?1")?;
    let rows = statement.query_map([limit as i64], |row| {
        Ok(Firing { id: row.get(0)?, alert: AlertId(row.get(1)?), at: Time::from_ms(row.get(2)?), value: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> Result<Alert, StoreError> {
    let (id, kind): (i64, String) = (row.get(0)?, row.get(2)?);
    let corrupt = || StoreError::Corrupt(format!("alert {id} of kind `{kind}`"));
    let number = row.get::<_, Option<String>>(3)?.map(|text| parse_decimal(&text)).transpose().map_err(|_| corrupt())?;
    let condition = Condition::from_parts(&kind, number, row.get(4)?).ok_or_else(corrupt)?;
    Ok(Alert { id: AlertId(id), series: SeriesId(row.get(1)?), condition, active: row.get(5)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alert::Way;
    use crate::store::migration::migrate;
    use std::path::Path;

    fn store() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("PRAGMA foreign_keys = ON").unwrap();
        migrate(&mut connection, Path::new("store.sqlite")).unwrap();
        connection
            .execute_batch(
                "INSERT INTO instruments VALUES (1, 'binance', 'BTC/USDT', 'BTCUSDT', 'BTC', 'USDT', 'trading', 2, 2, 5, 7, 0, NULL, NULL, NULL, NULL);
                 INSERT INTO series (id, instrument_id, dataset, interval_ms, active, wanted_from, created_at)
                 VALUES (1, 1, 'candles', 60000, 1, 0, 0);",
            )
            .unwrap();
        connection
    }

    #[test]
    fn alerts_survive_and_go_with_their_series() {
        let store = store();
        let level = Condition::Crosses { level: parse_decimal("0.00000734").unwrap(), way: Way::Down };
        let id = add(&store, SeriesId(1), &level, true, Time::EPOCH).unwrap();
        let mut alert = Alert { id, series: SeriesId(1), condition: level, active: true };
        assert_eq!(all(&store).unwrap(), [alert.clone()]);
        alert = Alert { condition: Condition::Silent { for_ms: 60_000 }, active: false, ..alert };
        assert!(change(&store, &alert).unwrap());
        assert_eq!(all(&store).unwrap(), [alert]);
        assert_eq!(fired(&store, id, Time::from_ms(5), "nothing for 1m").unwrap().unwrap().id, 1);
        assert_eq!(fired(&store, AlertId(99), Time::from_ms(5), "?").unwrap(), None);
        assert_eq!(firings(&store, 10).unwrap().len(), 1);
        crate::store::series::purge(&store, SeriesId(1)).unwrap();
        assert_eq!((all(&store).unwrap().len(), firings(&store, 10).unwrap().len()), (0, 0));
    }

    #[test]
    fn old_firings_make_room() {
        let store = store();
        let id = add(&store, SeriesId(1), &Condition::GapFound, true, Time::EPOCH).unwrap();
        for n in 0..KEPT + 5 {
            fired(&store, id, Time::from_ms(n), "x").unwrap();
        }
        let kept = firings(&store, usize::try_from(2 * KEPT).unwrap()).unwrap();
        assert_eq!((kept.len() as i64, kept[0].at), (KEPT, Time::from_ms(KEPT + 4)));
        assert!(delete(&store, id).unwrap() && !delete(&store, id).unwrap());
    }
}
