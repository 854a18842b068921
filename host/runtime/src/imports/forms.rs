//! `forms`: the forms that staff made for plugins, so that a page of the plugin can offer them and lead members to one.

use crate::bindings::forms::Host;
use crate::bindings::types;
use crate::state::{CallState, Refusal, answered};
use tsudoi_kernel::changes::{FORMS, Read};
use tsudoi_kernel::form::PlacedForm;

const INTERFACE: &str = "forms";

impl Host for CallState {
    async fn offered(&mut self) -> wasmtime::Result<Result<Vec<String>, types::Error>> {
        self.enter(0)?;
        let forms = self.offered_forms().await;
        if let Ok(forms) = &forms {
            self.count_read(forms.len())?;
            self.carry(forms.iter().map(String::len).sum())?;
        }
        answered(forms)
    }
}

impl CallState {
    async fn offered_forms(&mut self) -> Result<Vec<String>, Refusal> {
        self.may_use(INTERFACE)?;
        let organisation = self.context.organisation.id;
        let found = self.ask(move |data| async move { data.forms(organisation).await }).await?;
        self.read(Read::Fact(FORMS.to_owned()), found.number);
        Ok(found.value.iter().map(|form| PlacedForm::offered(form).to_string()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Kind;
    use crate::testing::Bench;
    use serde_json::{Value, json};

    async fn offered(state: &mut CallState) -> Result<Vec<Value>, String> {
        let forms = Host::offered(state).await.unwrap().map_err(|error| error.code)?;
        Ok(forms.iter().map(|form| serde_json::from_str(form).unwrap()).collect())
    }

    #[tokio::test]
    async fn forms_for_plugins_are_shown_with_what_they_ask() {
        let bench = Bench::new().permit("forms");
        bench.data.add_form(1, "register");
        let mut state = bench.state(Kind::Query);
        let form = &offered(&mut state).await.unwrap()[0];
        assert_eq!((&form["address"], &form["title"]["ja"], &form["open"]), (&json!("register"), &json!("申し込み"), &json!(true)));
        assert_eq!(
            form["fields"],
            json!([{ "key": "f", "kind": "text", "label": { "ja": "食べられないもの" } }]),
            "and not what was retired"
        );
        assert!(state.reads.iter().any(|(read, _)| *read == Read::Fact(FORMS.into())));
    }

    #[tokio::test]
    async fn a_plugin_without_the_grant_sees_no_form() {
        let bench = Bench::new().permit("forms");
        bench.data.add_form(1, "register");
        assert_eq!(offered(&mut bench.grant(&["store"]).state(Kind::Query)).await, Err("not-granted".into()));
    }
}
