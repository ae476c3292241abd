//! One table a function, from the documented examples.

use serde_json::{Map, Value as Json, json};

use crate::expression::{Environment, Expression, functions};
use crate::id::Random;

/// 2021-07-02T15:33:38Z.
const NOW: i64 = 1_625_240_018_000;

struct Counted(std::cell::Cell<u8>);

impl Random for Counted {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0.set(self.0.get().wrapping_mul(37).wrapping_add(11));
            *byte = self.0.get();
        }
    }
}

fn person() -> Map<String, Json> {
    let person = json!({
        "userPrincipalName": "a@x.com",
        "displayName": "John Doe",
        "givenName": "John",
        "surname": "Doe",
        "mail": null,
        "empty": "",
        "state": "QLD",
        "country": "USA",
        "department": "Sales",
        "userId": "jsmith",
        "telephoneNumber": "+91 9998887777",
        "usPhone": "+1 (999) 888-7777",
        "mobile": "+91 8887779999",
        "streetAddress": "545 Tremont Street",
        "IsSoftDeleted": false,
        "accountEnabled": true,
        "level": 7,
        "proxyAddresses": ["SMTP:a@x.com", "smtp:b@x.com", "smtp:b@x.com"],
        "appRoleAssignments": [
            {"id": "1", "value": "Admin", "displayName": "Administrator"},
            {"id": "2", "value": "User", "displayName": "User"}
        ],
    });
    person.as_object().unwrap().clone()
}

/// Evaluates on the person above; several values are joined by `|`, null is `(null)`.
fn evaluate(expression: &str) -> String {
    let attributes = person();
    let random = Counted(std::cell::Cell::new(1));
    let environment = Environment {
        attributes: &attributes,
        now: NOW,
        random: &random,
        default_domain: "contoso.onmicrosoft.com",
        refused_rules: 0,
    };
    let parsed = Expression::parse(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
    let printed = Expression::parse(&parsed.to_string()).unwrap();
    assert_eq!(printed.to_string(), parsed.to_string(), "the printed expression reads back");
    match parsed.evaluate(&environment) {
        Ok(evaluation) if evaluation.value.texts().len() > 1 => evaluation.value.texts().join("|"),
        Ok(evaluation) => evaluation.value.display(),
        Err(error) => format!("error: {error}"),
    }
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (expression, expected) in cases {
        assert_eq!(evaluate(expression), *expected, "{expression}");
    }
}

#[test]
fn attributes_and_literals() {
    check(&[
        ("[displayName]", "John Doe"),
        ("[DisplayName]", "John Doe"),
        ("[mail]", "(null)"),
        ("[nobodyKnows]", "(null)"),
        ("\"a \\\"b\\\" \\\\ \\d\"", "a \"b\" \\ \\d"),
        ("&HF7", "247"),
        ("-12", "-12"),
    ]);
}

#[test]
fn append() {
    check(&[
        ("Append([userPrincipalName], \".test\")", "a@x.com.test"),
        ("Append([mail], \".test\")", "(null)"),
    ]);
}

#[test]
fn app_roles() {
    check(&[
        ("SingleAppRoleAssignment([appRoleAssignments])", "Admin"),
        ("SingleAppRoleAssignment([mail])", "(null)"),
        ("AppRoleAssignmentsComplex([mail])", "(null)"),
    ]);
    let roles = evaluate("AssertiveAppRoleAssignmentsComplex([appRoleAssignments])");
    assert!(roles.starts_with(
        "{\"primary\":false,\"type\":\"WindowsAzureActiveDirectoryRole\",\"display\":\"Administrator\",\"value\":\"Admin\"}"
    ));
}

#[test]
fn bit_and() {
    check(&[("BitAnd(&HF, &HF7)", "7"), ("BitAnd([level], \"3\")", "3"), ("BitAnd([mail], 1)", "(null)")]);
}

#[test]
fn c_bool() {
    check(&[
        ("CBool([givenName] = [givenName])", "True"),
        ("CBool([givenName] = [surname])", "False"),
        ("CBool([level])", "True"),
        ("CBool(0)", "False"),
        ("CBool([accountEnabled])", "True"),
        ("CBool([mail])", "False"),
    ]);
}

#[test]
fn c_date() {
    check(&[
        ("CDate(\"2020-03-16-07:00\")", "3/16/2020 7:00:00 AM"),
        ("CDate(\"2021-06-30+08:00\")", "6/29/2021 4:00:00 PM"),
        ("CDate([mail])", "(null)"),
        ("CDate([surname])", "error: CDate: \"Doe\" is not a date"),
    ]);
}

#[test]
fn coalesce() {
    check(&[
        ("Coalesce([mail], [userPrincipalName])", "a@x.com"),
        ("Coalesce([empty], [mail], \"none\")", "none"),
        ("Coalesce([mail], [empty])", "(null)"),
    ]);
}

#[test]
fn convert() {
    check(&[
        ("ConvertToBase64(\"Hello world!\")", "SABlAGwAbABvACAAdwBvAHIAbABkACEA"),
        ("ConvertToBase64(\"ab\")", "YQBiAA=="),
        ("ConvertToUTF8Hex(\"Hello world!\")", "48656C6C6F20776F726C6421"),
        ("ConvertToUTF8Hex(\"ß\")", "C39F"),
    ]);
}

#[test]
fn count_item_and_duplicates() {
    check(&[
        ("Count([proxyAddresses])", "3"),
        ("Count([mail])", "0"),
        ("Item([proxyAddresses], 1)", "SMTP:a@x.com"),
        ("Item([proxyAddresses], 9)", "(null)"),
        ("Item([proxyAddresses], 0)", "error: Item: the index is 0, the first one is 1"),
        ("RemoveDuplicates([proxyAddresses])", "SMTP:a@x.com|smtp:b@x.com"),
        ("Split(\"A, B\", \",\")", "A|B"),
        ("Split([surname], \"\")", "[\"Doe\"]"),
    ]);
}

#[test]
fn c_str() {
    check(&[("CStr([level])", "7"), ("CStr([IsSoftDeleted])", "False"), ("CStr([mail])", "(null)")]);
}

#[test]
fn date_add() {
    check(&[
        ("DateAdd(\"d\", 7, CDate(\"2012-03-16-07:00\"))", "3/23/2012 7:00:00 AM"),
        ("DateAdd(\"m\", 10, CDate(\"2012-03-16-07:00\"))", "1/16/2013 7:00:00 AM"),
        ("DateAdd(\"yyyy\", -1, \"2012-02-29\")", "2/28/2011 12:00:00 AM"),
        ("DateAdd(\"ww\", 1, \"2012-03-16\")", "3/23/2012 12:00:00 AM"),
        ("DateAdd(\"n\", 90, \"2012-03-16\")", "3/16/2012 1:30:00 AM"),
        (
            "DateAdd(\"yyyy\", 9223372036854775807, \"2012-03-16\")",
            "error: DateAdd: the result is no date any more",
        ),
    ]);
}

#[test]
fn date_diff() {
    check(&[
        ("DateDiff(\"d\", \"2021-08-18\", \"2021-08-31\")", "13"),
        ("DateDiff(\"h\", \"2021-08-24\", \"2021-08-25\")", "24"),
        ("DateDiff(\"n\", \"2021-08-24\", \"2021-08-25\")", "1440"),
        ("DateDiff(\"s\", \"2021-08-24\", \"2021-08-25\")", "86400"),
        ("DateDiff(\"ww\", \"2021-08-25\", \"2012-03-16\")", "-493"),
        ("DateDiff(\"m\", \"2021-08-25\", \"2012-03-16\")", "-113"),
        ("DateDiff(\"yyyy\", \"2021-08-25\", \"2012-03-16\")", "-9"),
    ]);
}

#[test]
fn file_times() {
    check(&[
        ("DateFromNum(129699324000000000)", "1/1/2012 11:00:00 PM"),
        ("NumFromDate(\"2012-01-01T23:00:00Z\")", "129699324000000000"),
        (
            "NumFromDate(Join(\"\", FormatDateTime(\"2023-12-31-08:00\", , \"yyyy-MM-ddzzz\", \"yyyy-MM-dd\"), \" 23:59:59-08:00\"))",
            "133485695990000000",
        ),
    ]);
}

#[test]
fn format_date_time() {
    check(&[
        ("FormatDateTime(\"20150123105347.1Z\", , \"yyyyMMddHHmmss.fZ\", \"yyyy-MM-dd\")", "2015-01-23"),
        ("FormatDateTime([mail], , \"yyyy\", \"yyyy\")", "(null)"),
        (
            "FormatDateTime([surname], , \"yyyy\", \"yyyy\")",
            "error: FormatDateTime: \"Doe\" is not a date of the form yyyy",
        ),
    ]);
}

#[test]
fn from_outside() {
    check(&[
        ("Now()", "7/2/2021 3:33:38 PM"),
        ("Join(\"@\", \"a\", DefaultDomain())", "a@contoso.onmicrosoft.com"),
    ]);
    assert_eq!(evaluate("Guid()").len(), 36);
}

#[test]
fn iif() {
    check(&[
        ("IIF([country] = \"USA\", [country], [department])", "USA"),
        ("IIF([country] <> \"USA\", [country], [department])", "Sales"),
        ("IIF([mail] = \"\", \"yes\", \"no\")", "no"),
        ("IIF([mail] <> \"x\", \"yes\", \"no\")", "no"),
        ("IIF([level] >= 7, IIF([level] < 10, \"mid\", \"high\"), \"low\")", "mid"),
        ("IIF(\"10\" > \"9\", \"number\", \"text\")", "number"),
        ("IIF([IsSoftDeleted], \"gone\", \"here\")", "here"),
        ("IIF(IsPresent([mail]), [mail], \"none\")", "none"),
        ("IIF([accountEnabled] = \"True\", \"on\", \"off\")", "on"),
    ]);
}

#[test]
fn in_str() {
    check(&[
        ("InStr(\"The quick brown fox\", \"quick\")", "5"),
        ("InStr(\"repEated\", \"e\", 3, vbBinaryCompare)", "7"),
        ("InStr(\"repEated\", \"e\", 3, vbTextCompare)", "4"),
        ("InStr(\"abc\", \"x\")", "0"),
        ("InStr(\"abc\", \"abcd\")", "0"),
        ("InStr(\"abc\", \"c\", 9)", "0"),
    ]);
}

#[test]
fn presence() {
    check(&[
        ("IsNull([mail])", "True"),
        ("IsNull([empty])", "False"),
        ("IsNullOrEmpty([empty])", "True"),
        ("IsNullOrEmpty([displayName])", "False"),
        ("IsPresent([displayName])", "True"),
        ("IsPresent([empty])", "False"),
        ("IsString([displayName])", "True"),
        ("IsString([level])", "False"),
        ("IsString([proxyAddresses])", "False"),
    ]);
}

#[test]
fn join() {
    check(&[
        ("Join(\", \", \"\", [surname], [givenName])", "Doe, John"),
        ("Join(\" \", [givenName], [mail], [surname])", "John Doe"),
        ("Join(\";\", [proxyAddresses])", "SMTP:a@x.com;smtp:b@x.com;smtp:b@x.com"),
        ("Join(\"\", [mail])", "(null)"),
    ]);
}

#[test]
fn parts_of_texts() {
    check(&[
        ("Left(\"John Doe\", 3)", "Joh"),
        ("Left(\"John\", 0)", ""),
        ("Left(\"John\", -1)", "John"),
        ("Left(\"John\", 99)", "John"),
        ("Left([mail], 3)", ""),
        ("Left(\"Zoë\", 3)", "Zoë"),
        ("Len(\"abc\")", "3"),
        ("Len(\"Zoë\")", "3"),
        ("Mid(\"John\", 1, 3)", "Joh"),
        ("Mid(\"John\", 3, 99)", "hn"),
        ("Mid(\"John\", 9, 1)", ""),
        ("Mid(\"John\", 0, 1)", "error: Mid: the start position is 0, the first one is 1"),
        ("StripSpaces(\"a b c\")", "abc"),
        ("Word(\"The quick brown fox\", 3, \" \")", "brown"),
        ("Word(\"This,string!has&many separators\", 3, \",!&#\")", "has"),
        ("Word(\"one\", 2, \" \")", ""),
        ("Word(\"one\", 0, \" \")", ""),
    ]);
}

#[test]
fn normalize_diacritics() {
    check(&[
        ("NormalizeDiacritics(\"Zoë\")", "Zoe"),
        ("NormalizeDiacritics(\"ÄÖÜäöüß\")", "AOUaouss"),
        ("NormalizeDiacritics(\"Ørsted Łódź İI ı\")", "OErsted Lodz II i"),
        ("NormalizeDiacritics(\"Ελλάδα đ\")", "Ελλάδα đ"),
    ]);
}

#[test]
fn not() {
    check(&[("Not([IsSoftDeleted])", "True"), ("Not(\"True\")", "False"), ("Not([mail])", "True")]);
}

#[test]
fn p_case() {
    check(&[
        ("PCase(\"PABLO GONSALVES (SECOND)\")", "Pablo Gonsalves (Second)"),
        ("PCase(\"PINTO-DE'SILVA\", \" '-\")", "Pinto-De'Silva"),
        ("PCase(\"mary_ann o'neil\", \" \")", "Mary_ann O'neil"),
        ("PCase([mail])", "(null)"),
    ]);
}

#[test]
fn random_string() {
    let text = evaluate("RandomString(10, 2, 2, 2, 1, \"?,\")");
    let count = |test: &dyn Fn(char) -> bool| text.chars().filter(|c| test(*c)).count();
    assert_eq!(text.chars().count(), 10);
    assert!(count(&|c| c.is_ascii_digit()) >= 2 && count(&|c| c.is_ascii_uppercase()) >= 2);
    assert!(count(&|c| c.is_ascii_lowercase()) >= 1 && count(&|c| c.is_ascii_punctuation()) >= 2);
    assert!(!text.contains(['?', ',']));
    assert_eq!(evaluate("RandomString(6, 3, 0, 0, 3)").len(), 6);
    assert!(Expression::parse("RandomString(3, 3, 1, 0, 0)").is_err());
    assert!(Expression::parse("RandomString(300, 3, 1, 0, 0)").is_err());
}

#[test]
fn replace() {
    check(&[
        ("Replace(\"j@contoso.com\", \"@contoso.com\", , , \"\", , )", "j"),
        ("Replace([userId], \"<u>\", , , , , \"<u>@contoso.com\")", "jsmith@contoso.com"),
        ("Replace([telephoneNumber], , \"\\\\+(?<c>\\\\d* )(?<p>\\\\d{10})\", , \"${p}\", , )", "9998887777"),
        ("Replace([usPhone], , \"[()\\\\s-]+\", , \"\", , )", "+19998887777"),
        ("Replace([streetAddress], , \"(?<n>^\\\\d*)\", \"n\", \"888\", , )", "888 Tremont Street"),
        ("Replace(\"john@contoso.com\", , \"(?<S>@(.)*)\", \"S\", \"\", , )", "john"),
        ("Replace([mail], , \"\\\\+(?<c>\\\\d* )(?<p>\\\\d{10})\", \"p\", , [mobile], )", "8887779999"),
        ("Replace([surname], , \"(?<p>\\\\d{10})\", \"p\", , [mobile], )", "Doe"),
        ("Replace(\"a-b\", , \"(\\\\w)-(\\\\w)\", , \"$2-$1 $& $$ $9 ${x}\")", "b-a a-b $ $9 "),
        ("Replace([mail], \"a\", , , \"b\")", "(null)"),
        ("Replace(\"aXa\", \"x\", , , \"b\")", "aXa"),
        ("Replace(\"abc\", \"\", , , \"b\")", "abc"),
    ]);
}

#[test]
fn select_unique_value() {
    check(&[("SelectUniqueValue([mail], Join(\".\", [givenName], [surname]), [surname])", "John.Doe")]);
}

#[test]
fn switch() {
    check(&[
        (
            "Switch([state], \"Australia/Sydney\", \"NSW\", \"a\", \"QLD\", \"Australia/Brisbane\")",
            "Australia/Brisbane",
        ),
        ("Switch([state], \"d\", \"qld\", \"small\")", "d"),
        ("Switch([mail], \"d\", \"\", \"none\")", "none"),
        ("Switch([IsSoftDeleted], , \"False\", \"True\", \"True\", \"False\")", "True"),
        ("Switch([state], , \"x\", \"y\")", "(null)"),
        ("Switch(IsPresent([mail]), \"DefaultValue\", \"True\", [mail])", "DefaultValue"),
    ]);
}

#[test]
fn upper_and_lower() {
    check(&[
        ("ToLower(\"John.Smith@C.com\")", "john.smith@c.com"),
        ("ToUpper(\"straße\")", "STRASSE"),
        ("ToLower(\"I\", \"tr-TR\")", "ı"),
        ("ToUpper(\"i\", \"tr\")", "İ"),
        ("ToLower([mail])", "(null)"),
    ]);
}

#[test]
fn every_documented_function_is_in_the_table() {
    let names: Vec<&str> = functions().iter().map(|function| function.name).collect();
    let documented = "Append AppRoleAssignmentsComplex AssertiveAppRoleAssignmentsComplex BitAnd CBool CDate \
        Coalesce ConvertToBase64 ConvertToUTF8Hex Count CStr DateAdd DateDiff DateFromNum DefaultDomain \
        FormatDateTime Guid IgnoreFlowIfNullOrEmpty IIF InStr IsNull IsNullOrEmpty IsPresent IsString Item Join Left \
        Len Mid NormalizeDiacritics Not Now NumFromDate PCase RandomString Redact RemoveDuplicates Replace \
        SelectUniqueValue SingleAppRoleAssignment Split StripSpaces Switch ToLower ToUpper Word";
    for name in documented.split_whitespace() {
        assert!(names.contains(&name), "{name}");
    }
    assert_eq!(names.len(), documented.split_whitespace().count());
    for function in functions() {
        assert!(function.example.starts_with(function.name) || function.example.contains(function.name));
        assert!(function.description.ends_with('.'), "{}", function.name);
        assert!(function.parameters.len() >= function.repeats);
    }
}
