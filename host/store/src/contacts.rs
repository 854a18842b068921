//! Phone numbers, further mail addresses and postal addresses of members. They are written whole: a member has few.

use crate::sql::Sql;
use crate::{ChangeTransaction, OrganisationStore, StoreError};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use tsudoi_kernel::MemberId;
use tsudoi_kernel::contact::{Contact, ContactKind, Contacts, Place, PostalAddress};
use uuid::Uuid;

#[derive(FromQueryResult)]
struct ContactRow {
    kind: String,
    place: String,
    value: String,
}

#[derive(FromQueryResult)]
struct AddressRow {
    place: String,
    country: String,
    postal_code: String,
    region: String,
    locality: String,
    street: String,
    building: String,
}

fn place(text: &str) -> Result<Place, StoreError> {
    text.parse().map_err(|_| StoreError::Broken(format!("{text} is no place")))
}

async fn contacts_of<C: ConnectionTrait>(sql: &Sql<'_, C>, organisation: Uuid, member: MemberId) -> Result<Contacts, StoreError> {
    let key = || -> [Value; 2] { [organisation.into(), member.0.into()] };
    let select = "SELECT kind, place, value FROM member_contacts WHERE organisation_id = $1 AND member_id = $2 ORDER BY position";
    let contact = |row: ContactRow| {
        let kind = if row.kind == ContactKind::Email.as_str() { ContactKind::Email } else { ContactKind::Phone };
        Ok(Contact { kind, place: place(&row.place)?, value: row.value })
    };
    let contacts = sql.all::<ContactRow>(select, key()).await?.into_iter().map(contact).collect::<Result<_, StoreError>>()?;
    let select = "SELECT place, country, postal_code, region, locality, street, building FROM member_addresses
         WHERE organisation_id = $1 AND member_id = $2 ORDER BY position";
    let address = |row: AddressRow| {
        Ok(PostalAddress {
            place: place(&row.place)?,
            country: row.country,
            postal_code: row.postal_code,
            region: row.region,
            locality: row.locality,
            street: row.street,
            building: row.building,
        })
    };
    let addresses = sql.all::<AddressRow>(select, key()).await?.into_iter().map(address).collect::<Result<_, StoreError>>()?;
    Ok(Contacts { contacts, addresses })
}

impl OrganisationStore {
    pub async fn contacts(&self, member: MemberId) -> Result<Contacts, StoreError> {
        contacts_of(&self.store.read(), self.id.0, member).await
    }
}

impl ChangeTransaction {
    /// As they are within this transaction.
    pub async fn current_contacts(&self, member: MemberId) -> Result<Contacts, StoreError> {
        contacts_of(&self.sql(), self.organisation().0, member).await
    }

    /// Makes these all that the member has.
    pub async fn set_contacts(&mut self, member: MemberId, contacts: &Contacts) -> Result<(), StoreError> {
        for table in ["member_contacts", "member_addresses"] {
            let delete = format!("DELETE FROM {table} WHERE organisation_id = $1 AND member_id = $2");
            self.sql().execute(&delete, [self.organisation().0.into(), member.0.into()]).await?;
        }
        self.add_contacts(member, contacts).await
    }

    /// For a member who has none yet.
    pub(crate) async fn add_contacts(&self, member: MemberId, contacts: &Contacts) -> Result<(), StoreError> {
        let key = |position: i64| -> [Value; 3] { [self.organisation().0.into(), member.0.into(), position.into()] };
        for (contact, position) in contacts.contacts.iter().zip(0..) {
            let insert = "INSERT INTO member_contacts (organisation_id, member_id, position, kind, place, value, plain)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)";
            let values: [Value; 4] =
                [contact.kind.as_str().into(), contact.place.as_str().into(), contact.value.as_str().into(), contact.plain().into()];
            self.sql().execute(insert, key(position).into_iter().chain(values)).await?;
        }
        for (address, position) in contacts.addresses.iter().zip(0..) {
            let insert = "INSERT INTO member_addresses
                    (organisation_id, member_id, position, place, country, postal_code, region, locality, street, building)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
            let place = Value::from(address.place.as_str());
            let parts = [&address.country, &address.postal_code, &address.region, &address.locality, &address.street, &address.building];
            let parts = parts.map(|part| Value::from(part.as_str()));
            self.sql().execute(insert, key(position).into_iter().chain([place]).chain(parts)).await?;
        }
        Ok(())
    }
}
