//! What the product does: use cases, their jobs and their tests.
