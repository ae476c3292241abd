//! An inlet with its place among others, and the order of several.

use super::words::{ALWAYS_READ, ATTRIBUTES};
use crate::api::scim::object;
use crate::api::{FromJson, Misfit};
use api::inlet::{Inlet, InletRules, KeyCredential, MirroredAppRoles};
use serde_json::Value;

/// The distance that is kept from the first inlet when another comes before it.
const STEP: u32 = 10;

/// An inlet, its rules, and what else is told about it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Described {
    pub(super) inlet: Inlet,
    pub(super) rules: InletRules,
    /// The certificate with which it signs in; none with a secret.
    pub(super) certificate: Option<KeyCredential>,
    /// Applications whose assignments are mirrored.
    pub(super) mirrored: Vec<MirroredAppRoles>,
}

impl FromJson for Described {
    fn from_json(value: &Value, misfit: &mut Misfit) -> Self {
        let member = |name| value.get(name).unwrap_or(&Value::Null);
        Self {
            inlet: Inlet::from_json(value, misfit),
            rules: InletRules::from_json(value, misfit),
            certificate: FromJson::from_json(member("keyCredential"), misfit),
            mirrored: Option::from_json(member("appRoleAssignments"), misfit).unwrap_or_default(),
        }
    }
}

impl Described {
    /// Its place: the lowest one's word counts.
    pub(super) fn precedence(&self) -> u32 {
        self.rules.precedence.unwrap_or(u32::MAX)
    }

    /// Names of the attributes that are read, without extension attributes; none when all are.
    pub(super) fn attributes(&self) -> &[String] {
        self.rules.attributes.as_deref().unwrap_or_default()
    }

    /// The change after which it reads an attribute no more.
    pub(super) fn without(&self, attribute: &str) -> Value {
        let extensions = &self.inlet.extension_attributes;
        if extensions.iter().any(|name| name == attribute) {
            let kept = extensions.iter().filter(|name| *name != attribute).cloned().collect::<Vec<_>>();
            return object([("extensionAttributes", kept.into())]);
        }
        let all: Vec<&str> = match self.attributes() {
            [] => ATTRIBUTES.to_vec(),
            chosen => chosen.iter().map(String::as_str).collect(),
        };
        let mut kept: Vec<&str> = all.into_iter().filter(|name| *name != attribute).collect();
        if kept.is_empty() {
            // No name at all would mean every attribute.
            kept.extend(ALWAYS_READ);
        }
        object([("attributes", kept.into())])
    }
}

/// In the order in which their word counts.
pub(super) fn ordered(mut inlets: Vec<Described>) -> Vec<Described> {
    inlets.sort_by_key(Described::precedence);
    inlets
}

/// A free precedence directly before an inlet, whose word then counts less; none when its neighbours leave no room.
pub(super) fn before(inlets: &[Described], id: &str) -> Option<u32> {
    let at = inlets.iter().position(|one| one.inlet.id == id)?;
    let here = inlets.get(at)?.precedence();
    let above = at.checked_sub(1).and_then(|above| inlets.get(above));
    free(above.map(Described::precedence), here)
}

/// A number between two; the first is that of the neighbour before, if there is one.
fn free(above: Option<u32>, here: u32) -> Option<u32> {
    match above {
        None => (here > 0).then(|| here.saturating_sub(STEP)),
        Some(above) => {
            let middle = above.midpoint(here);
            (middle > above).then_some(middle)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::read_as;
    use serde_json::json;

    fn described(attributes: &[&str]) -> Described {
        let value = json!({"id": "i", "directoryId": "d", "kind": "microsoftGraph", "displayName": "n", "tenantId": "t",
            "clientId": "c", "cloud": "global", "loginOrigin": "l", "graphOrigin": "g", "interval": "PT40M",
            "extensionAttributes": ["extensionAttribute1"], "createdDateTime": "x", "attributes": attributes,
            "joinBy": "mail", "precedence": 7, "status": {"state": "idle", "counts": {"users": 1, "groups": 2}}});
        read_as(&value).unwrap()
    }

    #[test]
    fn an_attribute_is_left_out() {
        let all = described(&[]).without("department");
        assert_eq!(all["attributes"].as_array().unwrap().len(), ATTRIBUTES.len() - 1);
        assert_eq!(described(&["mail", "city"]).without("city"), json!({"attributes": ["mail"]}));
        assert_eq!(described(&["city"]).without("city"), json!({"attributes": ALWAYS_READ}));
        assert_eq!(described(&["city"]).without("extensionAttribute1"), json!({"extensionAttributes": []}));
        let names = ordered(vec![described(&["a"]), described(&["b"])]);
        assert_eq!(before(&names, "i"), Some(0));
    }

    #[test]
    fn there_is_room_before_an_inlet_or_not() {
        assert_eq!([free(None, 100), free(None, 3), free(None, 0)], [Some(90), Some(0), None]);
        assert_eq!([free(Some(100), 110), free(Some(4), 6), free(Some(4), 5)], [Some(105), Some(5), None]);
    }
}
