//! The staff's own pages: who is staff, inviting and removing.

use crate::fields::{Fields, form};
use crate::visiting::Visiting;
use crate::{AppState, Problem, Web};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tsudoi_kernel::ids::parse_uuid;
use tsudoi_kernel::{AccountId, Permission};
use tsudoi_services::ServiceError;
use tsudoi_services::staff::{StaffError, StaffMember};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin/staff", get(list))
        .route("/admin/staff/invite", post(invite))
        .route("/admin/staff/invitations/withdraw", post(withdraw))
        .route("/admin/staff/{account}/remove", get(confirm_removal).post(remove))
}

type Answer = Result<Response, Problem>;

/// A permission that can be given, with its name for people.
struct Given {
    key: String,
    label: String,
}

async fn list(State(web): State<AppState>, visiting: Visiting) -> Answer {
    visiting.require_staff(Permission::STAFF)?;
    page(&web, &visiting, &Fields::new(Vec::new()), &[]).await
}

async fn invite(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    visiting.require_staff(Permission::STAFF)?;
    let known: BTreeSet<String> = permissions(&web, &visiting).await?.into_iter().map(|given| given.key).collect();
    let chosen: BTreeSet<Permission> = fields.all("permissions").filter(|key| known.contains(*key)).map(Permission::new).collect();
    let invited = web.services.invite_staff_as(&visiting.visit, fields.get("email"), fields.get("display_name"), chosen).await;
    match invited {
        Ok(()) => Ok(web.go("/admin/staff", "flash-staff-invited")),
        Err(ServiceError::Invalid(faults)) => page(&web, &visiting, &fields, &faults).await,
        Err(error) => Err(error.into()),
    }
}

async fn withdraw(State(web): State<AppState>, visiting: Visiting, fields: Fields) -> Answer {
    visiting.require_staff(Permission::STAFF)?;
    let id = parse_uuid(fields.get("id")).map_err(|_| Problem::NotFound)?;
    web.services.withdraw_invitation(&visiting.visit, id).await?;
    Ok(web.go("/admin/staff", "flash-invitation-withdrawn"))
}

async fn confirm_removal(State(web): State<AppState>, visiting: Visiting, Path(account): Path<String>) -> Answer {
    visiting.require_staff(Permission::STAFF)?;
    let account: AccountId = account.parse().map_err(|_| Problem::NotFound)?;
    let staff = web.services.staff(&visiting.visit).await?;
    let person = staff.iter().find(|staff| staff.account == account).ok_or(Problem::NotFound)?;
    removal_page(&web, &visiting, StatusCode::OK, person, "")
}

async fn remove(State(web): State<AppState>, visiting: Visiting, Path(account): Path<String>, _fields: Fields) -> Answer {
    visiting.require_staff(Permission::STAFF)?;
    let account: AccountId = account.parse().map_err(|_| Problem::NotFound)?;
    match web.services.remove_staff(&visiting.visit, account).await {
        // Whoever removed themselves has no staff area to go back to.
        Ok(()) if is_self(&visiting, account) => Ok(web.go("/", "flash-staff-removed")),
        Ok(()) => Ok(web.go("/admin/staff", "flash-staff-removed")),
        Err(StaffError::LastOwner) => {
            let staff = web.services.staff(&visiting.visit).await?;
            let person = staff.iter().find(|staff| staff.account == account).ok_or(Problem::NotFound)?;
            let message = web.look.message(visiting.locale(), "staff-remove-last", &json!({}));
            removal_page(&web, &visiting, StatusCode::UNPROCESSABLE_ENTITY, person, &message)
        }
        Err(StaffError::Service(error)) => Err(error.into()),
    }
}

fn removal_page(web: &Web, visiting: &Visiting, status: StatusCode, person: &StaffMember, error: &str) -> Answer {
    let own = json!({
        "person": { "id": person.account.to_string(), "name": person.display_name, "you": is_self(visiting, person.account) },
        "error": error,
    });
    Ok(web.admin_page(visiting, status, "staff-remove.html", "staff", own))
}

fn is_self(visiting: &Visiting, account: AccountId) -> bool {
    visiting.visit.session.as_ref().is_some_and(|session| session.account == account)
}

/// The host's permissions and those of the plugins that are switched on.
async fn permissions(web: &Web, visiting: &Visiting) -> Result<Vec<Given>, Problem> {
    let locale = visiting.locale();
    let host = Permission::HOST
        .iter()
        .map(|key| Given { key: (*key).to_owned(), label: web.look.message(locale, &format!("permission-{key}"), &json!({})) });
    let mut all: Vec<Given> = host.collect();
    for summary in web.services.plugin_switchboard(&web.services.of(&visiting.visit)).await? {
        if !summary.installed.as_ref().is_some_and(|(installation, _)| installation.enabled) {
            continue;
        }
        let manifest = &summary.manifest;
        for permission in &manifest.staff_permissions {
            let names = json!({ "plugin": manifest.name.get(locale), "name": permission.label.get(locale) });
            all.push(Given {
                key: Permission::of_plugin(&manifest.id, &permission.name).as_str().to_owned(),
                label: web.look.message(locale, "permission-of-plugin", &names),
            });
        }
    }
    Ok(all)
}

async fn page(web: &Web, visiting: &Visiting, fields: &Fields, faults: &[(String, &'static str)]) -> Answer {
    let visitor = visiting.visitor();
    let known = permissions(web, visiting).await?;
    let label = |permission: &Permission| {
        let given = known.iter().find(|given| given.key == permission.as_str());
        given.map_or_else(|| permission.as_str().to_owned(), |given| given.label.clone())
    };
    let staff = web.services.staff(&visiting.visit).await?;
    let owners = staff.iter().filter(|staff| staff.is_owner()).count();
    let person = |person: &StaffMember| {
        let removable = !person.is_owner() || (owners > 1 && visitor.may(Permission::OWNER));
        json!({
            "id": person.account.to_string(),
            "name": person.display_name,
            "email": person.email,
            "permissions": person.permissions.iter().map(label).collect::<Vec<_>>(),
            "since": person.created.as_i64(),
            "you": is_self(visiting, person.account),
            "removable": removable,
        })
    };
    let invitations = web.services.invitations(&visiting.visit).await?;
    let invitations: Vec<Value> = invitations
        .iter()
        .map(|invitation| {
            json!({
                "id": invitation.id.to_string(),
                "name": invitation.display_name,
                "email": invitation.email,
                "permissions": invitation.permissions.iter().map(label).collect::<Vec<_>>(),
                "expires": invitation.expires.as_i64(),
            })
        })
        .collect();
    let chosen: BTreeSet<&str> = fields.all("permissions").collect();
    // Only what the visitor holds can be given.
    let choices: Vec<Value> = known
        .iter()
        .filter(|given| visitor.may(&given.key))
        .map(|given| json!({ "key": given.key, "label": given.label, "checked": chosen.contains(given.key.as_str()) }))
        .collect();
    let errors: Vec<(&str, String)> =
        faults.iter().map(|(field, key)| (field.as_str(), web.look.message(visiting.locale(), key, &json!({})))).collect();
    let own = json!({
        "staff": staff.iter().map(person).collect::<Vec<_>>(),
        "invitations": invitations,
        "choices": choices,
        "form": form(&["email", "display_name", "permissions"], fields, &errors),
    });
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(web.admin_page(visiting, status, "staff.html", "staff", own))
}
