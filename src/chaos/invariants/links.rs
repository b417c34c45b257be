//! Signed links: as many browsers as they say, none twice, and nothing once they are revoked.

use super::super::day::Day;
use super::super::deeds::{MAX_OPENS, leads_to, signed_link};
use super::super::script::{What, Who};
use crate::domain::{SignedLinkId, TargetId};
use crate::ledger::{AbandonClick, Database as _, Decision, LinkRecord, RecordSession, RecordTab};
use std::collections::BTreeSet;

pub(super) fn check(day: &Day) {
    for (link, max_opens) in (0..).zip(MAX_OPENS).filter(|(link, _)| day.script.uses_link(*link)) {
        let record = record(day, &signed_link(link).id);
        let handed_out = handed_out(day, link);
        let (most, least) = (most_opens(day, &record.id), handed_out.len());
        let opens = record.opens as usize;
        if opens > most {
            day.violation(format!("link {link} counts {opens} browsers where it opened {most} at the most"));
        }
        if opens < least {
            day.violation(format!("link {link} counts {opens} browsers where {handed_out:?} were handed out"));
        }
        if least > max_opens as usize {
            day.violation(format!("link {link} is for {max_opens} browsers and {handed_out:?} were handed out"));
        }
        check_revoked(day, link);
    }
}

fn record(day: &Day, id: &SignedLinkId) -> LinkRecord {
    let rows = day.database.execute("SELECT record FROM link WHERE id = ?", &lean_json::write(&(id,)));
    let rows: Vec<(String,)> = lean_json::read(&rows.expect("SQLite works")).expect("rows are JSON");
    lean_json::read(&rows[0].0).expect("a record is read as it was written")
}

/// The sessions that answers to holders of a link led to.
fn handed_out(day: &Day, link: u8) -> BTreeSet<String> {
    let witnesses = day.witnesses.borrow();
    let holders = witnesses.iter().filter(|witness| is_holder(witness.what, link));
    let answers = holders.flat_map(|witness| &witness.answers);
    answers.filter_map(|(_, reply)| Some(leads_to(reply)?.0.as_str().to_owned())).collect()
}

fn is_holder(what: Option<What>, link: u8) -> bool {
    matches!(what, Some(What::Click { who: Who::Holder { link: theirs, .. }, .. }) if theirs == link)
}

/// The clicks that were recorded to have opened a browser, without those that came to nothing.
///
/// What the ledger in memory has forgotten, or has as answered, is not given back: a click whose tab was recorded and whose
/// Worker was not told so twice, or one from before a restart, counts for its link though it came to nothing. Its maker makes
/// another link.
fn most_opens(day: &Day, id: &SignedLinkId) -> usize {
    let commands = day.commands.borrow();
    let (mut begun, mut recorded, mut with_tab) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for command in commands.iter() {
        if let Some(applied) = command.applied.as_ref().filter(|_| command.name == "BeginClick")
            && let Ok(Decision::Acquire { click_id }) = applied.read()
        {
            begun.insert((click_id, applied.generation));
        } else if let Some((RecordSession { click_id, click, .. }, applied)) = command.carried_out("RecordSession")
            && click.signed_link_id.as_ref() == Some(id)
            && applied.read::<()>().is_ok()
        {
            recorded.insert((click_id, applied.generation));
        } else if let Some((RecordTab { click_id, .. }, applied)) = command.carried_out("RecordTab")
            && applied.read::<Vec<TargetId>>().is_ok()
        {
            with_tab.insert(click_id);
        }
    }
    for command in commands.iter().filter(|command| command.is_told) {
        let Some(AbandonClick { click_id, .. }) = command.asked("AbandonClick") else { continue };
        let generation = command.applied.as_ref().map_or_else(|| day.generation.get(), |applied| applied.generation);
        if begun.contains(&(click_id, generation)) && !with_tab.contains(&click_id) {
            recorded.remove(&(click_id, generation));
        }
    }
    recorded.len()
}

/// Nothing is asked of Browser Run for a link whose revocation was answered, and then handed out.
fn check_revoked(day: &Day, link: u8) {
    let witnesses = day.witnesses.borrow();
    let revocations = witnesses
        .iter()
        .filter(|witness| matches!(witness.what, Some(What::Revoke { link: revoked, .. }) if revoked == link));
    let answered = revocations.flat_map(|witness| &witness.answers).filter(|(_, reply)| reply.status < 300);
    let Some(revoked_ms) = answered.map(|(at_ms, _)| *at_ms).min() else { return };
    for (deed, witness) in witnesses.iter().enumerate().filter(|(_, witness)| is_holder(witness.what, link)) {
        let leads = witness.answers.iter().any(|(_, reply)| leads_to(reply).is_some());
        if leads && witness.led_by_ms > revoked_ms {
            day.violation(format!(
                "deed {deed} was led to a browser though its link had been revoked at {revoked_ms} ms"
            ));
        }
    }
}
