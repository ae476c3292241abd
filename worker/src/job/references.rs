//! The reader of waiting references: managers, members of groups.

use provisioning::cycle::{Link, PendingReference, ReferenceEntry, Standing};
use provisioning::schema::ObjectType;
use provisioning::{Cursor, TargetId};
use store::job::{PendingReferenceRecord, ReferencePlace};

use super::source::Source;
use crate::error::ApiError;

impl Source<'_> {
    /// A page of references that can be written now, or that the log does not know of yet. All references of
    /// one person are in one page; those of a group may go on in the next.
    pub fn references(
        &self,
        cursor: Option<&Cursor>,
        limit: u32,
    ) -> Result<(Vec<ReferenceEntry>, Option<Cursor>), ApiError> {
        let after = cursor.map(place).unwrap_or_default();
        let rows = self.store().workable_references(&after, i64::from(limit) + 1)?;
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            let other: Option<Link> = row.referenced_link.as_deref().map(crate::json::read).transpose()?;
            let reference: PendingReference = crate::json::read(&row.reference.document)?;
            // Whom nobody is linked to is taken out of a group by the account itself.
            let stranger = || reference.current.as_deref().filter(|_| reference.remove).map(TargetId::from);
            entries.push(ReferenceEntry {
                position: position(&row.reference),
                resolved: other.as_ref().map(|link| link.target_id.clone()).or_else(stranger),
                reference,
                standing: Standing::Waiting,
                link: row.link.as_deref().map(crate::json::read).transpose()?,
                referenced_name: other.map(|link| link.display_name),
            });
        }
        let mut next = None;
        if entries.len() > limit as usize
            && let Some(beyond) = entries.pop()
        {
            let cut = &beyond.reference;
            let is_other = |entry: &ReferenceEntry| entry.reference.source_id != cut.source_id;
            if cut.object_type == ObjectType::User && entries.iter().any(is_other) {
                entries.retain(is_other);
            }
            next = entries.last().map(|entry| entry.position.clone());
        }
        Ok((entries, next))
    }
}

/// The place right after a reference, as a cursor: its key, a line a part.
fn position(reference: &PendingReferenceRecord) -> Cursor {
    Cursor::from(format!("{}\n{}\n{}", reference.source_id, reference.path, reference.referenced))
}

fn place(cursor: &Cursor) -> ReferencePlace {
    let mut parts = cursor.as_str().splitn(3, '\n').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    ReferencePlace { source_id: part(), path: part(), referenced: part() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_among_references_survive_as_cursors() {
        let reference = PendingReferenceRecord {
            source_id: "g".to_owned(),
            path: "members".to_owned(),
            referenced: "u".to_owned(),
            reported: true,
            document: String::new(),
        };
        let expected = ReferencePlace {
            source_id: "g".to_owned(),
            path: "members".to_owned(),
            referenced: "u".to_owned(),
        };
        assert_eq!(place(&position(&reference)), expected);
        // A cursor of an older version: the object alone.
        let old = ReferencePlace { source_id: "g".to_owned(), ..ReferencePlace::default() };
        assert_eq!(place(&Cursor::from("g")), old);
    }
}
