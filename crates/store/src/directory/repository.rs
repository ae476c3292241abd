//! The directory as the repository of the SCIM service.

use scim::filter::fold;
use scim::repository::{ListPage, ListQuery, NewResource, Repository, RepositoryError, Update, Updated};
use scim::{GroupReference, Member, Resource, ResourceType};

use super::DirectoryStore;
use super::columns::{COLUMNS, json_list, stored};
use crate::sql::Value;

impl Repository for DirectoryStore<'_> {
    fn get(&mut self, kind: ResourceType, id: &str) -> Result<Option<Resource>, RepositoryError> {
        let statement = format!(
            "SELECT {COLUMNS} FROM resources AS r WHERE r.id = ? AND r.type = ? AND r.deleted IS NULL"
        );
        let rows = self.sql.query(&statement, &[Value::from(id), Value::from(kind.name())])?;
        Ok(rows.first().map(stored).transpose()?.map(|found| found.resource))
    }

    fn list(&mut self, query: &ListQuery<'_>) -> Result<ListPage, RepositoryError> {
        self.list_page(query)
    }

    fn create(&mut self, new: &NewResource) -> Result<Resource, RepositoryError> {
        self.create_resource(new)
    }

    fn update(&mut self, update: &Update) -> Result<Updated, RepositoryError> {
        self.update_resource(update)
    }

    fn delete(&mut self, kind: ResourceType, id: &str, now_ms: i64) -> Result<(), RepositoryError> {
        self.delete_resource(kind, id, now_ms)
    }

    fn members(&mut self, group: &str, limit: usize) -> Result<Vec<Member>, RepositoryError> {
        self.members_of(group, limit)
    }

    fn groups_of(&mut self, users: &[&str]) -> Result<Vec<(String, GroupReference)>, RepositoryError> {
        self.groups_of_users(users)
    }

    fn missing_users(&mut self, ids: &[&str]) -> Result<Vec<String>, RepositoryError> {
        let rows = self.sql.query(
            "SELECT j.value AS id FROM json_each(?) AS j WHERE NOT EXISTS (
                SELECT 1 FROM resources AS r WHERE r.id = j.value AND r.type = 'User' AND r.deleted IS NULL
            )",
            &[json_list(ids)],
        )?;
        let mut missing = Vec::with_capacity(rows.rows.len());
        for row in &rows.rows {
            missing.push(row.text("id")?.to_owned());
        }
        Ok(missing)
    }

    fn find_user(&mut self, reference: &str) -> Result<Option<String>, RepositoryError> {
        let key = fold(reference);
        let statements = [
            (
                "SELECT r.id FROM resources AS r WHERE r.id = ? AND r.type = 'User' AND r.deleted IS NULL",
                reference,
            ),
            ("SELECT r.id FROM resources AS r WHERE r.user_name_key = ? AND r.deleted IS NULL", &key),
            (
                "SELECT r.id FROM emails AS e JOIN resources AS r ON r.seq = e.seq
                    WHERE e.value_key = ? AND r.type = 'User' AND r.deleted IS NULL ORDER BY r.seq LIMIT 1",
                &key,
            ),
        ];
        for (statement, value) in statements {
            if let Some(row) = self.sql.query(statement, &[Value::from(value)])?.first() {
                return Ok(Some(row.text("id")?.to_owned()));
            }
        }
        Ok(None)
    }
}
