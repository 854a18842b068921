//! Database migrations: forward only, one set for SQLite and PostgreSQL. A migration that has been released is never
//! edited; what a later version no longer needs is dropped one release after the code stopped using it.

mod dialect;
mod m0001_start;
mod m0002_activities;
mod m0003_events_and_jobs;
mod m0004_secrets_and_webhooks;
mod m0005_life_cycle;
mod m0006_pauses;
mod m0007_notices;
mod m0008_plugin_files;
mod m0009_segments;
mod m0010_member_values;
mod m0011_forms;
mod m0012_memberships;
mod m0013_mailings;
mod m0014_invoices;
mod m0015_gateways;
mod m0016_dues;
mod m0017_saved_methods;
mod m0018_forms_of_plugins;

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::prelude::*;

/// All migrations in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_start::Migration),
            Box::new(m0002_activities::Migration),
            Box::new(m0003_events_and_jobs::Migration),
            Box::new(m0004_secrets_and_webhooks::Migration),
            Box::new(m0005_life_cycle::Migration),
            Box::new(m0006_pauses::Migration),
            Box::new(m0007_notices::Migration),
            Box::new(m0008_plugin_files::Migration),
            Box::new(m0009_segments::Migration),
            Box::new(m0010_member_values::Migration),
            Box::new(m0011_forms::Migration),
            Box::new(m0012_memberships::Migration),
            Box::new(m0013_mailings::Migration),
            Box::new(m0014_invoices::Migration),
            Box::new(m0015_gateways::Migration),
            Box::new(m0016_dues::Migration),
            Box::new(m0017_saved_methods::Migration),
            Box::new(m0018_forms_of_plugins::Migration),
        ]
    }
}
