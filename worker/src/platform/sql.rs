//! `store::sql::Sql` over the Durable Object's SQLite.
//!
//! `SqlCursor::one`, `to_array` and `next` throw JavaScript exceptions that nothing catches, so only `exec`
//! and the raw iterator are used. `transactionSync` is not bound by the `worker` crate; the binding is here.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use serde::Serialize;
use store::sql::{Row, Rows, Sql, SqlError, Value};
use wasm_bindgen::prelude::*;
use worker::{SqlStorage, SqlStorageValue, State};

#[wasm_bindgen]
extern "C" {
    /// `DurableObjectStorage`, as far as the `worker` crate does not bind it.
    type TransactionalStorage;

    /// Runs the callback in a transaction that is rolled back when it throws.
    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &TransactionalStorage,
        callback: &mut dyn FnMut() -> Result<JsValue, JsValue>,
    ) -> Result<JsValue, JsValue>;
}

/// The SQLite database of one Durable Object.
pub struct ObjectSql {
    sql: SqlStorage,
    storage: JsValue,
    rows: Cell<RowCount>,
}

/// Rows that the database read and wrote, as the platform counts (and charges) them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RowCount {
    /// Read.
    pub read: u64,
    /// Written.
    pub written: u64,
}

impl ObjectSql {
    /// Of the object whose state it is.
    pub fn new(state: &State) -> Self {
        let storage = state.storage();
        Self { sql: storage.sql(), storage: storage.as_raw().into(), rows: Cell::default() }
    }

    /// The rows since the last call.
    pub fn take_rows(&self) -> RowCount {
        self.rows.take()
    }
}

impl Sql for ObjectSql {
    fn query(&self, statement: &str, parameters: &[Value]) -> Result<Rows, SqlError> {
        let bindings: Vec<SqlStorageValue> = parameters.iter().map(to_platform).collect();
        let cursor = self.sql.exec(statement, bindings).map_err(to_sql_error)?;
        let columns: Arc<[String]> = cursor.column_names().into();
        let mut rows = Vec::new();
        for values in cursor.raw() {
            let values = values.map_err(to_sql_error)?;
            let values = values.into_iter().map(from_platform).collect::<Result<Vec<_>, _>>()?;
            rows.push(Row::new(Arc::clone(&columns), values));
        }
        let (rows_read, rows_written) = (cursor.rows_read() as u64, cursor.rows_written() as u64);
        let before = self.rows.get();
        self.rows.set(RowCount { read: before.read + rows_read, written: before.written + rows_written });
        Ok(Rows { rows, rows_read, rows_written })
    }

    fn transaction(&self, body: &mut dyn FnMut() -> Result<(), SqlError>) -> Result<(), SqlError> {
        let failure = RefCell::new(None);
        let mut callback = || match body() {
            Ok(()) => Ok(JsValue::UNDEFINED),
            Err(error) => {
                let text = JsValue::from_str(&error.message);
                *failure.borrow_mut() = Some(error);
                Err(text)
            }
        };
        let storage: &TransactionalStorage = self.storage.unchecked_ref();
        let outcome = storage.transaction_sync(&mut callback);
        match (outcome, failure.into_inner()) {
            (_, Some(error)) => Err(error),
            (Ok(_), None) => Ok(()),
            (Err(thrown), None) => Err(SqlError::from_message(format!("{thrown:?}"))),
        }
    }
}

fn to_platform(value: &Value) -> SqlStorageValue {
    match value {
        Value::Null => SqlStorageValue::Null,
        Value::Integer(integer) => SqlStorageValue::Integer(*integer),
        Value::Real(real) => SqlStorageValue::Float(*real),
        Value::Text(text) => SqlStorageValue::String(text.clone()),
        Value::Blob(bytes) => SqlStorageValue::Blob(bytes.clone()),
    }
}

fn from_platform(value: SqlStorageValue) -> Result<Value, SqlError> {
    match value {
        SqlStorageValue::Null => Ok(Value::Null),
        SqlStorageValue::Boolean(boolean) => Ok(Value::Integer(i64::from(boolean))),
        SqlStorageValue::Integer(integer) => Ok(Value::Integer(integer)),
        SqlStorageValue::Float(real) => Ok(Value::Real(real)),
        SqlStorageValue::String(text) => Ok(Value::Text(text)),
        SqlStorageValue::Blob(bytes) => Ok(Value::Blob(bytes)),
    }
}

fn to_sql_error(error: worker::Error) -> SqlError {
    SqlError::from_message(error.to_string())
}
