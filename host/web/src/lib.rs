//! Routes, forms, responses.
