use super::super::super::DirectoryStore;
use super::*;
use crate::sqlite::Sqlite;

fn database() -> Sqlite {
    let sql = Sqlite::in_memory().unwrap();
    DirectoryStore::migrate(&sql).unwrap();
    sql
}

fn ended(imports: Imports<'_>, id: &str, at: i64, end: ImportEnd<'_>) {
    let number = imports.begin(id, ImportOptions::default(), "{}", "[]", at).unwrap();
    imports.stored(number, 1).unwrap();
    imports.end(number, &end).unwrap();
}

const END: ImportEnd<'static> = ImportEnd {
    state: ImportState::Finished,
    progress: "{}",
    result: Some("{}"),
    error: None,
    audit: None,
    changed: false,
    now_ms: 5,
};

#[test]
fn the_last_ones_are_kept_and_the_oldest_go() {
    let sql = database();
    let imports = Imports::new(&sql);
    for index in 0..MAX_IMPORTS as i64 + 3 {
        ended(imports, &format!("i{index}"), index, END);
    }
    let ids = |now| imports.list(now).unwrap().into_iter().map(|import| import.id).collect::<Vec<_>>();
    assert_eq!((ids(30).len(), ids(30).first().cloned()), (MAX_IMPORTS, Some("i22".to_owned())));
    assert_eq!(imports.get("i2"), Ok(None));
    let texts = sql.query("SELECT DISTINCT import FROM import_texts", &[]).unwrap();
    assert_eq!(texts.rows.len(), MAX_IMPORTS);
    assert_eq!(ids(10 + IMPORTS_KEPT_MS).len(), 12, "those that began until 10 are too old");
    imports.prune(10 + IMPORTS_KEPT_MS, MAX_IMPORTS).unwrap();
    assert_eq!(ids(0).len(), 12);
}

#[test]
fn what_was_not_delivered_is_not_forgotten() {
    let sql = database();
    let imports = Imports::new(&sql);
    ended(imports, "first", 1, ImportEnd { audit: Some("{}"), changed: true, ..END });
    imports.prune(1 + IMPORTS_KEPT_MS, 0).unwrap();
    let waiting = imports.undelivered().unwrap().unwrap();
    assert_eq!(
        (waiting.id.as_str(), imports.take_news(), imports.take_news()),
        ("first", Ok(true), Ok(false))
    );
    imports.delivered(waiting.number).unwrap();
    imports.prune(1 + IMPORTS_KEPT_MS, 0).unwrap();
    assert_eq!((imports.undelivered(), imports.get("first")), (Ok(None), Ok(None)));
}

#[test]
fn an_end_drops_the_file_and_keeps_a_long_result_whole() {
    let sql = database();
    let imports = Imports::new(&sql);
    let number = imports.begin("a", ImportOptions::default(), "{}", "[]", 1).unwrap();
    assert_eq!(imports.current().unwrap().unwrap().state, ImportState::Receiving);
    imports.add_part(0, vec![0xff; PART_BYTES]).unwrap();
    imports.stored(number, PART_BYTES as u64).unwrap();
    assert_eq!(imports.part(0).unwrap().unwrap().len(), PART_BYTES);
    imports.keep_outcome(number, Kept::Rows, 0, &ChunkOutcome::default()).unwrap();
    let long = "ä€".repeat(500_000);
    imports.end(number, &ImportEnd { result: Some(&long), ..END }).unwrap();
    assert_eq!((imports.parts(), imports.current()), (Ok(0), Ok(None)));
    assert_eq!(imports.outcome(number, Kept::Rows, 0), Ok(None));
    assert_eq!(imports.result(number).unwrap().unwrap(), long);
}

#[test]
fn whether_there_is_anything_to_do_is_known() {
    let sql = database();
    let imports = Imports::new(&sql);
    assert_eq!(imports.is_open(), Ok(false));
    let number = imports.begin("a", ImportOptions::default(), "{}", "[]", 1).unwrap();
    assert_eq!(imports.is_open(), Ok(true));
    imports.end(number, &ImportEnd { audit: Some("{}"), changed: true, ..END }).unwrap();
    assert_eq!(imports.is_open(), Ok(true), "the entry is to be delivered");
    imports.delivered(number).unwrap();
    assert_eq!(imports.is_open(), Ok(true), "the jobs are to be told");
    assert_eq!(imports.take_news(), Ok(true));
    assert_eq!((imports.is_open(), imports.take_news()), (Ok(false), Ok(false)));
}

#[test]
fn being_taken_up_again_is_counted_until_it_gets_further() {
    let sql = database();
    let imports = Imports::new(&sql);
    let number = imports.begin("a", ImportOptions::default(), "{}", "[]", 1).unwrap();
    let resumed = || imports.get("a").unwrap().unwrap().resumed;
    imports.note_resumed(number).unwrap();
    imports.note_resumed(number).unwrap();
    imports.note_progress(number, "{}").unwrap();
    assert_eq!(resumed(), 2);
    imports.note_further(number).unwrap();
    assert_eq!(resumed(), 0);
}

#[test]
fn pieces_are_cut_between_letters() {
    assert_eq!(pieces(""), [""]);
    let text = "€".repeat(PIECE_BYTES);
    let cut = pieces(&text);
    assert!(cut.len() > 3 && cut.iter().all(|piece| piece.len() <= PIECE_BYTES));
    assert_eq!(cut.concat(), text);
}
