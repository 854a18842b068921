//! Database migrations, forward only, one set for SQLite and PostgreSQL.
