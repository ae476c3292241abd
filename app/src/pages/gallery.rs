//! The gallery: known applications, to be added.

use crate::api::{endpoints, scim};
use crate::cache::Remote;
use crate::parts::act::{Change, use_act};
use crate::parts::create::{NameForm, Sending};
use crate::parts::directory_list::nothing_matches;
use crate::parts::query::{bound, selected, use_query};
use crate::parts::remote::show;
use crate::paths::{self, ApplicationTab};
use crate::text::{distinct, fold, words};
use crate::ui::button::Button;
use crate::ui::dialog::Dialog;
use crate::ui::field::TextField;
use crate::ui::live::{handler, live, live_attribute, live_option, word};
use crate::ui::page::PageHead;
use api::application::{ApplicationTemplate, InstantiateRequest, ServicePrincipal};
use api::collection::Collection;
use leptos::prelude::*;

/// Whether a template is among what was searched for.
fn matches(template: &ApplicationTemplate, search: &str, category: &str) -> bool {
    let text = fold(&[&*template.display_name, &*template.publisher, &*template.description].join(" "));
    search.split_whitespace().all(|word| text.contains(&fold(word)))
        && (category.is_empty() || template.categories.iter().any(|known| known == category))
}

/// Every category once.
fn categories(templates: &[ApplicationTemplate]) -> Vec<String> {
    let mut all = Vec::new();
    for template in templates {
        all.extend(&template.categories);
    }
    distinct(all.into_iter())
}

/// The gallery page.
#[component]
pub(crate) fn Gallery() -> impl IntoView {
    let templates = Remote::<Collection<ApplicationTemplate>>::new(endpoints::templates);
    let applications = Remote::<Collection<ServicePrincipal>>::new(endpoints::applications);
    let query = use_query();
    let (search, category) = (bound(query, "q"), selected(query, "category"));
    // Id and name of the one that is being added.
    let adding = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let open = RwSignal::new(false);
    let title = Signal::derive(move || ["Add ", &*adding.1.read()].concat());
    let chips = live(move || {
        let names = templates.value().map(|list| categories(&list.value)).unwrap_or_default();
        let chips = names.into_iter().map(|name| {
            let (this, value) = (name.clone(), name.clone());
            let pressed = live_attribute(move || word(*category.read() == this));
            let choose = move |_| {
                category.update(
                    |chosen| if *chosen == value { chosen.clear() } else { chosen.clone_from(&value) },
                );
            };
            view! { <button type="button" aria-pressed=pressed on:click=handler(choose)>{words(&name)}</button> }
                .into_any()
        });
        chips.collect::<Vec<_>>().into_any()
    });
    let cards = show(templates, move |list: Collection<ApplicationTemplate>| {
        let (search, category) = (search.get(), category.get());
        let found = list.value.into_iter().filter(|template| matches(template, &search, &category));
        let cards = found.map(|template| card(template, applications, adding, open)).collect::<Vec<_>>();
        if cards.is_empty() {
            return nothing_matches();
        }
        view! { <ul class="cards" aria-label="Applications">{cards}</ul> }.into_any()
    });
    view! {
        <PageHead title="Gallery" />
        <div class="toolbar" role="search">
            <div class="grow">
                <TextField label="Search applications" value=search kind="search" placeholder="e.g. Peakon" />
            </div>
        </div>
        <div class="chips" role="group" aria-label="Categories">{chips}</div>
        {cards}
        <Dialog open=open title=title>
            {live(move || view! { <AddApplication id=adding.0.get() name=adding.1.get() open=open /> }.into_any())}
        </Dialog>
    }
    .into_any()
}

fn card(
    template: ApplicationTemplate,
    applications: Remote<Collection<ServicePrincipal>>,
    adding: (RwSignal<String>, RwSignal<String>),
    open: RwSignal<bool>,
) -> AnyView {
    let id = template.id.clone();
    let added = live_option(move || {
        let count = applications.value().map_or(0, |list| {
            list.value.iter().filter(|application| application.application_template_id == id).count()
        });
        (count > 0).then(|| crate::ui::badge::badge(crate::ui::badge::Tone::Good, "Added"))
    });
    let label = format!("Add {}", template.display_name);
    let (name, publisher) = (template.display_name.clone(), template.publisher.clone());
    let (description, page) = (template.description.clone(), template.home_page_url.clone());
    let categories = template.categories.iter().map(|name| view! { <span>{words(name)}</span> }.into_any());
    let categories = categories.collect::<Vec<_>>();
    let add = Callback::new(move |()| {
        adding.0.set(template.id.clone());
        adding.1.set(template.display_name.clone());
        open.set(true);
    });
    let page = page.filter(|page| page.starts_with("https://")).map(|page| {
        let label = format!("Home page of {name}, in a new tab");
        view! { <a href=page rel="noreferrer external" target="_blank" aria-label=label>"Home page"</a> }
            .into_any()
    });
    view! {
        <li class="card">
            <div class="panel-head"><h2>{name}</h2>{added}</div>
            <p class="faint">{publisher}</p>
            <p>{description}</p>
            <div class="chips">{categories}</div>
            <div class="actions"><Button label="Add" name=label icon_name="add" on_click=add changes=true />{page}</div>
        </li>
    }
    .into_any()
}

#[component]
fn AddApplication(id: String, name: String, open: RwSignal<bool>) -> impl IntoView {
    let act = use_act();
    let sending = Sending::new();
    let name = RwSignal::new(name);
    let add = Callback::new(move |name: String| {
        let request = InstantiateRequest { display_name: Some(name) };
        let change =
            Change::post(endpoints::instantiate(&id), &request).stale(endpoints::applications()).close(open);
        act.send_then(sending, change, move |answer| {
            let id = scim::text(answer, &["servicePrincipal", "id"]);
            act.goto(&paths::application(&id, ApplicationTab::Overview));
        });
    });
    view! {
        <NameForm
            label="Name"
            name=name
            hint="As it is called in your organization."
            verb="Add application"
            sending=sending
            open=open
            on_submit=add
        />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(name: &str, categories: &[&str]) -> ApplicationTemplate {
        ApplicationTemplate {
            id: name.to_owned(),
            display_name: name.to_owned(),
            publisher: "Workday".to_owned(),
            description: "Employee surveys".to_owned(),
            categories: categories.iter().map(|name| (*name).to_owned()).collect(),
            home_page_url: None,
            supported_provisioning_types: Vec::new(),
            excludes_default_access: false,
        }
    }

    #[test]
    fn search_looks_at_name_publisher_and_description() {
        let peakon = template("Peakon", &["HR"]);
        for (search, category, found) in [
            ("", "", true),
            ("pea", "", true),
            ("WORKDAY survey", "", true),
            ("slack", "", false),
            ("", "HR", true),
            ("", "IT", false),
        ] {
            assert_eq!(matches(&peakon, search, category), found, "{search:?} {category:?}");
        }
    }

    #[test]
    fn categories_are_listed_once() {
        assert_eq!(categories(&[template("a", &["HR", "IT"]), template("b", &["HR"])]), ["HR", "IT"]);
    }
}
