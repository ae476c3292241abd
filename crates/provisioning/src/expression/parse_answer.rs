//! `POST …/schema/parseExpression`: reads an expression and, with test input, evaluates it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::ast::Expression;
use super::error::ExpressionError;
use super::evaluate::{Environment, Traced};
use crate::id::Random;
use crate::schema::{AttributeDefinition, MappingSource};
use crate::target;

/// The request (Graph: action `parseExpression`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ParseExpressionRequest {
    /// The expression.
    pub expression: String,
    /// Source attributes to evaluate it with.
    pub test_input_object: Option<TestInput>,
    /// The person whose source attributes come before the test input; who calls fills them in. Not in Graph.
    pub object_id: Option<String>,
    /// The target attribute: the result must fit its type.
    pub target_attribute_definition: Option<AttributeDefinition>,
}

/// Test input (Graph: `expressionInputObject`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TestInput {
    /// Attributes.
    pub properties: Vec<TestProperty>,
}

/// One attribute of the test input (Graph: `stringKeyObjectValuePair`).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TestProperty {
    /// Its name.
    pub key: String,
    /// Its value; a list for several.
    pub value: Json,
}

/// The answer (Graph: `parseExpressionResponse`), with place and trace besides.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ParseExpressionAnswer {
    /// Whether it could be read.
    pub parsing_succeeded: bool,
    /// Whether it could be evaluated; false without test input.
    pub evaluation_succeeded: bool,
    /// The values, as text.
    pub evaluation_result: Vec<String>,
    /// The expression as a tree.
    pub parsed_expression: Option<MappingSource>,
    /// What went wrong.
    pub error: Option<AnswerError>,
    /// The value of every part in the order of evaluation, innermost first; up to the part that failed, if one did.
    /// What a function like `IIF` passes over is not evaluated, and texts and numbers are their own value. Not in
    /// Graph.
    pub trace: Vec<TraceStep>,
}

/// One intermediate value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TraceStep {
    /// The part's text.
    pub expression: String,
    /// Its first byte.
    pub start: usize,
    /// How many bytes it has.
    pub length: usize,
    /// Its value; `[Redact]` when it must not be shown.
    pub value: String,
}

/// What went wrong (Graph: `publicError`), with the place besides.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AnswerError {
    /// `InvalidExpression` or `EvaluationFailed`.
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// First byte of the part.
    pub start: usize,
    /// Byte after its last.
    pub end: usize,
}

/// Answers the request.
pub fn parse_expression(
    request: &ParseExpressionRequest,
    now: i64,
    random: &dyn Random,
    default_domain: &str,
) -> ParseExpressionAnswer {
    let mut answer = ParseExpressionAnswer {
        parsing_succeeded: false,
        evaluation_succeeded: false,
        evaluation_result: Vec::new(),
        parsed_expression: None,
        error: None,
        trace: Vec::new(),
    };
    let expression = match Expression::parse(&request.expression) {
        Ok(expression) => expression,
        Err(ExpressionError { span, message, .. }) => {
            let error = AnswerError { code: "InvalidExpression", message, start: span.start, end: span.end };
            return ParseExpressionAnswer { error: Some(error), ..answer };
        }
    };
    answer.parsing_succeeded = true;
    answer.parsed_expression = Some(expression.to_source());
    let Some(input) = &request.test_input_object else { return answer };
    let attributes: Map<String, Json> =
        input.properties.iter().map(|property| (property.key.clone(), property.value.clone())).collect();
    let environment = Environment { attributes: &attributes, now, random, default_domain, refused_rules: 0 };
    let (evaluation, trace) = expression.trace(&environment);
    answer.trace = trace.into_iter().map(|step| told(step, &request.expression)).collect();
    match evaluation {
        Err(error) => {
            let (start, end) = (error.span.start, error.span.end);
            answer.error = Some(AnswerError { code: "EvaluationFailed", message: error.message, start, end });
        }
        Ok(evaluation) => {
            answer.evaluation_result = evaluation.value.texts();
            answer.evaluation_succeeded = true;
            if let Some(definition) = &request.target_attribute_definition
                && let Err(error) = target::typed(&evaluation.value, definition.kind, definition.multivalued)
            {
                let end = request.expression.len();
                answer.evaluation_succeeded = false;
                answer.error =
                    Some(AnswerError { code: "EvaluationFailed", message: error.message, start: 0, end });
            }
        }
    }
    answer
}

fn told(step: Traced, text: &str) -> TraceStep {
    let Traced { span, value } = step;
    let expression = text.get(span.start..span.end).unwrap_or_default().to_owned();
    TraceStep { expression, start: span.start, length: span.end.saturating_sub(span.start), value }
}
