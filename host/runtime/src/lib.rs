//! The plugin engine: packages, manifests, calls, limits and read sets.
