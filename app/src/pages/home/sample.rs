//! A few invented people, for whoever wants to see how Rollcall works before importing anybody.

use crate::api::endpoints;
use crate::parts::act::{Change, use_act};
use crate::parts::create::Sending;
use crate::ui::button::Button;
use crate::ui::state::message;
use leptos::prelude::*;

/// The import file. `example` is reserved, so no mail reaches anybody.
const PEOPLE: &str = "\
userPrincipalName,displayName,givenName,surname,jobTitle,department,manager,mail,accountEnabled,groups
renee@sample.example,Renée Brontë,Renée,Brontë,Chief Executive,Management,,renee@sample.example,true,Sample people
tariq@sample.example,Tariq Haddad,Tariq,Haddad,Head of Sales,Sales,renee@sample.example,tariq@sample.example,true,Sample people
mei@sample.example,Mei Lin,Mei,Lin,Head of Engineering,Engineering,renee@sample.example,mei@sample.example,true,Sample people
jonas@sample.example,Jonas Berg,Jonas,Berg,Account Manager,Sales,tariq@sample.example,jonas@sample.example,true,Sample people
aino@sample.example,Aino Koski,Aino,Koski,Engineer,Engineering,mei@sample.example,aino@sample.example,true,Sample people
pedro@sample.example,Pedro Alves,Pedro,Alves,Engineer,Engineering,mei@sample.example,pedro@sample.example,false,Sample people
";

/// The offer. The caller shows it only while the directory is empty.
pub(super) fn offer(directory: &str) -> AnyView {
    let (act, sending) = (use_act(), Sending::new());
    let change = Change::csv(endpoints::directory_part(directory, "import"), PEOPLE)
        .said("Sample people were imported")
        .stale(endpoints::directory(directory))
        .stale(endpoints::scim(directory, ""));
    let change = StoredValue::new_local(change);
    let import = Callback::new(move |()| act.send(sending, change.get_value()));
    view! {
        <div class="actions">
            <Button label="Import sample people" icon_name="upload" on_click=import busy=sending.busy changes=true />
        </div>
        <p class="hint">
            "Six invented people at sample.example, in the group Sample people, to try things out with. Only offered while \
            the directory is empty; they can be deleted under People."
        </p>
        {message("bad", move || sending.error.get())}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::PEOPLE;

    #[test]
    fn every_line_has_every_column() {
        let columns = |line: &str| line.split(',').count();
        let mut lines = PEOPLE.lines();
        let head = lines.next().map(columns);
        assert_eq!(head, Some(10));
        assert!(lines.all(|line| Some(columns(line)) == head));
    }
}
