//! Grammar, errors with their place, checks at save, trace.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::simulate::Dice;

fn error(text: &str) -> ExpressionError {
    Expression::parse(text).expect_err(text)
}

#[test]
fn errors_carry_kind_and_place() {
    use ErrorKind::*;
    for (text, kind, span) in [
        ("", UnexpectedToken, (0, 0)),
        ("Join(", UnexpectedToken, (5, 5)),
        ("Join(\",\" [a])", UnexpectedToken, (9, 12)),
        ("[a", Unterminated, (0, 2)),
        ("[ ]", UnexpectedToken, (0, 3)),
        ("\"a", Unterminated, (0, 2)),
        ("Not([a]) x", UnexpectedToken, (9, 10)),
        ("Nope([a])", UnknownFunction, (0, 4)),
        ("not([a])", UnknownFunction, (0, 3)),
        ("Not", UnexpectedToken, (0, 3)),
        ("Not()", WrongArgumentCount, (0, 5)),
        ("Not([a], [b])", WrongArgumentCount, (0, 13)),
        ("Switch([a], , \"1\")", WrongArgumentCount, (0, 18)),
        ("Switch([a], , \"1\", \"x\", \"2\")", WrongArgumentCount, (0, 28)),
        ("Append(, \"x\")", MissingArgument, (0, 13)),
        ("Left([a], \"x\")", WrongType, (10, 13)),
        ("ToLower(Split([a], \",\"))", WrongType, (8, 23)),
        ("Left([a], Not([b]))", WrongType, (10, 18)),
        ("Join(\",\", [a] = [b])", MisplacedComparison, (10, 19)),
        ("[a] = [b]", MisplacedComparison, (4, 5)),
        ("12x", BadNumber, (0, 3)),
        ("&X1", BadNumber, (0, 3)),
        ("99999999999999999999", BadNumber, (0, 20)),
        ("Append([a], ‘x’)", UnexpectedCharacter, (12, 15)),
        ("Replace([a], \"x\")", BadArguments, (8, 16)),
        ("Replace([a], , \"(\", , \"x\")", BadRegex, (15, 18)),
        ("Replace([a], , \"(?<n>x)\", \"m\", \"x\")", BadRegex, (26, 29)),
        ("DateAdd(\"q\", 1, [a])", BadArguments, (8, 11)),
        ("IIF(vbTextCompare, [a], [b])", WrongType, (4, 17)),
    ] {
        let found = error(text);
        assert_eq!((found.kind, (found.span.start, found.span.end)), (kind, span), "{text}: {found}");
        assert!(!found.message.is_empty());
    }
}

#[test]
fn a_name_in_the_wrong_case_is_put_right() {
    assert!(error("tolower([a])").message.contains("did you mean ToLower?"));
}

#[test]
fn length_and_depth_are_limited() {
    let long = format!("\"{}\"", "x".repeat(MAX_LENGTH - 2));
    assert!(Expression::parse(&long).is_ok());
    assert_eq!(error(&format!("{long} ")).kind, ErrorKind::TooLong);
    let nested = |depth: usize| format!("{}[a]{}", "Not(".repeat(depth), ")".repeat(depth));
    assert!(Expression::parse(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(error(&nested(MAX_DEPTH + 1)).kind, ErrorKind::TooDeep);
}

#[test]
fn source_has_graphs_form() {
    let source = Expression::parse("Not([IsSoftDeleted])").unwrap().to_source();
    assert_eq!(
        serde_json::to_value(source).unwrap(),
        json!({
            "expression": "Not([IsSoftDeleted])",
            "name": "Not",
            "parameters": [{
                "key": "source",
                "value": {
                    "expression": "[IsSoftDeleted]",
                    "name": "IsSoftDeleted",
                    "parameters": [],
                    "type": "Attribute"
                }
            }],
            "type": "Function"
        })
    );
    let switch = Expression::parse("Switch([a], , \"1\", \"x\", \"2\", \"y\")").unwrap().to_source();
    let keys: Vec<&str> = switch.parameters.iter().map(|parameter| parameter.key.as_str()).collect();
    assert_eq!(keys, ["source", "key1", "value1", "key2", "value2"]);
}

#[test]
fn parse_expression_answers_as_graph_does() {
    let dice = Dice::new(1);
    let ask = |body: serde_json::Value| {
        let request: ParseExpressionRequest = serde_json::from_value(body).unwrap();
        serde_json::to_value(parse_expression(&request, 0, &dice, "contoso.com")).unwrap()
    };
    let properties = json!([{"key": "givenName", "value": "Zoë"}, {"key": "surname", "value": "O'Neil"}]);
    let answer = ask(json!({
        "expression": "Join(\" \", ToUpper([surname]), [givenName])",
        "testInputObject": {"properties": properties},
    }));
    assert_eq!(answer["parsingSucceeded"], true);
    assert_eq!(answer["evaluationSucceeded"], true);
    assert_eq!(answer["evaluationResult"], json!(["O'NEIL Zoë"]));
    assert_eq!(answer["parsedExpression"]["name"], "Join");

    let answer = ask(json!({"expression": "Join(\" \", [givenName]"}));
    assert_eq!(answer["parsingSucceeded"], false);
    assert_eq!(answer["error"]["start"], 21);

    let answer = ask(json!({
        "expression": "[givenName]",
        "testInputObject": {"properties": properties},
        "targetAttributeDefinition": {"name": "active", "type": "Boolean"},
    }));
    assert_eq!(answer["evaluationSucceeded"], false);
    assert_eq!(answer["error"]["message"], "\"Zoë\" is not True or False");
}

/// The trace of an expression, as `parseExpression` answers it, and whether it could be evaluated.
fn traced(expression: &str, properties: serde_json::Value) -> (Vec<(String, usize, usize, String)>, bool) {
    let body = json!({"expression": expression, "testInputObject": {"properties": properties}});
    let request: ParseExpressionRequest = serde_json::from_value(body).unwrap();
    let answer = parse_expression(&request, 0, &Dice::new(1), "");
    let steps = answer.trace.into_iter().map(|step| (step.expression, step.start, step.length, step.value));
    (steps.collect(), answer.evaluation_succeeded)
}

#[test]
fn trace_tells_every_part_in_the_order_of_evaluation() {
    let check = |expression: &str, expected: &[(&str, usize, &str)], succeeds: bool| {
        let properties = json!([
            {"key": "givenName", "value": "Zoë"},
            {"key": "surname", "value": "O'Neil"},
            {"key": "secret", "value": "1234"},
            {"key": "mails", "value": ["a@x", "b@x"]},
        ]);
        let (steps, succeeded) = traced(expression, properties);
        let expected: Vec<_> = expected
            .iter()
            .map(|(part, start, value)| ((*part).to_owned(), *start, part.len(), (*value).to_owned()))
            .collect();
        assert_eq!((steps, succeeded), (expected, succeeds), "{expression}");
    };
    check("[givenName]", &[("[givenName]", 0, "Zoë")], true);
    check("[absent]", &[("[absent]", 0, "(null)")], true);
    check("[mails]", &[("[mails]", 0, r#"["a@x","b@x"]"#)], true);
    check(
        r#"Join(" ", ToUpper([surname]), [givenName])"#,
        &[
            ("[surname]", 18, "O'Neil"),
            ("ToUpper([surname])", 10, "O'NEIL"),
            ("[givenName]", 30, "Zoë"),
            (r#"Join(" ", ToUpper([surname]), [givenName])"#, 0, "O'NEIL Zoë"),
        ],
        true,
    );
    // As it was typed, and only what was evaluated.
    check(
        r#"IIF( [givenName]="Zoë",[surname] , [secret])"#,
        &[
            ("[givenName]", 5, "Zoë"),
            (r#"[givenName]="Zoë""#, 5, "True"),
            ("[surname]", 24, "O'Neil"),
            (r#"IIF( [givenName]="Zoë",[surname] , [secret])"#, 0, "O'Neil"),
        ],
        true,
    );
    check(
        r#"Coalesce([absent], [surname], [givenName])"#,
        &[
            ("[absent]", 9, "(null)"),
            ("[surname]", 19, "O'Neil"),
            ("Coalesce([absent], [surname], [givenName])", 0, "O'Neil"),
        ],
        true,
    );
    // Up to the part that fails.
    check(
        "Left(ToUpper([surname]), [givenName])",
        &[("[surname]", 13, "O'Neil"), ("ToUpper([surname])", 5, "O'NEIL"), ("[givenName]", 25, "Zoë")],
        false,
    );
    check(
        r#"Append(Redact([secret]), "x")"#,
        &[
            ("[secret]", 14, "[Redact]"),
            ("Redact([secret])", 7, "[Redact]"),
            (r#"Append(Redact([secret]), "x")"#, 0, "[Redact]"),
        ],
        true,
    );
    check(r#"Left([secret], Redact([secret]), "z")"#, &[], false);
}

#[test]
fn trace_is_bounded() {
    let many = format!("Join(\",\", {})", vec!["[a]"; MAX_TRACE_STEPS + 9].join(", "));
    let (steps, succeeded) = traced(&many, json!([{"key": "a", "value": "1"}]));
    assert_eq!((steps.len(), succeeded), (MAX_TRACE_STEPS, true));
    let (steps, _) = traced("[a]", json!([{"key": "a", "value": "ß".repeat(MAX_TRACE_VALUE + 1)}]));
    assert_eq!(steps[0].3, format!("{}…", "ß".repeat(MAX_TRACE_VALUE)));
    let (steps, _) = traced("[a]", json!([{"key": "a", "value": "ß".repeat(MAX_TRACE_VALUE)}]));
    assert_eq!(steps[0].3, "ß".repeat(MAX_TRACE_VALUE));
}

#[test]
fn redacted_values_are_marked() {
    let attributes = json!({"secret": "1234"}).as_object().unwrap().clone();
    let dice = Dice::new(1);
    let environment =
        Environment { attributes: &attributes, now: 0, random: &dice, default_domain: "", refused_rules: 0 };
    let evaluation =
        Expression::parse("Append(Redact([secret]), \"x\")").unwrap().evaluate(&environment).unwrap();
    assert!(evaluation.redacted);
    assert_eq!(evaluation.value, Value::from("1234x"));
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "[A-Za-z0-9()\\[\\]\",.<>=& \\\\ß“-]{0,60}") {
        if let Ok(expression) = Expression::parse(&text) {
            let printed = expression.to_string();
            prop_assert_eq!(Expression::parse(&printed).unwrap().to_string(), printed);
        }
    }
}
