//! A Microsoft Graph in memory, from its documentation: users and groups, delta queries with opaque tokens,
//! replays, faults. It knows nothing of the client.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value, json};

use super::dice::Dice;

pub const ORIGIN: &str = "https://graph.microsoft.com";
const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Life {
    Live,
    /// In the recycle bin.
    Bin,
    Gone,
}

/// A user or group.
#[derive(Clone, Debug)]
pub struct Object {
    pub is_group: bool,
    pub life: Life,
    /// `null` for what was cleared; what was never set is absent.
    pub properties: BTreeMap<String, Value>,
    /// When the object changed.
    changed: u64,
    /// Manager or members: whether each is one, and since when.
    pub relations: BTreeMap<String, (bool, u64)>,
}

impl Object {
    pub fn related(&self) -> Vec<&String> {
        self.relations.iter().filter(|(_, (present, _))| *present).map(|(id, _)| id).collect()
    }
}

#[derive(Clone, Debug)]
struct Token {
    is_group: bool,
    /// What was reported before; 0 in a round over everything.
    since: u64,
    /// What the delta link of this round stands for.
    until: u64,
    /// What is still to come: objects, with the relations that the entry tells.
    queue: VecDeque<(String, Vec<String>)>,
    /// `None` while the queue of a round is not made yet: the token is a delta link's.
    started: bool,
    at: i64,
}

#[derive(Default)]
pub struct Graph {
    pub objects: BTreeMap<String, Object>,
    clock: u64,
    tokens: Vec<Token>,
    /// Tokens before this one are not known any more.
    forgotten: usize,
    access: u64,
    pub page: usize,
    pub fault_percent: u64,
    /// Whether groups are refused, whatever else goes well.
    pub groups_refused: bool,
    /// Who is assigned to the one application, and with which role.
    pub assigned: BTreeSet<(String, String)>,
}

/// The role at the source that has a counterpart here.
pub const ROLE: &str = "there-user";
/// Assigned without a role.
pub const DEFAULT: &str = "00000000-0000-0000-0000-000000000000";

pub struct Reply {
    pub status: u16,
    pub retry_after: Option<u32>,
    pub body: Value,
}

fn reply(status: u16, body: Value) -> Reply {
    Reply { status, retry_after: None, body }
}

fn refuse(status: u16, code: &str) -> Reply {
    reply(status, json!({"error": {"code": code, "message": "no"}}))
}

impl Graph {
    pub fn new(page: usize) -> Self {
        Self { page, ..Self::default() }
    }

    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    pub fn add(&mut self, id: &str, is_group: bool, properties: Value) {
        let changed = self.tick();
        let properties = properties.as_object().unwrap().clone().into_iter().collect();
        let object = Object { is_group, life: Life::Live, properties, changed, relations: BTreeMap::new() };
        self.objects.insert(id.to_owned(), object);
    }

    pub fn set(&mut self, id: &str, name: &str, value: Value) {
        let changed = self.tick();
        let object = self.objects.get_mut(id).unwrap();
        object.properties.insert(name.to_owned(), value);
        object.changed = changed;
    }

    pub fn relate(&mut self, id: &str, other: &str, present: bool) {
        let changed = self.tick();
        let object = self.objects.get_mut(id).unwrap();
        if object.relations.get(other).is_some_and(|(now, _)| *now) != present {
            object.relations.insert(other.to_owned(), (present, changed));
        }
    }

    pub fn set_manager(&mut self, id: &str, manager: Option<&str>) {
        let before: Vec<String> = self.objects[id].related().into_iter().cloned().collect();
        for other in before {
            if Some(other.as_str()) != manager {
                self.relate(id, &other, false);
            }
        }
        if let Some(manager) = manager {
            self.relate(id, manager, true);
        }
    }

    /// Deletes, deletes for good, or restores. References to what is not live are not told.
    pub fn set_life(&mut self, id: &str, life: Life) {
        let changed = self.tick();
        let object = self.objects.get_mut(id).unwrap();
        object.life = life;
        object.changed = changed;
        if life == Life::Live {
            // Who is back tells all: what changed before the deletion was never told.
            object.relations.values_mut().for_each(|(_, at)| *at = changed);
        }
        let holders: Vec<String> = self
            .objects
            .iter()
            .filter(|(_, holder)| holder.relations.get(id).is_some_and(|(present, _)| *present))
            .map(|(holder, _)| holder.clone())
            .collect();
        for holder in holders {
            if life == Life::Live || !self.objects[&holder].is_group {
                continue;
            }
            // Deletion of a member looks like its removal from the group; restoring does not put it back.
            self.relate(&holder, id, false);
        }
        if life != Life::Live {
            let reports: Vec<String> = self.objects.keys().cloned().collect();
            for report in reports {
                if !self.objects[&report].is_group {
                    self.relate(&report, id, false);
                }
            }
        }
    }

    /// Delta tokens given so far are not known any more.
    pub fn forget_tokens(&mut self) {
        self.forgotten = self.tokens.len();
    }

    /// The access token given so far is no good any more.
    pub fn expire_access(&mut self) {
        self.access += 1;
    }

    pub fn login(&mut self, dice: &Dice) -> Reply {
        if dice.percent(self.fault_percent) {
            return refuse(503, "temporarily_unavailable");
        }
        reply(
            200,
            json!({"token_type": "Bearer", "expires_in": 3599, "access_token": format!("at{}", self.access)}),
        )
    }

    pub fn get(&mut self, url: &str, access: &str, now: i64, dice: &Dice) -> Result<Reply, String> {
        if dice.percent(self.fault_percent) {
            match dice.below(5) {
                0 => return Err("connection reset".into()),
                1 => {
                    return Ok(Reply {
                        retry_after: Some(1 + dice.below(30) as u32),
                        ..refuse(429, "TooManyRequests")
                    });
                }
                2 => return Ok(refuse(503, "serviceNotAvailable")),
                3 => return Ok(reply(200, json!("garbage"))),
                _ => self.expire_access(),
            }
        }
        if access != format!("at{}", self.access) {
            return Ok(refuse(401, "InvalidAuthenticationToken"));
        }
        let path = url.strip_prefix(&format!("{ORIGIN}/v1.0/")).expect("a Graph address");
        if let Some(path) = path.strip_prefix("servicePrincipals/source") {
            return Ok(self.application(path));
        }
        let (resource, query) = path.split_once("/delta?").expect("a delta query");
        let is_group = resource == "groups";
        if is_group && self.groups_refused {
            return Ok(refuse(403, "Authorization_RequestDenied"));
        }
        let mut token = match query.split_once("token=") {
            Some((_, number)) => {
                let number: usize = number.parse().unwrap();
                let token = self.tokens.get(number).cloned().unwrap();
                if number < self.forgotten || now - token.at >= WEEK_MS {
                    return Ok(match dice.below(3) {
                        0 => refuse(410, ""),
                        1 => refuse(404, "syncStateNotFound"),
                        _ => refuse(400, "Directory_ExpiredPageToken"),
                    });
                }
                token
            }
            None => Token { is_group, since: 0, until: 0, queue: VecDeque::new(), started: false, at: now },
        };
        assert_eq!(token.is_group, is_group);
        if !token.started {
            // What changes while the pages are read is told in the next round, and perhaps in this one too.
            let since = token.until;
            token = Token {
                since,
                until: self.clock,
                queue: self.queue(is_group, since, dice),
                started: true,
                ..token
            };
        }
        let mut entries = Vec::new();
        let size = if dice.percent(15) { 0 } else { 1 + dice.below(self.page) };
        while entries.len() < size {
            let Some((id, relations)) = token.queue.pop_front() else { break };
            let entry = self.entry(&id, &relations, token.since == 0);
            // Replays: the same entry again, here or on a later page.
            if dice.percent(15) {
                entries.push(entry.clone());
            }
            if dice.percent(10) {
                let place = dice.below(token.queue.len() + 1);
                token.queue.insert(place, (id, relations));
            }
            entries.push(entry);
        }
        let is_last = token.queue.is_empty();
        let (name, parameter) =
            if is_last { ("@odata.deltaLink", "$deltatoken") } else { ("@odata.nextLink", "$skiptoken") };
        token.at = now;
        token.started = !is_last;
        self.tokens.push(token);
        let link = format!("{ORIGIN}/v1.0/{resource}/delta?{parameter}={}", self.tokens.len() - 1);
        Ok(reply(200, json!({"value": entries, name: link})))
    }

    /// Whoever is live and assigned.
    pub fn live_assigned(&self) -> impl Iterator<Item = &(String, String)> {
        self.assigned.iter().filter(|(id, _)| self.objects[id].life == Life::Live)
    }

    fn application(&self, path: &str) -> Reply {
        if path.starts_with("?$select=") {
            let role = json!({"id": ROLE, "value": "User", "displayName": "Somebody"});
            return reply(200, json!({"id": "source", "appRoles": [role]}));
        }
        let query = path.strip_prefix("/appRoleAssignedTo?").expect("assignments");
        let start: usize = query.split_once("$skiptoken=").map_or(0, |(_, start)| start.parse().unwrap());
        let entries: Vec<Value> = self
            .live_assigned()
            .skip(start)
            .take(self.page)
            .map(|(id, role)| {
                let kind = if self.objects[id].is_group { "Group" } else { "User" };
                json!({"principalId": id, "principalType": kind, "appRoleId": role})
            })
            .collect();
        let mut body = json!({"value": entries});
        if start + self.page < self.live_assigned().count() {
            let next = start + self.page;
            let link = format!("{ORIGIN}/v1.0/servicePrincipals/source/appRoleAssignedTo?$skiptoken={next}");
            body["@odata.nextLink"] = json!(link);
        }
        reply(200, body)
    }

    /// Everything, or what changed after a time, in any order, relations in pieces.
    fn queue(&self, is_group: bool, since: u64, dice: &Dice) -> VecDeque<(String, Vec<String>)> {
        let mut queue = Vec::new();
        for (id, object) in self.objects.iter().filter(|(_, object)| object.is_group == is_group) {
            let news: Vec<String> = object
                .relations
                .iter()
                .filter(|(_, (present, at))| *at > since && (since > 0 || *present))
                .map(|(other, _)| other.clone())
                .collect();
            let is_told =
                object.changed > since && (since > 0 || object.life == Life::Live || dice.percent(30));
            if !is_told && news.is_empty() {
                continue;
            }
            let piece = if is_group { 1 + dice.below(3) } else { usize::MAX };
            let pieces: Vec<Vec<String>> =
                news.chunks(piece.min(news.len().max(1))).map(<[String]>::to_vec).collect();
            if pieces.is_empty() {
                queue.push((id.clone(), Vec::new()));
            }
            queue.extend(pieces.into_iter().map(|piece| (id.clone(), piece)));
        }
        dice.shuffle(&mut queue);
        queue.into()
    }

    /// An object as it is now.
    fn entry(&self, id: &str, relations: &[String], is_full: bool) -> Value {
        let object = &self.objects[id];
        let mut entry = Map::new();
        entry.insert("id".into(), json!(id));
        if object.life != Life::Live {
            let reason = if object.life == Life::Bin { "changed" } else { "deleted" };
            entry.insert("@removed".into(), json!({"reason": reason}));
            return Value::Object(entry);
        }
        entry.extend(object.properties.clone());
        let mut listed = Vec::new();
        for other in relations {
            let kind = if self.objects[other].is_group { "group" } else { "user" };
            let mut item = json!({"@odata.type": format!("#microsoft.graph.{kind}"), "id": other});
            if !object.relations[other].0 {
                if is_full {
                    continue;
                }
                item["@removed"] = json!({"reason": "deleted"});
            }
            listed.push(item);
        }
        if !listed.is_empty() {
            let name = if object.is_group { "members@delta" } else { "manager@delta" };
            entry.insert(name.into(), Value::Array(listed));
        }
        Value::Object(entry)
    }
}
