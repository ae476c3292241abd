//! The order of the inlets: the directory's, that of single attributes, and what follows from another one.
//!
//! What an inlet says is kept, so another order reads nothing anew at the sources. Only people about whom inlets
//! disagree can get another value; they are gone through by portions. Those in the recycle bin are among them:
//! whoever brings them back, they have what the order says.

use std::rc::Rc;

use inlets::mirror::Upsert;
use inlets::order::Orders;
use inlets::rules::Rules;
use scim::ResourceType;
use scim::repository::RepositoryError;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::anchors::{ANCHOR, anchor};
use super::disputes::{MANAGER, disputed};
use super::voices::{Touched, Voice, first};
use super::{Mirror, PORTION, deferred};
use crate::settings::Settings as _;
use crate::sql::{SqlError, in_transaction};

/// The setting with the orders of single attributes.
const SETTING: &str = "attributePrecedence";
/// What is due when it is not one attribute: all of them, for everybody about whom there is a dispute.
const EVERY: &str = "*";
/// Or disputes from before they were kept have to be found. Sorted before everything else.
const SURVEY: &str = "";
/// The setting that is there while people changed of whom the jobs may not know.
const NEWS: &str = "reorderedNews";

/// What a portion of work after a change of the order did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reordered {
    /// People that were looked at.
    pub looked_at: u64,
    /// People that got another value.
    pub changed: u64,
    /// Whether there is more to do.
    pub more: bool,
}

impl Mirror<'_> {
    /// The orders of single attributes.
    pub fn orders(&self) -> Result<Rc<Orders>, RepositoryError> {
        if let Some(orders) = self.orders.borrow().as_ref() {
            return Ok(Rc::clone(orders));
        }
        let orders = match self.store.setting(SETTING)? {
            Some(text) => serde_json::from_str(&text).map_err(|error| {
                RepositoryError::Internal(format!("the order of an attribute is not JSON: {error}"))
            })?,
            None => Orders::default(),
        };
        let orders = Rc::new(orders);
        *self.orders.borrow_mut() = Some(Rc::clone(&orders));
        Ok(orders)
    }

    /// Replaces the orders of single attributes. People follow with [`Mirror::reorder`].
    pub fn set_orders(&self, orders: &Orders) -> Result<(), RepositoryError> {
        in_transaction(self.store.sql, || {
            let before = self.orders()?;
            for attribute in orders.changed(&before) {
                self.mark_due(attribute)?;
            }
            self.keep_orders(orders)
        })
    }

    fn keep_orders(&self, orders: &Orders) -> Result<(), RepositoryError> {
        *self.orders.borrow_mut() = None;
        if orders.is_empty() {
            return Ok(self.store.remove_setting(SETTING)?);
        }
        let text = serde_json::to_string(orders).map_err(|error| {
            RepositoryError::Internal(format!("the order of an attribute cannot be written: {error}"))
        })?;
        Ok(self.store.set_setting(SETTING, &text)?)
    }

    /// Takes the inlet, which is removed, out of the orders. Nobody has to be looked at for it: its people are.
    pub(super) fn forget_in_orders(&self) -> Result<(), RepositoryError> {
        let mut orders = self.orders()?.as_ref().clone();
        if orders.forget(self.inlet) { self.keep_orders(&orders) } else { Ok(()) }
    }

    /// Keeps the inlet's rules before its next batch brings them. People follow with [`Mirror::reorder`].
    pub fn set_rules(&self, rules: &Rules) -> Result<(), RepositoryError> {
        in_transaction(self.store.sql, || Ok(self.keep_rules(rules)?))
    }

    /// Keeps the inlet's rules, for what is written later than a batch and by other inlets.
    pub(super) fn keep_rules(&self, rules: &Rules) -> Result<(), SqlError> {
        let sql = self.store.sql;
        let (precedence, join_by) = (i64::from(rules.precedence), rules.join_by.name());
        let rows =
            sql.query("SELECT precedence, join_by FROM inlet_rules WHERE inlet = ?", &[self.inlet.into()])?;
        if let Some(row) = rows.first() {
            let is_moved = row.integer("precedence")? != precedence;
            if !is_moved && row.text("join_by")? == join_by {
                return Ok(());
            }
            if is_moved {
                self.mark_due(EVERY)?;
            }
        }
        sql.query(
            "INSERT OR REPLACE INTO inlet_rules (inlet, precedence, join_by) VALUES (?, ?, ?)",
            &[self.inlet.into(), precedence.into(), join_by.into()],
        )?;
        Ok(())
    }

    fn mark_due(&self, attribute: &str) -> Result<(), SqlError> {
        self.store.sql.query(
            "INSERT OR REPLACE INTO disputes_due (attribute, after) VALUES (?, '')",
            &[attribute.into()],
        )?;
        Ok(())
    }

    /// Whether people wait to be looked at since the order is another one.
    pub fn is_due(&self) -> Result<bool, SqlError> {
        let rows = self.store.sql.query("SELECT 1 AS found FROM disputes_due LIMIT 1", &[])?;
        Ok(rows.first().is_some())
    }

    /// Goes through a portion of the people who may get another value since the order is another one, as one
    /// transaction: [`PORTION`] of those about whom there is a dispute.
    pub fn reorder(&mut self) -> Result<Reordered, RepositoryError> {
        let sql = self.store.sql;
        in_transaction(sql, || {
            let mut done = Reordered::default();
            let rows =
                sql.query("SELECT attribute, after FROM disputes_due ORDER BY attribute LIMIT 1", &[])?;
            let Some(row) = rows.first() else { return Ok(done) };
            let (attribute, after) = (row.text("attribute")?, row.text("after")?);
            let next = match attribute {
                SURVEY => self.survey(after)?,
                _ => self.reorder_people(attribute, after, &mut done)?,
            };
            match next {
                Some(next) => sql.query(
                    "UPDATE disputes_due SET after = ? WHERE attribute = ?",
                    &[next.into(), attribute.into()],
                )?,
                None => sql.query("DELETE FROM disputes_due WHERE attribute = ?", &[attribute.into()])?,
            };
            done.more = self.is_due()?;
            if done.changed > 0 {
                self.store.set_setting(NEWS, "true")?;
            }
            Ok(done)
        })
    }

    /// Whether [`Mirror::reorder`] changed people since this was asked last. Kept with what it wrote: who asked for
    /// it may be gone before anybody is told.
    pub fn take_reordered(&self) -> Result<bool, SqlError> {
        let is_news = self.store.setting(NEWS)?.is_some();
        if is_news {
            self.store.remove_setting(NEWS)?;
        }
        Ok(is_news)
    }

    /// Answers where to go on.
    fn reorder_people(
        &mut self,
        attribute: &str,
        after: &str,
        done: &mut Reordered,
    ) -> Result<Option<String>, RepositoryError> {
        let disputed = if attribute == EVERY { "?1 = ?1" } else { "attribute = ?1" };
        let statement = format!(
            "SELECT DISTINCT resource_id FROM disputes WHERE {disputed} AND resource_id > ?2
                ORDER BY resource_id LIMIT {PORTION}"
        );
        let rows = self.store.sql.query(&statement, &[attribute.into(), after.into()])?;
        let mut last = None;
        for row in &rows.rows {
            let id = row.text("resource_id")?;
            done.looked_at += 1;
            done.changed += u64::from(self.decide_anew(id, attribute)?);
            last = Some(id);
        }
        Ok(last.filter(|_| rows.rows.len() == PORTION).map(str::to_owned))
    }

    /// Decides about a person's disputed attributes, or one of them. Somebody in the recycle bin stays there.
    /// Whether anything changed.
    fn decide_anew(&mut self, id: &str, attribute: &str) -> Result<bool, RepositoryError> {
        let Some(found) = self.store.find(ResourceType::User, id)? else { return Ok(false) };
        let (person, is_deleted) = (found.resource, found.deleted_ms.is_some());
        let voices = self.voices(&person, &Json::Object(person.attributes.clone()), None)?;
        let mut names = disputed(&voices);
        names.retain(|name| attribute == EVERY || *name == attribute);
        let touched: Touched =
            names.iter().filter(|name| **name != MANAGER).map(|name| ((*name).to_owned(), false)).collect();
        let manager = names.contains(&MANAGER).then_some(false);
        let (changed, left_out) = self.put_each(person, &voices, &touched, manager)?;
        for (name, _) in left_out {
            // What is put off and tried again would bring somebody back.
            if !is_deleted {
                self.put_off(&voices, &name)?;
            }
        }
        Ok(changed)
    }

    /// A value that cannot be written, like a name that somebody else has: the inlet that says it tries again at the
    /// end of its next round, where names are exchanged, and tells it if it still cannot.
    fn put_off(&self, voices: &[Voice], name: &str) -> Result<(), RepositoryError> {
        let orders = self.orders()?;
        let Some((voice, value)) = first(voices, name, &orders) else { return Ok(()) };
        let statement = format!("SELECT {ANCHOR} FROM anchors AS a WHERE a.number = ?");
        let rows = self.store.sql.query(&statement, &[voice.number.into()])?;
        let Some(row) = rows.first() else { return Ok(()) };
        let mut anchor = anchor(row)?;
        let mut said = deferred(&anchor)?
            .unwrap_or_else(|| Upsert { source_id: anchor.source_id.clone(), ..Upsert::default() });
        if !said.whole && said.attribute(name).is_none() {
            said.attributes.push((name.to_owned(), Some(value.to_owned())));
        }
        let text = serde_json::to_string(&said)
            .map_err(|error| RepositoryError::Internal(format!("a change cannot be put off: {error}")))?;
        (anchor.deferred, anchor.unsettled) = (Some(text), true);
        Ok(self.save(&anchor)?)
    }
}
