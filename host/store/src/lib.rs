//! sea-orm entities and queries, reached only through a handle bound to one organisation.
