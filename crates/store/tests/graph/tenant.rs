//! What may change in a tenant.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::dice::Dice;
use crate::double::{self, Graph, Life};

fn ids(graph: &Graph, is_group: bool, life: Life) -> Vec<String> {
    let objects = graph.objects.iter();
    objects.filter(|(_, o)| o.is_group == is_group && o.life == life).map(|(id, _)| id.clone()).collect()
}

fn name_of(graph: &Graph, id: &str) -> String {
    graph.objects[id].properties["userPrincipalName"].as_str().unwrap().to_owned()
}

/// A name that nobody live has; often one that somebody had.
fn free_name(graph: &Graph, dice: &Dice) -> String {
    let taken: BTreeSet<String> = ids(graph, false, Life::Live).iter().map(|id| name_of(graph, id)).collect();
    let start = dice.below(12);
    (start..).map(|number| format!("p{number}@contoso.com")).find(|name| !taken.contains(name)).unwrap()
}

/// Something changes in the tenant.
pub fn shake(graph: &mut Graph, dice: &Dice) {
    let users = ids(graph, false, Life::Live);
    let groups = ids(graph, true, Life::Live);
    let new_id = format!("{}{}", if dice.percent(50) { "a" } else { "z" }, graph.objects.len());
    match dice.below(20) {
        17..=19 => {
            let Some(id) = dice.pick(if dice.percent(70) { &users } else { &groups }) else { return };
            let role = [double::ROLE, double::DEFAULT, "there-owner"][dice.below(3)];
            let pair = (id.clone(), role.to_owned());
            if !graph.assigned.remove(&pair) {
                graph.assigned.insert(pair);
            }
        }
        0 | 1 => {
            let name = free_name(graph, dice);
            graph.add(&new_id, false, json!({"userPrincipalName": name, "displayName": format!("P {new_id}"), "accountEnabled": true}));
        }
        2 => graph.add(&new_id, true, json!({"displayName": format!("G {}", dice.below(4))})),
        3 | 4 => {
            let Some(id) = dice.pick(&users) else { return };
            let (name, value) = match dice.below(6) {
                0 => ("accountEnabled", json!(dice.percent(50))),
                1 => (
                    "department",
                    if dice.percent(30) { Value::Null } else { json!(format!("D{}", dice.below(3))) },
                ),
                2 => ("mobilePhone", if dice.percent(30) { Value::Null } else { json!("+1 555") }),
                3 => ("businessPhones", if dice.percent(30) { json!([]) } else { json!(["+1 666", "+1 7"]) }),
                4 => ("mail", json!(format!("m{}@contoso.com", dice.below(3)))),
                _ => ("displayName", json!(format!("N{}", dice.below(5)))),
            };
            graph.set(id, name, value);
        }
        5 => {
            let Some(id) = dice.pick(&users) else { return };
            let name = free_name(graph, dice);
            graph.set(id, "userPrincipalName", json!(name));
        }
        6 => {
            // Two people exchange their names, by way of a third.
            let (Some(one), Some(other)) = (dice.pick(&users), dice.pick(&users)) else { return };
            let (first, second) = (name_of(graph, one), name_of(graph, other));
            graph.set(one, "userPrincipalName", json!(second));
            graph.set(other, "userPrincipalName", json!(first));
        }
        7 | 8 => {
            let (Some(id), Some(manager)) = (dice.pick(&users), dice.pick(&users)) else { return };
            let manager = (id != manager && dice.percent(80)).then_some(manager.as_str());
            graph.set_manager(id, manager);
        }
        9..=11 => {
            let (Some(group), Some(user)) = (dice.pick(&groups), dice.pick(&users)) else { return };
            graph.relate(group, user, dice.percent(70));
        }
        12 => {
            // Groups in groups, without circles.
            let (Some(group), Some(member)) = (dice.pick(&groups), dice.pick(&groups)) else { return };
            if member < group {
                graph.relate(group, member, dice.percent(70));
            }
        }
        13 => {
            let Some(id) = dice.pick(if dice.percent(80) { &users } else { &groups }) else { return };
            graph.set_life(id, Life::Bin);
        }
        14 => {
            let Some(id) = dice.pick(if dice.percent(50) { &users } else { &groups }) else { return };
            graph.set_life(id, Life::Gone);
        }
        15 => {
            let binned = ids(graph, true, Life::Bin);
            if let Some(id) = dice.pick(&binned) {
                graph.set_life(id, Life::Live);
            }
            let binned = ids(graph, false, Life::Bin);
            if let Some(id) = dice.pick(&binned) {
                let name = name_of(graph, id);
                if users.iter().any(|user| name_of(graph, user) == name) {
                    let name = free_name(graph, dice);
                    graph.set(id, "userPrincipalName", json!(name));
                }
                graph.set_life(id, Life::Live);
            }
        }
        _ => {
            let Some(id) = dice.pick(&groups) else { return };
            graph.set(id, "displayName", json!(format!("G {}", dice.below(4))));
        }
    }
}
