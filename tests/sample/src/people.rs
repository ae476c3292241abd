//! Who works at Contoso.

use std::collections::HashMap;

use crate::company::{DEPARTMENTS, DOMAIN, Department, OFFICES, Office};
use crate::names;
use crate::random::Random;

/// Makes the committed sample what it is.
const SEED: u64 = 0x0C04_7053;
/// The chief executive's number; numbers go up from here in the order of the file.
const FIRST_EMPLOYEE_ID: usize = 10_000_001;

/// In a thousand: accounts that are disabled (of the two lowest levels), people who work from home,
/// contractors, and cells that are empty.
const DISABLED: usize = 34;
const REMOTE: usize = 45;
const CONTRACTORS: usize = 60;
const WITHOUT_MAIL: usize = 15;
const WITHOUT_PHONE: usize = 120;
const WITHOUT_MOBILE: usize = 450;
const WITHOUT_LANGUAGE: usize = 60;

/// The six levels of the company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The chief executive.
    Executive,
    /// Heads of departments.
    Chief,
    /// Directors.
    Director,
    /// Senior managers.
    Manager,
    /// Team leads.
    Lead,
    /// Everybody else.
    Staff,
}

const BELOW_CHIEF: [Level; 4] = [Level::Director, Level::Manager, Level::Lead, Level::Staff];

/// One person.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the columns of the file are described where the import knows them")]
pub struct Person {
    pub user_principal_name: String,
    pub display_name: String,
    pub given_name: &'static str,
    pub surname: String,
    pub job_title: String,
    pub department: &'static str,
    pub employee_id: String,
    pub manager: String,
    pub mail: String,
    pub enabled: bool,
    pub usage_location: &'static str,
    pub street_address: &'static str,
    pub city: &'static str,
    pub state: &'static str,
    pub postal_code: &'static str,
    pub country: &'static str,
    pub telephone_number: String,
    pub mobile: String,
    pub preferred_language: &'static str,
    pub office_location: &'static str,
    pub employee_type: &'static str,
    pub cost_center: String,
    pub business_unit: &'static str,
    pub groups: Vec<String>,
}

/// A place in the company before somebody has it.
#[derive(Clone, Copy)]
struct Post {
    level: Level,
    department: &'static Department,
    /// Which post of the level above the manager has.
    manager: Option<usize>,
}

/// The people of a company of a given size, in the order of their numbers.
pub struct People {
    posts: Vec<Post>,
    /// Who each post is: names are given before anybody is written, since a manager may come after
    /// those who report to them.
    holders: Vec<Holder>,
    order: std::vec::IntoIter<usize>,
    written: usize,
}

struct Holder {
    given_name: &'static str,
    surname: String,
    user_principal_name: String,
    office: usize,
}

impl People {
    /// A company of so many people.
    pub fn new(users: usize) -> Self {
        let posts = posts(users);
        let mut random = Random::new(SEED);
        let mut taken = HashMap::new();
        let holders = posts.iter().map(|post| holder(post, &mut taken, &mut random)).collect();
        let mut order: Vec<_> = (0..posts.len()).collect();
        if let Some((_, below)) = order.split_first_mut() {
            random.shuffle(below);
        }
        Self { posts, holders, order: order.into_iter(), written: 0 }
    }
}

impl Iterator for People {
    type Item = Person;

    fn next(&mut self) -> Option<Person> {
        let index = self.order.next()?;
        let (post, holder) = (self.posts.get(index)?, self.holders.get(index)?);
        let manager = post.manager.and_then(|manager| self.holders.get(manager));
        // A number of their own for each person, so that a new column does not change all others.
        let mut random = Random::new(SEED ^ ((index as u64 + 1) << 20));
        let number = FIRST_EMPLOYEE_ID + self.written;
        self.written += 1;
        Some(person(post, holder, manager, number, &mut random))
    }
}

/// The posts of a company, from the top down. Each department is a tree of its own below the chief
/// executive.
fn posts(users: usize) -> Vec<Post> {
    let mut posts = Vec::with_capacity(users);
    let Some(first) = DEPARTMENTS.first() else { return posts };
    if users == 0 {
        return posts;
    }
    posts.push(Post { level: Level::Executive, department: first, manager: None });

    // A department has at least one person on each level below the top.
    let below = users - 1;
    let smallest = BELOW_CHIEF.len() + 1;
    let departments = (below / smallest).clamp(1, DEPARTMENTS.len());
    let spare = below.saturating_sub(departments * smallest);
    let weights: usize = DEPARTMENTS.iter().take(departments).map(|department| department.weight).sum();
    let mut left = below;
    for (number, department) in DEPARTMENTS.iter().take(departments).enumerate().rev() {
        // The first department, the largest, takes what rounding leaves.
        let people = if number == 0 { left } else { smallest + spare * department.weight / weights };
        left -= people;
        add_department(department, people, &mut posts);
    }
    posts
}

fn add_department(department: &'static Department, people: usize, posts: &mut Vec<Post>) {
    let mut left = people;
    let mut above = 0..1;
    let levels = std::iter::once(Level::Chief).chain(BELOW_CHIEF);
    for level in levels {
        let size = match level {
            Level::Executive | Level::Chief => 1,
            Level::Director => people / 45,
            Level::Manager => people / 16,
            Level::Lead => people / 6,
            Level::Staff => left,
        };
        let size = size.max(1).min(left);
        let start = posts.len();
        for place in 0..size {
            // Spread evenly, so that every manager has somebody.
            let manager = above.start + place * above.len() / size;
            posts.push(Post { level, department, manager: Some(manager) });
        }
        left -= size;
        above = start..posts.len();
    }
}

fn holder(post: &Post, taken: &mut HashMap<String, u32>, random: &mut Random) -> Holder {
    let headquarters = post.level <= Level::Chief;
    let office = random.weighted(OFFICES, |office| office.weight);
    let office = office.filter(|_| !headquarters);
    let index =
        office.and_then(|office| OFFICES.iter().position(|other| other.name == office.name)).unwrap_or(0);
    let culture = OFFICES.get(index).map_or(names::Culture::English, |office| office.culture);
    let (given_name, surname) = names::pick(culture, random);
    let base = format!("{}.{}", names::to_ascii(given_name), names::to_ascii(&surname));
    let count = taken.entry(base.clone()).or_insert(0);
    *count += 1;
    let user_principal_name =
        if *count == 1 { format!("{base}@{DOMAIN}") } else { format!("{base}{count}@{DOMAIN}") };
    Holder { given_name, surname, user_principal_name, office: index }
}

fn person(
    post: &Post,
    holder: &Holder,
    manager: Option<&Holder>,
    number: usize,
    random: &mut Random,
) -> Person {
    let department = post.department;
    let executive = post.level == Level::Executive;
    let low = post.level >= Level::Lead;
    let mut unless = |chance: usize, value: String| if random.chance(chance) { String::new() } else { value };

    let mail = unless(if low { WITHOUT_MAIL } else { 0 }, holder.user_principal_name.clone());
    let display_name = format!("{} {}", holder.given_name, holder.surname);
    let enabled = !(low && random.chance(DISABLED));
    let contractor = post.level == Level::Staff && random.chance(CONTRACTORS);
    let remote = low && random.chance(REMOTE);
    let field = random.word(department.fields);
    let job_title = match post.level {
        Level::Executive => "Chief Executive Officer".to_owned(),
        Level::Chief => department.chief.to_owned(),
        Level::Director => format!("Director, {field}"),
        Level::Manager => format!("Senior Manager, {field}"),
        Level::Lead => format!("{field} Team Lead"),
        Level::Staff => random.word(department.staff).to_owned(),
    };
    let place = OFFICES.get(holder.office).or(OFFICES.first());
    let home = place.map(Office::home);
    let office = if remote { home.as_ref() } else { place };
    let (phone, mobile) = office.map(|office| office.phones).unwrap_or_default();
    let phone = format!("{phone}{:03}", random.below(1_000));
    let mobile = format!("{mobile}{:03}", random.below(1_000));
    let telephone_number = if remote || random.chance(WITHOUT_PHONE) { String::new() } else { phone };
    let mobile = if random.chance(WITHOUT_MOBILE) { String::new() } else { mobile };
    let without_language = random.chance(WITHOUT_LANGUAGE);
    let name = if executive { "Executive Office" } else { department.name };
    let office_name = office.map(|office| office.name).unwrap_or_default();
    let place_group = if remote { "Remote Workers".to_owned() } else { format!("{office_name} Office") };
    let department_group = if executive { name.to_owned() } else { format!("{name} Department") };
    let text = |value: fn(&Office) -> &'static str| office.map(value).unwrap_or_default();

    Person {
        user_principal_name: holder.user_principal_name.clone(),
        display_name,
        given_name: holder.given_name,
        surname: holder.surname.clone(),
        job_title,
        department: name,
        employee_id: number.to_string(),
        manager: manager.map(|manager| manager.user_principal_name.clone()).unwrap_or_default(),
        mail,
        enabled,
        usage_location: text(|office| office.usage_location),
        street_address: text(|office| office.street),
        city: text(|office| office.city),
        state: text(|office| office.state),
        postal_code: text(|office| office.postal_code),
        country: text(|office| office.country),
        telephone_number,
        mobile,
        preferred_language: if without_language { "" } else { text(|office| office.language) },
        office_location: text(|office| office.name),
        employee_type: if contractor { "Contractor" } else { "Employee" },
        cost_center: if executive { "1000".to_owned() } else { cost_center(department, holder.office) },
        business_unit: if executive { "Corporate" } else { department.business_unit },
        groups: vec!["All Employees".to_owned(), department_group, place_group],
    }
}

/// The department's cost center at an office.
fn cost_center(department: &Department, office: usize) -> String {
    (department.cost_center as usize + office + 1).to_string()
}
