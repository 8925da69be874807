//! Which socket carries what: pure.

use super::outlet::Key;
use crate::exchange::stream::{Protocol, Subscription};
use std::collections::{BTreeMap, HashSet};

/// A socket's number, never given twice in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SlotId(pub(super) u64);

/// A socket and what it is to carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) id: SlotId,
    pub(super) path: String,
    pub(super) subscriptions: Vec<Subscription>,
}

/// Spreads `wanted` over sockets. What a socket of `present` carries stays there; what is new goes
/// where there is room on its path, and then to new sockets. Sockets left empty are left out.
pub(super) fn plan(
    protocol: &dyn Protocol,
    present: Vec<(SlotId, String, Vec<Subscription>)>,
    wanted: &[Subscription],
) -> Vec<Planned> {
    let mut open: BTreeMap<Key, &Subscription> = wanted.iter().map(|one| (Key::of(one), one)).collect();
    let mut next_id = present.iter().map(|(id, ..)| id.0 + 1).max().unwrap_or(0);
    let mut planned: Vec<Planned> = Vec::with_capacity(present.len());
    for (id, path, held) in present {
        // An instrument whose entry in the list has changed is subscribed to anew.
        let mut stays: Vec<Subscription> = Vec::with_capacity(held.len());
        for one in held {
            let key = Key::of(&one);
            if open.get(&key).is_some_and(|wanted| **wanted == one && protocol.path(&one) == path) {
                open.remove(&key);
                stays.push(one);
            }
        }
        planned.push(Planned { id, path, subscriptions: stays });
    }
    // In the order in which they were asked for, so that a plan does not depend on spelling.
    let open: HashSet<Key> = open.into_keys().collect();
    let mut placed: HashSet<Key> = HashSet::new();
    for one in wanted {
        let key = Key::of(one);
        if !open.contains(&key) || !placed.insert(key) {
            continue;
        }
        let path = protocol.path(one);
        let most = protocol.limits(&path).subscriptions.max(1);
        if let Some(slot) = planned.iter_mut().find(|slot| slot.path == path && slot.subscriptions.len() < most) {
            slot.subscriptions.push(one.clone());
        } else {
            planned.push(Planned { id: SlotId(next_id), path, subscriptions: vec![one.clone()] });
            next_id += 1;
        }
    }
    planned.retain(|slot| !slot.subscriptions.is_empty());
    planned
}
